"""What a data set holds and what is wrong with it, as facts."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from tests.conftest import MakeFolder
from tests.drawing import image
from training.config.data import Data
from training.config.schema import Runtime, TrainingConfig
from training.dataset.preview import Extent, Unread
from training.dataset.source import list_source
from training.dataset.split import make_split
from training.dataset.survey import Survey, survey


def look(root: Path, seed: int = 0, workers: int = 1, **data: object) -> Survey:
    settings = msgspec.convert({"source": "folder", "path": "x", "image_size": 8, **data}, Data)
    config = TrainingConfig(data=settings, runtime=Runtime(seed=seed))
    listing = list_source(settings, root, seed)
    return survey(listing, config, workers=workers, progress=lambda done, total: None)


def test_classes_are_counted_and_the_guides_loss_for_their_ratio_is_named(make_folder: MakeFolder) -> None:
    found = look(make_folder(rare=2, common=9))
    assert [(entry.name, entry.count) for entry in found.classes] == [("common", 9), ("rare", 2)]
    assert (found.ratio, found.losses) == (4.5, ("Auto Class Weights", "None"))


def test_sizes_and_modes_are_those_in_the_files(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    image(size=(100, 20)).save(root / "a" / "wide.png")
    Image.new("RGB", (12, 40), "red").save(root / "b" / "tall.jpg")
    found = look(root)
    assert (found.width, found.height) == (Extent(12, 12, 100), Extent(10, 10, 40))
    assert (found.distinct_sizes, found.modes) == (3, {"L": 5, "RGB": 1})


def test_mean_and_deviation_are_of_the_pixels_that_training_would_see(tmp_path: Path) -> None:
    for name, colour in (("a", (255, 0, 51)), ("b", (0, 0, 51))):
        (tmp_path / name).mkdir()
        for number in range(2):
            Image.new("RGB", (9, 9), colour).save(tmp_path / name / f"{number}.png")
    found = look(tmp_path)
    assert found.mean == pytest.approx((0.5, 0, 0.2))
    assert found.std == pytest.approx((0.5, 0, 0))
    Image.new("L", (9, 9), 255).save(tmp_path / "a" / "grey.png")  # counts in every channel
    assert look(tmp_path).mean == pytest.approx((0.6, 0.2, 0.36))
    assert look(tmp_path, color="grey").mean[0] == pytest.approx((2 * 82 + 2 * 6 + 255) / 5 / 255, abs=0.002)


def test_unreadable_files_are_named_and_count_in_no_class(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=3)
    (root / "a" / "01.png").write_bytes(b"")
    (root / "b" / "gone.png").symlink_to("nowhere.png")
    found = look(root)
    assert found.unreadable == (
        Unread("a/01.png", "an empty file"),
        Unread("b/gone.png", "link leads nowhere"),
    )
    assert [entry.count for entry in found.classes] == [2, 3]
    assert found.images == 5


def test_links_that_lead_nowhere_are_told_of_the_wanted_classes_only(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=3, c=3)
    for name in "bc":
        (root / name / "gone.png").symlink_to("nowhere.png")
    assert [file.path for file in look(root, classes=["a", "b"]).unreadable] == ["b/gone.png"]


def test_the_same_file_in_one_class_is_told_from_a_conflict_of_labels(make_folder: MakeFolder) -> None:
    root = make_folder(a=4, b=4)
    shutil.copy(root / "a" / "00.png", root / "a" / "copy.png")
    shutil.copy(root / "a" / "01.png", root / "b" / "copy.png")
    same = look(root).duplicates
    assert same.within_class == (("a/00.png", "a/copy.png"),)
    assert same.across_classes == (("a/01.png", "b/copy.png"),)


def test_what_the_seeds_split_would_put_on_both_sides_has_leaked(make_folder: MakeFolder) -> None:
    root = make_folder(a=10, b=10)
    shutil.copy(root / "a" / "00.png", root / "a" / "copy.png")
    leaked = {}
    for seed in range(6):
        listing = list_source(Data(source="folder", path="x"), root, seed)
        split = make_split(listing.paths, listing.labels, fraction=0.5, seed=seed, fingerprint="")
        found = look(root, seed, val_fraction=0.5)
        assert found.split_by == f"seed {seed}"
        leaked[seed] = bool(found.duplicates.across_sides)
        assert leaked[seed] == (("a/00.png" in split.train) != ("a/copy.png" in split.train))
    assert set(leaked.values()) == {True, False}


def test_a_ready_made_split_is_counted_by_side_and_searched_for_leaks(tmp_path: Path, make_folder: MakeFolder) -> None:
    root = make_folder(a=6, b=4)
    split = tmp_path / "split"
    for side, first, end in (("train", 0, 3), ("val", 3, 6)):
        for path in sorted(root.rglob("*.png")):
            if first <= int(path.stem) < end:
                (split / side / path.parent.name).mkdir(parents=True, exist_ok=True)
                shutil.copy(path, split / side / path.parent.name)
    shutil.copy(root / "a" / "00.png", split / "val" / "a" / "leaked.png")
    found = look(split)
    assert [entry.sides for entry in found.classes] == [{"train": 3, "val": 4}, {"train": 3, "val": 1}]
    assert (found.split_by, found.ratio) == ("ready-made", 1.0)
    assert found.duplicates.across_sides == (("train/a/00.png", "val/a/leaked.png"),)


def test_what_cannot_be_split_is_said_with_everything_else(make_folder: MakeFolder) -> None:
    root = make_folder(a=3, b=2)
    (root / "b" / "00.png").write_bytes(b"no image")
    found = look(root)
    assert "b" in found.split_problem
    assert (found.split_by, found.ratio) == ("", 3.0)


def test_binaries_are_looked_at_as_they_would_be_drawn(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(2):
            (tmp_path / name / f"{number}.exe").write_bytes(bytes([number]) * (6400 if name == "a" else 64000))
    found = look(tmp_path, source="byteplot")
    assert (found.modes, found.width) == ({"bytes": 4}, Extent(32, 144, 256))
    assert found.notes == ()
    for number in range(4):
        image(number).save(tmp_path / "a" / f"{number}.png")
    assert not look(tmp_path, source="byteplot").notes  # half of them
    image().save(tmp_path / "a" / "more.PNG")
    (note,) = look(tmp_path, source="byteplot").notes
    assert "use source: folder" in note


def test_processes_find_what_this_one_finds(make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_folder(a=90, b=80)
    (root / "a" / "07.png").write_bytes(b"no image")
    alone = look(root)
    monkeypatch.setattr("training.dataset.survey.processes_for", lambda sizes, workers: workers)
    assert look(root, workers=2) == alone


def test_a_survey_travels_between_processes_as_json(make_folder: MakeFolder) -> None:
    found = look(make_folder(a=3, b=3))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Survey) == found


def test_progress_may_end_it(make_folder: MakeFolder) -> None:
    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == total:
            raise Enough

    listing = list_source(Data(source="folder", path="x"), make_folder(a=3, b=3), 0)
    with pytest.raises(Enough):
        survey(listing, TrainingConfig(data=Data(source="folder", path="x")), workers=1, progress=stop)
