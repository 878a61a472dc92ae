"""Training on folders of images: names, files that cannot be read, and folders that change."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from PIL import Image

from tests.engine.conftest import MakeFolder, MakeRun, Run, image
from training.runs.events import Attempt, End, Log


def run_on(make_run: MakeRun, root: Path, extra: str = "") -> Run:
    path = msgspec.json.encode(os.fsencode(root).decode("utf-8")).decode()
    return make_run(
        f"epochs: 1\nbatch_size: 8\ndata: {{source: folder, path: {path}, image_size: 8{extra}}}\n"
        "model: {blocks: [{filters: 4}], dense_layers: []}\n"
    )


def test_class_names_with_spaces_and_odd_characters_train_like_any_other(make_run: MakeRun, tmp_path: Path) -> None:
    root = tmp_path / "my images"
    names = [b"two words", "größe 猫".encode(), b"[red]x", b"esc\x1b[31m", b"not utf-8 \xff", b"a'b\"c: {}"]
    for number, name in enumerate(names):
        folder = os.fsencode(root) + b"/" + name
        Path(os.fsdecode(folder)).mkdir(parents=True)
        for index in range(3):
            image(40 * number).save(os.fsdecode(folder + b"/%d.png" % index))
    run = run_on(make_run, root)
    assert run.train() == 0
    classes = run.one(Attempt).facts["classes"]
    assert {"two words", "größe 猫", "[red]x", "a'b\"c: {}"} <= set(classes)
    assert not any("\x1b" in name for name in classes)


def test_a_folder_trains_and_its_split_names_the_files(make_run: MakeRun, make_folder: MakeFolder) -> None:
    run = run_on(make_run, make_folder(cat=10, dog=10))
    assert run.train() == 0
    facts = run.one(Attempt).facts
    assert (facts["classes"], facts["class_counts"], facts["n_val"]) == (["cat", "dog"], [8, 8], 4)
    assert b'"cat/0' in run.folder.split.read_bytes()


def test_unreadable_images_are_counted_named_and_left_out(make_run: MakeRun, make_folder: MakeFolder) -> None:
    root = make_folder(cat=10, dog=10)
    (root / "cat" / "00.png").write_bytes(b"no image")
    Image.new("F", (8, 8)).save(root / "dog" / "03.tif")
    run = run_on(make_run, root)
    assert run.train() == 0
    (warning,) = [event.message for event in run.of(Log) if event.level == "warning"]
    assert warning.startswith("2 images cannot be read")
    assert "cat/00.png (not a PNG, JPEG, BMP, TIFF or WebP image)" in warning
    assert "dog/03.tif (floating-point" in warning
    assert run.one(Attempt).facts["n_train"] + run.one(Attempt).facts["n_val"] == 19


def test_a_class_of_which_nothing_can_be_read_fails_the_run(make_run: MakeRun, make_folder: MakeFolder) -> None:
    root = make_folder(cat=4, dog=4)
    for path in (root / "dog").iterdir():
        path.write_bytes(b"no image")
    run = run_on(make_run, root)
    assert run.train() == 1
    assert "Class dog has no readable image" in run.one(End).reason


def test_a_folder_that_changed_since_the_split_fails_the_run(make_run: MakeRun, make_folder: MakeFolder) -> None:
    root = make_folder(cat=4, dog=4)
    first = run_on(make_run, root)
    first.train()
    image().save(root / "dog" / "new.png")
    again = Run(first.folder)
    assert again.train() == 1
    assert "data have changed" in again.of(End)[-1].reason


def warnings_of(run: Run) -> list[str]:
    assert run.train() == 0
    return [event.message for event in run.of(Log) if event.level == "warning"]


def test_what_is_left_out_is_warned_of_one_or_several(make_run: MakeRun, make_folder: MakeFolder) -> None:
    root = make_folder(cat=10, dog=10)
    (root / "dog" / "itself.png").symlink_to("itself.png")
    (root / "cat" / "moving.gif").touch()
    image().save(root / "beside.png")
    assert warnings_of(run_on(make_run, root)) == [
        "1 link leads nowhere and is left out: dog/itself.png.",
        "Left out: 1 file is not PNG, JPEG, BMP, TIFF or WebP.",
        "Left out: 1 image lies beside the class folders.",
    ]


def test_a_named_cache_folder_that_is_passed_over_is_warned_of(
    make_run: MakeRun, make_folder: MakeFolder, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (where,) = warnings_of(run_on(make_run, make_folder(cat=10, dog=10), f", cache_dir: {tmp_path / 'file'}"))
    assert "in memory" in where
    assert f"The cache folder {tmp_path / 'file'} cannot be made" in where


def test_images_that_are_drawn_byte_by_byte_are_warned_of(make_run: MakeRun, make_folder: MakeFolder) -> None:
    data = f"{{source: byteplot, path: {make_folder(cat=4, dog=4)}, image_size: 8}}"
    run = make_run(f"epochs: 1\nbatch_size: 8\ndata: {data}\nmodel: {{blocks: [{{filters: 4}}], dense_layers: []}}\n")
    (warning,) = warnings_of(run)
    assert "use source: folder" in warning
