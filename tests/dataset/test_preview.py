"""A look at a data set before it is trained on: counts from the list of files, sizes from some of their headers."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.conftest import MakeFolder
from tests.dataset.files import PNG_RGB, png16, tiff
from tests.drawing import image
from training.config.data import Data
from training.config.schema import Runtime, TrainingConfig
from training.dataset import preview
from training.dataset.decode import Decoded, Recipe, decode, header
from training.dataset.decode import Header as FoundHeader
from training.dataset.headers import look, spread_evenly
from training.dataset.known import known
from training.dataset.listing import Side
from training.dataset.preview import ClassCount, Extent, Preview, of_listing, side_sizes
from training.dataset.source import list_source
from training.dataset.split import make_split
from training.engine.ask.data import answer
from training.engine.data.digits import load_digits
from training.errors import InvalidInput


def settings(**data: object) -> Data:
    return msgspec.convert({"source": "folder", "path": "x", **data}, Data)


def test_classes_are_counted_and_the_guides_loss_for_their_ratio_is_known(make_folder: MakeFolder) -> None:
    found = of_listing(list_source(settings(), make_folder(rare=2, common=9), 0))
    assert [(entry.name, entry.images) for entry in found.classes] == [("common", 9), ("rare", 2)]
    assert (found.images, found.ratio, found.losses) == (11, 4.5, ("Auto Class Weights", "None"))


def test_of_a_ready_made_split_only_the_training_images_count_for_the_ratio(tmp_path: Path) -> None:
    for side, name, count in (("train", "a", 6), ("train", "b", 3), ("val", "a", 1), ("val", "b", 4)):
        (tmp_path / side / name).mkdir(parents=True)
        for number in range(count):
            image(number).save(tmp_path / side / name / f"{number}.png")
    found = of_listing(list_source(settings(), tmp_path, 0))
    assert (found.ready, found.to_train, found.ratio) == (("train", "val"), [6, 3], 2.0)
    assert side_sizes(found, settings()) == {"train": 9, "val": 5, "test": 0}


@given(
    counts=st.lists(st.integers(3, 40), min_size=2, max_size=5),
    val=st.floats(0.01, 0.9),
    test=st.sampled_from([0.0, 0.05, 0.3, 0.95]),
    ready=st.sampled_from([(), ("val",), ("test",), ("val", "test")]),
)
def test_the_sides_are_as_large_as_the_split_makes_them(
    counts: list[int], val: float, test: float, ready: tuple[Side, ...]
) -> None:
    data = settings(val_fraction=val, test_fraction=test)
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    sides: dict[int | str, Side] | None = None
    if ready:
        sides = dict.fromkeys(range(len(labels)), "train")
        for side in ready:
            sides |= {len(labels) + place: side for place in range(len(counts))}
            labels += range(len(counts))
    split = make_split(
        range(len(labels)), labels, fraction=val, test_fraction=test, seed=0, fingerprint="", sides=sides
    )
    classes = tuple(
        ClassCount(str(label), count + len(ready), {"train": count, **dict.fromkeys(ready, 1)} if ready else {})
        for label, count in enumerate(counts)
    )
    found = Preview(classes, ("train", *ready) if ready else ())
    assert side_sizes(found, data) == {"train": len(split.train), "val": len(split.val), "test": len(split.test)}


@pytest.mark.parametrize("changes", [{}, {"subset": 10}, {"subset": 0.1}, {"val_fraction": 0.4, "test_fraction": 0.2}])
def test_the_digits_are_known_without_a_child_as_training_would_load_them(changes: dict[str, Any]) -> None:
    data = msgspec.convert(changes, Data)
    found, samples = preview.digits(data), load_digits(data, 8, 0)
    labels = Counter(samples.labels[list(samples.row_of.values())].tolist())
    assert [entry.images for entry in found.classes] == [labels[digit] for digit in range(10)]
    assert preview.facts(found, data) == known(TrainingConfig(data=data), None)


def test_hints_of_the_editor_and_of_the_check_verb_know_the_same(make_folder: MakeFolder) -> None:
    root = make_folder(a=30, b=7, c=3)
    for changes in ({}, {"test_fraction": 0.3}, {"classes": ["a", "b"]}, {"subset": 20}):
        data = settings(**changes)
        found = of_listing(list_source(data, root, 3))
        assert preview.facts(found, data) == known(TrainingConfig(data=data, runtime=Runtime(seed=3)), root)


def test_what_is_passed_over_is_said(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=3)
    (root / "a" / "gone.png").symlink_to("nowhere")
    (root / "a" / "moving.gif").write_bytes(b"GIF89a")
    (root / "loose.png").write_bytes(b"")
    (root / "void").mkdir()
    assert of_listing(list_source(settings(), root, 0)).notes == (
        "1 link to nowhere: a/gone.png",
        "1 file of other image formats left out",
        "1 image beside the class folders left out",
        "no image in void",
    )


# Headers


def test_sizes_and_modes_are_those_in_the_files(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    image(size=(100, 20)).save(root / "a" / "wide.png")
    Image.new("RGB", (12, 40), "red").save(root / "b" / "tall.jpg")
    (root / "b" / "empty.png").write_bytes(b"")
    looked = look(list_source(settings(), root, 0), "image")
    assert (looked.width, looked.height) == (Extent(12, 12, 100), Extent(10, 10, 40))
    assert (looked.images, looked.distinct, looked.modes) == (7, 3, {"L": 5, "RGB": 1})
    assert [(file.path, file.why) for file in looked.unread] == [("b/empty.png", "an empty file")]


def test_a_header_says_what_decoding_would(tmp_path: Path) -> None:
    sideways = Image.Exif()
    sideways[0x0112] = 6
    image(size=(9, 5)).save(tmp_path / "turned.jpg", exif=sideways)
    image(size=(9, 5)).save(tmp_path / "turned.png", exif=sideways)
    image(size=(9, 5)).save(tmp_path / "turned.tiff", exif=sideways)
    image(size=(9, 5), mode="RGBA").save(tmp_path / "clear.webp")
    image(size=(9, 5), mode="P").save(tmp_path / "palette.bmp")
    (tmp_path / "deep.png").write_bytes(png16(PNG_RGB, (1, 2, 3)))
    (tmp_path / "deep.tiff").write_bytes(tiff(b"\x01\x02", bits=16, photometric=1))
    files = sorted(path.name for path in tmp_path.iterdir())
    assert len(files) == 7
    for name in files:
        found, decoded = header(tmp_path, name, "image"), decode(tmp_path, name, Recipe(8))
        assert isinstance(found, FoundHeader)
        assert isinstance(decoded, Decoded)
        assert (name, found.size, found.mode) == (name, decoded.size, decoded.mode)


@pytest.mark.parametrize("size", [1, 31, 640, 64_000, 3_000_000, 20_000_000])
def test_a_binary_is_as_large_as_it_would_be_drawn(tmp_path: Path, size: int) -> None:
    with (tmp_path / "a.exe").open("wb") as file:
        file.truncate(size)
    found, drawn = header(tmp_path, "a.exe", "byteplot"), decode(tmp_path, "a.exe", Recipe(8, kind="byteplot"))
    assert isinstance(found, FoundHeader)
    assert isinstance(drawn, Decoded)
    assert (found.size, found.mode) == (drawn.size, drawn.mode)


@given(counts=st.lists(st.integers(1, 60), min_size=1, max_size=12), most=st.integers(1, 80))
def test_images_that_are_looked_at_are_spread_evenly_over_the_classes(counts: list[int], most: int) -> None:
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    rows = spread_evenly(labels, most)
    assert rows == sorted(set(rows))
    assert len(rows) <= most
    looked = Counter(labels[row] for row in rows)
    if most >= len(counts):
        quota = max(looked.values())
        assert all(looked[label] >= min(count, quota) for label, count in enumerate(counts))
        # Not even one more of each class that has one would fit.
        more = sum(count > quota for count in counts)
        assert not more or len(rows) + more > most
    else:
        assert len(rows) == most


def test_of_a_large_class_images_from_end_to_end_are_looked_at() -> None:
    rows = spread_evenly([0] * 1000, 10)
    assert rows == [50, 150, 250, 350, 450, 550, 650, 750, 850, 950]


# The child


def test_the_counts_come_before_the_images_have_been_looked_at(make_folder: MakeFolder) -> None:
    told: list[dict[str, Any]] = []
    root = make_folder(a=3, b=4)
    arguments = {"data": msgspec.to_builtins(settings()), "path": str(root), "seed": 0}
    found = msgspec.convert(answer(arguments, told.append), Preview)
    first = msgspec.convert(told[0]["preview"], Preview)
    assert (first.images, first.looked) == (7, None)
    assert found.looked is not None
    assert msgspec.structs.replace(found, looked=None) == first
    assert found.grey is True


def test_a_folder_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    arguments = {"data": msgspec.to_builtins(settings()), "path": str(tmp_path / "lost"), "seed": 0}
    with pytest.raises(InvalidInput, match="no such folder") as caught:
        answer(arguments, lambda said: None)
    assert caught.value.remedy


def test_the_child_that_looks_at_data_loads_no_torch() -> None:
    code = (
        "import sys; import training.engine.ask.process; from training.engine.ask.questions import find_answer\n"
        "find_answer('data')\n"
        "print([name for name in ('torch', 'torchvision', 'numpy', 'textual') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
