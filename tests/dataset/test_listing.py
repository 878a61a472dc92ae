"""What a folder holds, found without opening an image: also asked before a launch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import MakeFolder, image
from training.dataset.listing import list_images, shown
from training.errors import InvalidInput


def test_images_are_listed_by_class_and_name_wherever_they_lie_below_their_class(make_folder: MakeFolder) -> None:
    root = make_folder(b=2, a=2)
    (root / "b" / "more" / "still more").mkdir(parents=True)
    image().save(root / "b" / "more" / "still more" / "x.JPG", "JPEG")
    (root / "b" / "notes.txt").write_text("no image")
    (root / ".hidden").mkdir()
    (root / "a" / ".thumb.png").write_bytes(b"")
    listing = list_images(root)
    assert listing.classes == ("a", "b")
    assert listing.paths == ("a/00.png", "a/01.png", "b/00.png", "b/01.png", "b/more/still more/x.JPG")
    assert listing.labels == (0, 0, 1, 1, 1)


def test_links_are_followed_but_not_round_in_a_circle(make_folder: MakeFolder, tmp_path: Path) -> None:
    root = make_folder(a=2)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    image().save(elsewhere / "1.png")
    image().save(elsewhere / "2.png")
    (root / "b").symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(elsewhere)
    (elsewhere / "dangling.png").symlink_to(tmp_path / "nowhere")
    (elsewhere / "itself.png").symlink_to("itself.png")
    (root / "itself").symlink_to("itself")
    assert list_images(root).paths == ("a/00.png", "a/01.png", "b/1.png", "b/2.png")


def test_the_fingerprint_follows_names_and_sizes(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    before = list_images(root).fingerprint
    assert list_images(root).fingerprint == before
    (root / "a" / "00.png").rename(root / "a" / "09.png")
    renamed = list_images(root).fingerprint
    (root / "a" / "09.png").write_bytes(b"shorter")
    assert len({before, renamed, list_images(root).fingerprint}) == 3


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere: no such folder.*subfolder"):
        list_images(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="is a file"):
        list_images(tmp_path / "file")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no images"):
        list_images(tmp_path)


def test_images_without_class_folders_are_refused(tmp_path: Path) -> None:
    image().save(tmp_path / "1.png")
    with pytest.raises(InvalidInput, match="1 images, but none in a class folder"):
        list_images(tmp_path)


def test_a_single_class_is_refused(make_folder: MakeFolder) -> None:
    with pytest.raises(InvalidInput, match=r"one class only \(cat\)"):
        list_images(make_folder(cat=5))


def test_a_class_of_one_image_is_refused(make_folder: MakeFolder) -> None:
    with pytest.raises(InvalidInput, match="class dog has one image"):
        list_images(make_folder(cat=5, dog=1))


def test_a_ready_made_split_is_not_mistaken_for_classes(make_folder: MakeFolder) -> None:
    with pytest.raises(InvalidInput, match="ready-made split"):
        list_images(make_folder(train=3, val=3))


def test_other_image_formats_are_counted_and_named(make_folder: MakeFolder) -> None:
    root = make_folder(a=2, b=2)
    (root / "a" / "x.webp").write_bytes(b"x")
    (root / "c").mkdir()
    (root / "c" / "y.tiff").write_bytes(b"y")
    listing = list_images(root)
    assert (listing.foreign, listing.empty) == (2, ("c",))


def test_names_are_shown_without_control_characters() -> None:
    assert shown("a\x1b[31mb\udcff") == "ab\N{REPLACEMENT CHARACTER}"
