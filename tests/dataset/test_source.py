"""What a config's data section leaves of a source: classes, groups and subset."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from training.config.data import Data
from training.dataset.listing import Listing
from training.dataset.source import guess_source, list_source
from training.errors import InvalidInput


def files(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"1234")
    return root


def classes(root: Path, prefix: str = "", **counts: int) -> Path:
    return files(root, *(f"{prefix}{name}/{n:03}.png" for name, count in counts.items() for n in range(count)))


def found(path: Path, seed: int = 0, **data: Any) -> Listing:
    return list_source(msgspec.convert({"source": "folder", **data}, Data), path, seed)


def refused(path: Path, **data: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        found(path, **data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({}, ""),
        ({"classes": ["a"]}, "data.classes"),
        ({"classes": ["a", "lost"]}, "data.classes"),
        ({"groups": "("}, "data.groups"),
        ({"groups": "p9"}, "data.groups"),
        ({"groups": "^(a|b/.*)"}, "data.groups"),
        ({"source": "manifest", "groups": "lost"}, "data.groups"),
    ],
)
def test_a_refusal_names_the_key_that_is_at_fault(tmp_path: Path, data: dict[str, Any], key: str) -> None:
    root = classes(tmp_path, a=3, b=3) if data else classes(tmp_path, a=3)
    (root / "list.csv").write_text("path,label\na/000.png,x\nb/000.png,y\n")
    with pytest.raises(InvalidInput) as caught:
        found(root / "list.csv" if data.get("source") else root, **data)
    assert caught.value.key == key


def test_of_a_ready_made_split_that_breaks_groups_the_groups_are_at_fault(tmp_path: Path) -> None:
    files(tmp_path, *(f"{side}/{name}/p1_{side}.png" for side in ("train", "val") for name in "ab"))
    with pytest.raises(InvalidInput) as caught:
        found(tmp_path, groups="p1")
    assert caught.value.key == "data.groups"


def test_each_source_lists_what_it_means(tmp_path: Path) -> None:
    files(tmp_path, "a/1.png", "a/2.png", "a/x.bin", "b/1.png", "b/2.png")
    (tmp_path / "list.csv").write_text("path,label\na/1.png,x\nb/1.png,y\na/2.png,x\nb/2.png,y\n")
    assert len(found(tmp_path).paths) == 4
    assert len(found(tmp_path, source="byteplot").paths) == 5
    assert found(tmp_path / "list.csv", source="manifest").classes == ("x", "y")


def test_a_path_tells_its_source(tmp_path: Path) -> None:
    files(tmp_path, "list.CSV", "list.tsv", "image.png")
    assert guess_source(tmp_path) == "folder"
    assert {guess_source(tmp_path / name) for name in ("list.CSV", "list.tsv")} == {"manifest"}
    with pytest.raises(InvalidInput, match=r"image\.png is neither a folder nor a CSV manifest"):
        guess_source(tmp_path / "image.png")
    with pytest.raises(InvalidInput, match="nowhere: no such file or folder"):
        guess_source(tmp_path / "nowhere")


# Classes


def test_only_the_classes_that_are_named_are_kept_sorted_by_name(tmp_path: Path) -> None:
    listing = found(classes(tmp_path, ant=1, bee=2, cat=3), classes=["cat", "bee"])
    assert (listing.classes, listing.counts) == (("bee", "cat"), [2, 3])
    assert listing.labels == (0, 0, 1, 1, 1)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["cat", "dgo"], "no class dgo, which data.classes names. Did you mean dog?"),
        (["cat", "zebra"], "no class zebra, which data.classes names. Its classes are cat and dog."),
        (["cat"], "data.classes names one class only"),
        ([], "data.classes names no class"),
    ],
)
def test_classes_that_are_no_choice_are_refused(tmp_path: Path, named: list[str], said: str) -> None:
    assert said in refused(classes(tmp_path, cat=3, dog=3), classes=named)


# Groups


def test_a_pattern_on_the_path_names_the_group(tmp_path: Path) -> None:
    files(tmp_path, "a/p1_x.png", "a/p2_x.png", "a/loner.png", "b/p1_y.png", "b/p3_y.png")
    assert found(tmp_path, groups=r"p(\d)_").groups == ("a/loner.png", "1", "2", "1", "3")
    assert found(tmp_path, groups=r"p\d").groups == ("a/loner.png", "p1", "p2", "p1", "p3")


def test_groups_that_cannot_be_told_are_refused(tmp_path: Path) -> None:
    classes(tmp_path, cat=3, dog=3)
    assert "data.groups is no regular expression" in refused(tmp_path, groups="(")
    assert "(p9) matches no path; one of them is cat/000.png" in refused(tmp_path, groups="p9")
    assert "class cat has images of one group only" in refused(tmp_path, groups="^(cat|dog/.*)")


def test_a_group_on_two_sides_of_a_ready_made_split_is_refused(tmp_path: Path) -> None:
    files(tmp_path, "train/a/p1.png", "train/b/p2.png", "val/a/p2.png")
    assert "group p2 has images for" in refused(tmp_path, groups=r"p\d")


# Subset


def test_a_subset_is_the_same_share_of_every_class_by_the_seed(tmp_path: Path) -> None:
    classes(tmp_path, a=100, b=30, c=3)
    some = found(tmp_path, subset=10)
    assert some.counts == [10, 3, 2]
    assert found(tmp_path, subset=10) == some
    assert found(tmp_path, seed=1, subset=10).paths != some.paths
    assert set(some.paths) < set(found(tmp_path, subset=20).paths)


def test_a_subset_leaves_enough_for_every_side(tmp_path: Path) -> None:
    classes(tmp_path, a=100, b=100)
    assert found(tmp_path, subset=0.1).counts == [2, 2]
    assert found(tmp_path, subset=0.1, test_fraction=0.1).counts == [3, 3]


def test_a_subset_is_taken_of_each_side_of_a_ready_made_split(tmp_path: Path) -> None:
    for side, count in (("train", 40), ("val", 20), ("test", 2)):
        classes(tmp_path, f"{side}/", a=count, b=count)
    listing = found(tmp_path, subset=10)
    assert Counter(listing.sides) == {"train": 8, "val": 4, "test": 2}


def test_a_subset_keeps_groups_whole(tmp_path: Path) -> None:
    names = [f"{label}/p{patient:02}_{n}.png" for label in "ab" for patient in range(20) for n in range(5)]
    listing = found(files(tmp_path, *names), subset=20, groups=r"p\d+")
    assert listing.groups is not None
    assert set(Counter(listing.groups).values()) == {10}
    assert listing.counts == [20, 20]
