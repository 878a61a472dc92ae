"""Folders of images as samples: what is read, what is refused by name, and training on it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
import torch
from PIL import Image
from training.engine.folder import Decoded, Unreadable, decode, load_folder

from tests.engine.conftest import MakeFolder, MakeRun, Run, image
from training.config.schema import Data
from training.errors import TraindeckError
from training.runs.events import Attempt, End, Log


def run_on(make_run: MakeRun, root: Path, extra: str = "") -> Run:
    path = msgspec.json.encode(os.fsencode(root).decode("utf-8")).decode()
    return make_run(
        f"epochs: 1\nbatch_size: 8\ndata: {{source: folder, path: {path}, image_size: 8{extra}}}\n"
        "model: {blocks: [{filters: 4}], dense_layers: []}\n"
    )


def load(root: Path, **data: object) -> torch.Tensor:
    settings = msgspec.convert({"source": "folder", "image_size": 8, **data}, Data)
    return load_folder(root, settings, threads=1, between=lambda done, total: None).samples.images


def read(root: Path, name: str, color: str = "auto") -> Decoded:
    found = decode(root, name, 8, color)
    assert isinstance(found, Decoded), found
    return found


def refused(root: Path, name: str) -> str:
    found = decode(root, name, 8, "auto")
    assert isinstance(found, Unreadable)
    return found.why


# Decoding


def test_grey_palette_and_rgb_images_are_read_in_their_colours(tmp_path: Path) -> None:
    red = Image.new("RGB", (8, 8), (200, 10, 20))
    red.save(tmp_path / "rgb.png")
    red.convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "palette.png")
    red.save(tmp_path / "rgb.bmp")
    image(100, size=(8, 8)).save(tmp_path / "grey.png")
    image(100, size=(8, 8)).convert("P").save(tmp_path / "grey palette.png")
    image(255, size=(8, 8)).convert("1").save(tmp_path / "one bit.png")
    for name in ("rgb.png", "palette.png", "rgb.bmp"):
        assert read(tmp_path, name) == Decoded(bytes([200, 10, 20]) * 64, 3, False)
    assert read(tmp_path, "grey.png") == Decoded(image(100, size=(8, 8)).tobytes(), 1, False)
    assert read(tmp_path, "grey palette.png") == read(tmp_path, "grey.png")
    assert set(read(tmp_path, "one bit.png").pixels) == {0, 255}


def test_jpeg_is_read_close_to_what_was_saved(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), (200, 10, 20)).save(tmp_path / "x.jpg", quality=95)
    pixels = read(tmp_path, "x.jpg").pixels
    assert all(abs(value - (200, 10, 20)[i % 3]) < 4 for i, value in enumerate(pixels))


def test_transparency_is_laid_over_white_and_said(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("RGBA", (8, 8), (1, 2, 3, 255)).save(tmp_path / "opaque.png")
    Image.new("LA", (8, 8), (0, 0)).save(tmp_path / "grey.png")
    Image.new("P", (8, 8), 0).save(tmp_path / "palette.png", transparency=0)
    assert read(tmp_path, "clear.png") == Decoded(b"\xff" * 192, 3, True)
    assert read(tmp_path, "opaque.png") == Decoded(bytes([1, 2, 3]) * 64, 3, False)
    assert read(tmp_path, "grey.png") == Decoded(b"\xff" * 64, 1, True)
    assert read(tmp_path, "palette.png").transparent


def test_an_image_that_was_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("L", (8, 8), 0)
    picture.paste(255, (0, 0, 4, 8))  # the left half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    picture.save(tmp_path / "x.png", exif=exif)
    assert read(tmp_path, "x.png").pixels == b"\xff" * 32 + b"\x00" * 32


def test_sixteen_bits_are_refused_by_name_grey_or_not(tmp_path: Path) -> None:
    Image.new("I;16", (8, 8), 40000).save(tmp_path / "grey.png")
    # Pillow writes no 16-bit RGB; a header that says so is enough, since it is asked before any pixel.
    content = bytearray((tmp_path / "grey.png").read_bytes())
    content[25] = 2
    (tmp_path / "rgb.png").write_bytes(content)
    assert "16-bit" in refused(tmp_path, "grey.png")
    assert "16-bit" in refused(tmp_path, "rgb.png")


def test_cmyk_is_refused_by_name(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8)).save(tmp_path / "x.jpg")
    assert "CMYK" in refused(tmp_path, "x.jpg")


@pytest.mark.parametrize("keep", [0, 1, 10, 30, 60])
def test_a_damaged_file_is_refused_wherever_it_breaks_off(tmp_path: Path, keep: int) -> None:
    for suffix in ("png", "jpg", "bmp"):
        image(size=(30, 30)).save(tmp_path / f"whole.{suffix}")
        (tmp_path / f"cut.{suffix}").write_bytes((tmp_path / f"whole.{suffix}").read_bytes()[:keep])
        assert refused(tmp_path, f"cut.{suffix}")


def test_one_image_in_colour_makes_all_of_them_rgb(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    assert load(root).shape == (4, 1, 8, 8)
    Image.new("RGB", (8, 8), (9, 8, 7)).save(root / "b" / "99.png")
    mixed = load(root)
    assert mixed.shape == (5, 3, 8, 8)
    assert torch.equal(mixed[0, 0], mixed[0, 2])
    assert mixed[4, :, 0, 0].tolist() == [9, 8, 7]
    assert load(root, color="grey").shape == (5, 1, 8, 8)


# Training


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
    Image.new("I;16", (8, 8)).save(root / "dog" / "03.png")
    run = run_on(make_run, root)
    assert run.train() == 0
    (warning,) = [event.message for event in run.of(Log) if event.level == "warning"]
    assert warning.startswith("2 images cannot be read")
    assert "cat/00.png (not a PNG, JPEG or BMP image)" in warning
    assert "dog/03.png (16-bit" in warning
    assert run.one(Attempt).facts["n_train"] + run.one(Attempt).facts["n_val"] == 18


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
    first.folder.events.unlink()
    assert again.train() == 1
    assert "data have changed" in again.one(End).reason


def test_images_that_do_not_fit_into_memory_are_refused_before_any_is_read(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    settings = msgspec.convert({"source": "folder", "image_size": 2048}, Data)

    class Little:
        available = 1 << 20

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("psutil.virtual_memory", Little)
        with pytest.raises(TraindeckError, match=r"need .* GiB of memory"):
            load_folder(root, settings, threads=1, between=lambda done, total: None)
