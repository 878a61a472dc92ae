"""What the hints know of a data set is what the split will leave to train on."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import training
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.dataset.known import known
from training.dataset.split import make_split
from training.guide.hint import Facts

SHIPPED = Path(training.__file__).parent / "digits" / "digits.csv.gz"


def labels_of_digits() -> list[int]:
    return [int(line.rpartition(",")[2]) for line in gzip.decompress(SHIPPED.read_bytes()).decode().split()]


def files(folder: Path, counts: dict[str, int]) -> Path:
    """Empty files will do: none is opened."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            (folder / name / f"{number}.png").touch()
    return folder


def config(**patch: Any) -> TrainingConfig:
    return apply(TrainingConfig(), {f"data.{key}": value for key, value in patch.items()})


@pytest.mark.parametrize("shares", [{}, {"test_fraction": 0.1}, {"val_fraction": 0.35, "test_fraction": 0.15}])
def test_as_many_digits_are_known_as_the_split_leaves(shares: dict[str, float]) -> None:
    given, labels = config(**shares), labels_of_digits()
    split = make_split(
        range(len(labels)),
        labels,
        fraction=given.data.val_fraction,
        test_fraction=given.data.test_fraction,
        seed=0,
        fingerprint="",
    )
    assert known(given, None) == Facts(class_ratio=183 / 174, n_train=len(split.train), classes=10)


def test_a_subset_of_the_digits_keeps_three_of_each() -> None:
    assert known(config(subset=0.1), None) == Facts(class_ratio=1.0, n_train=20, classes=10)
    assert known(config(subset=50), None).n_train == sum(
        round(count / 2) - round(round(count / 2) / 5) for count in Counter(labels_of_digits()).values()
    )


def test_a_folder_is_known_as_the_split_leaves_it(tmp_path: Path) -> None:
    folder = files(tmp_path / "images", {"common": 63, "rare": 3})
    given = config(source="folder", path="images", test_fraction=0.2)
    assert known(given, folder) == Facts(class_ratio=21.0, n_train=63 - 13 - 13 + 1, classes=2)


def test_a_ready_made_split_is_known_as_it_is(tmp_path: Path) -> None:
    for side, counts in (("train", {"a": 10, "b": 5}), ("val", {"a": 4, "b": 4})):
        files(tmp_path / "images" / side, counts)
    given = config(source="folder", path="images")
    assert known(given, tmp_path / "images") == Facts(class_ratio=2.0, n_train=15, classes=2)


def test_where_only_the_test_is_ready_made_the_validation_still_comes_off_the_training_images(tmp_path: Path) -> None:
    for side, counts in (("train", {"a": 10, "b": 5}), ("test", {"a": 4, "b": 4})):
        files(tmp_path / "images" / side, counts)
    assert known(config(source="folder", path="images"), tmp_path / "images").n_train == 15 - 2 - 1


def test_a_path_beside_the_digits_counts_for_nothing(tmp_path: Path) -> None:
    assert known(config(path="images"), tmp_path / "images").classes == 10


def test_files_without_a_place_tell_nothing() -> None:
    assert known(config(source="folder", path="images"), None) == Facts()
