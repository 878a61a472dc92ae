"""What a folder holds, found without opening an image: also asked before a launch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import MakeFolder
from tests.drawing import image
from training.dataset.byteplot import list_binaries
from training.dataset.folder import list_folder
from training.dataset.listing import check, shown
from training.errors import InvalidInput


def touch(root: Path, *names: str) -> Path:
    """Files of a few bytes: no listing looks into them."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"1234")
    return root


def test_images_are_listed_by_class_and_name_wherever_they_lie_below_their_class(make_folder: MakeFolder) -> None:
    root = make_folder(b=2, a=2)
    (root / "b" / "more" / "still more").mkdir(parents=True)
    image().save(root / "b" / "more" / "still more" / "x.JPG", "JPEG")
    (root / "b" / "notes.txt").write_text("no image")
    (root / ".hidden").mkdir()
    (root / "a" / ".thumb.png").write_bytes(b"")
    listing = list_folder(root)
    assert listing.classes == ("a", "b")
    assert listing.paths == ("a/00.png", "a/01.png", "b/00.png", "b/01.png", "b/more/still more/x.JPG")
    assert listing.labels == (0, 0, 1, 1, 1)
    status = (root / listing.paths[4]).stat()
    assert (listing.sizes[4], listing.mtimes[4]) == (status.st_size, status.st_mtime_ns)
    assert listing.sides is None


def test_every_format_that_is_read_is_listed_and_others_are_counted(tmp_path: Path) -> None:
    read = ["1.png", "2.jpg", "3.jpeg", "4.bmp", "5.tif", "6.TIFF", "7.WebP"]
    touch(tmp_path, *(f"a/{name}" for name in read), "a/8.gif", "a/9.dcm", "a/notes.txt", "b/1.png", "c/1.heic")
    listing = list_folder(tmp_path)
    assert listing.paths == (*(f"a/{name}" for name in read), "b/1.png")
    assert (listing.foreign, listing.empty) == (3, ("c",))


def test_links_are_followed_but_not_round_in_a_circle(make_folder: MakeFolder, tmp_path: Path) -> None:
    root = make_folder(a=2)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    image().save(elsewhere / "1.png")
    image().save(elsewhere / "2.png")
    (root / "b").symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(elsewhere)
    (elsewhere / "up").symlink_to(root)
    (elsewhere / "dangling.png").symlink_to(tmp_path / "nowhere")
    (elsewhere / "itself.png").symlink_to("itself.png")
    (elsewhere / "notes").symlink_to(tmp_path / "nowhere")
    (root / "itself").symlink_to("itself")
    listing = list_folder(root)
    assert listing.paths == ("a/00.png", "a/01.png", "b/1.png", "b/2.png")
    assert listing.broken == ("b/dangling.png", "b/itself.png")
    assert list_binaries(root).broken == ("b/dangling.png", "b/itself.png", "b/notes")


def test_a_folder_of_nothing_but_links_that_lead_nowhere_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").symlink_to("gone")
    with pytest.raises(InvalidInput, match=r"no images, but a link that leads nowhere: a/1\.png"):
        list_folder(tmp_path)


def test_names_that_are_no_utf8_are_kept_as_they_are(tmp_path: Path) -> None:
    name = os.fsdecode(b"not utf-8 \xff")
    touch(tmp_path, f"{name}/two words.png", "größe 猫/1.png")
    listing = list_folder(tmp_path)
    assert listing.paths == ("größe 猫/1.png", f"{name}/two words.png")
    assert listing.fingerprint.startswith("sha256:")


def test_the_fingerprint_follows_names_and_sizes(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    before = list_folder(root).fingerprint
    assert list_folder(root).fingerprint == before
    (root / "a" / "00.png").rename(root / "a" / "09.png")
    renamed = list_folder(root).fingerprint
    (root / "a" / "09.png").write_bytes(b"shorter")
    assert len({before, renamed, list_folder(root).fingerprint}) == 3


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere: no such folder.*subfolder"):
        list_folder(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="is a file"):
        list_folder(tmp_path / "file")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "holds no images"),
        (["1.png"], "1 image, but none in a class folder"),
        (["a/1.gif", "b/1.gif"], "none of its 2 images is PNG"),
        (["train/a/1.png", "train/b/1.png"], "images in the folder train only"),
        (["train/1.png", "val/1.png"], r"ready-made split \(train and val\), but train has no class subfolders"),
        (["train/a/1.png", "test/1.png"], "but test has no class subfolders"),
        (["train/a/1.png", "val/a/1.png", "more/1.png"], "beside it more with images"),
        (["train/a/1.png", "val/a/1.png", "Valid/a/1.png"], "two of these are the same side"),
        (["val/a/1.png", "test/a/1.png"], "without a training folder"),
    ],
)
def test_a_folder_of_another_layout_is_refused_with_what_it_holds(tmp_path: Path, files: list[str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        list_folder(touch(tmp_path, *files))
    assert caught.value.remedy


def test_a_single_class_is_refused(make_folder: MakeFolder) -> None:
    with pytest.raises(InvalidInput, match=r"here holds images of one class only \(cat\)"):
        check(list_folder(make_folder(cat=5)), "here")


@pytest.mark.parametrize(
    ("dogs", "test", "said"),
    [
        (1, False, "class dog has one image; training and validation need one each"),
        (2, True, "class dog has 2 images; training, validation and test need one each"),
    ],
)
def test_a_class_too_small_to_be_on_every_side_is_refused(
    make_folder: MakeFolder, dogs: int, test: bool, said: str
) -> None:
    listing = list_folder(make_folder(cat=5, dog=dogs))
    with pytest.raises(InvalidInput, match=said):
        check(listing, "here", test=test)


def test_images_beside_the_class_folders_are_counted(tmp_path: Path) -> None:
    plain = list_folder(touch(tmp_path / "plain", "a/1.png", "b/1.png", "cover.png", "notes.txt"))
    split = list_folder(touch(tmp_path / "split", "train/a/1.png", "train/b/1.png", "train/x.png", "val/a/1.png"))
    assert (plain.loose, split.loose) == (1, 1)
    assert len(split.paths) == 3


# Ready-made splits


def test_a_ready_made_split_is_one_listing_with_the_side_of_each_image(tmp_path: Path) -> None:
    touch(tmp_path, "Train/a/1.png", "Train/b/x y/2.png", "VALIDATION/b/3.png", "testing/a/4.png", "notes/x.txt")
    (tmp_path / "Train" / "nothing").mkdir()
    listing = list_folder(tmp_path)
    assert listing.classes == ("a", "b")
    assert listing.paths == ("Train/a/1.png", "testing/a/4.png", "Train/b/x y/2.png", "VALIDATION/b/3.png")
    assert listing.labels == (0, 0, 1, 1)
    assert listing.sides == ("train", "test", "train", "val")
    assert listing.empty == ("Train/nothing",)
    check(listing, "here")


def test_without_validation_folder_each_class_needs_two_images_to_train_on(tmp_path: Path) -> None:
    listing = list_folder(touch(tmp_path, "train/a/1.png", "train/a/2.png", "train/b/1.png", "test/b/2.png"))
    assert listing.sides == ("train", "train", "test", "train")
    with pytest.raises(InvalidInput, match="class b has one image"):
        check(listing, "here")


def test_a_class_that_is_validated_but_never_trained_is_refused(tmp_path: Path) -> None:
    listing = list_folder(touch(tmp_path, "train/a/1.png", "train/b/1.png", "val/c/1.png"))
    with pytest.raises(InvalidInput, match="class c has images to validate on but none to train on"):
        check(listing, "here")


def test_a_class_may_be_called_train_among_others(tmp_path: Path) -> None:
    listing = list_folder(touch(tmp_path, "bus/1.png", "train/1.png"))
    assert (listing.classes, listing.sides) == (("bus", "train"), None)


# Binaries


def test_every_file_is_a_binary_but_the_hidden_ones(tmp_path: Path) -> None:
    files = ["a/setup.exe", "a/no suffix", "a/deep/lib.so.1", "b/1.gif", "b/2"]
    listing = list_binaries(touch(tmp_path, *files, "a/.hidden", ".git/x", "README"))
    assert set(listing.paths) == set(files)
    assert listing.foreign == 0
    split = list_binaries(touch(tmp_path / "split", "train/a/1", "train/b/1", "val/a/2"))
    assert split.sides == ("train", "val", "train")


def test_binaries_without_class_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"1 file, but none in a class folder.*binaries"):
        list_binaries(touch(tmp_path, "setup.exe"))


def test_names_are_shown_without_control_characters() -> None:
    assert shown("a\x1b[31mb\udcff") == "ab\N{REPLACEMENT CHARACTER}"
