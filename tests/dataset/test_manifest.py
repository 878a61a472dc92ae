"""Manifests: what a CSV of paths and labels says, and every way in which it can be wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from training.dataset.manifest import list_manifest
from training.errors import InvalidInput


def manifest(folder: Path, text: str | bytes, *files: str, name: str = "list.csv") -> Path:
    """A manifest and files of a few bytes beside it."""
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"1234")
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(path: Path, column: str | None = None) -> str:
    with pytest.raises(InvalidInput) as caught:
        list_manifest(path, column)
    return str(caught.value)


def test_images_are_listed_by_class_and_path_relative_to_the_manifest(tmp_path: Path) -> None:
    text = "path,label\nimg/2.png,dog\n./img//1.png,dog\n\nfar away/3.png,cat\n"
    listing = list_manifest(manifest(tmp_path, text, "img/1.png", "img/2.png", "far away/3.png"))
    assert (listing.root, listing.classes) == (tmp_path, ("cat", "dog"))
    assert listing.paths == ("far away/3.png", "img/1.png", "img/2.png")
    assert listing.labels == (0, 1, 1)
    assert (listing.sides, listing.groups) == (None, None)
    status = (tmp_path / "img" / "1.png").stat()
    assert (listing.sizes[1], listing.mtimes[1]) == (4, status.st_mtime_ns)


def test_an_absolute_path_stays_one(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "1.png"
    (tmp_path / "here").mkdir()
    manifest(tmp_path, "", "elsewhere/1.png")
    path = manifest(tmp_path / "here", f"path,label\n{elsewhere},a\n2.png,b\n", "2.png")
    assert list_manifest(path).paths == (str(elsewhere), "2.png")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["path,label", " File ,CLASS", "filename,target", "image,label"])
def test_delimiter_and_column_names_are_told_from_the_header(tmp_path: Path, header: str, delimiter: str) -> None:
    text = f"{header}\n1.png,a\n2.png,b\n".replace(",", delimiter)
    listing = list_manifest(manifest(tmp_path, text, "1.png", "2.png"))
    assert (listing.paths, listing.classes) == (("1.png", "2.png"), ("a", "b"))


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_byte_order_mark_and_line_ends_make_no_difference(tmp_path: Path, start: bytes, end: bytes) -> None:
    text = start + end.join([b"path,label", '"a, ü.png",größe'.encode(), b"2.png,b"])
    assert list_manifest(manifest(tmp_path, text, "a, ü.png", "2.png")).classes == ("b", "größe")


def test_a_file_name_that_is_no_utf8_is_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.png")
    assert list_manifest(manifest(tmp_path, b"path,label\n\xff.png,a\n2.png,b\n", name, "2.png")).paths[0] == name


def test_the_split_column_gives_sides_and_the_group_column_groups(tmp_path: Path) -> None:
    rows = ["1.png,a,train,p1", "2.png,b,Training,", "3.png,a,valid,p3", "4.png,b,TEST,p4", "5.png,b,testing,p4"]
    path = manifest(tmp_path, "\n".join(["path,label,split,patient", *rows]), *(f"{n}.png" for n in range(1, 6)))
    listing = list_manifest(path, "patient")
    assert listing.sides == ("train", "val", "train", "test", "test")
    assert listing.groups == ("p1", "p3", "2.png", "p4", "p4")


def test_the_fingerprint_follows_class_and_side(tmp_path: Path) -> None:
    files = ("1.png", "2.png", "3.png")
    texts = ["1.png,a,train\n2.png,b,train\n3.png,b,val", "1.png,a,train\n2.png,a,train\n3.png,b,val"]
    texts.append(texts[0].replace("val", "test"))
    found = {list_manifest(manifest(tmp_path, f"path,label,split\n{text}", *files)).fingerprint for text in texts}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list.csv is empty"),
        ("path,label\n", "list.csv names no image"),
        ("name,label\n1.png,a\n", "list.csv:1: no column path; there are name and label"),
        ("path,kind\n1.png,a\n", "list.csv:1: no column label"),
        ("path,label\n1.png,a\n2.png,\n", "list.csv:3: the label is empty"),
        ("file,class\n1.png,a\n,b\n", "list.csv:3: the file is empty"),
        ("path,label\n1.png,a\n2.png\n", "list.csv:3: the label is empty"),
        ("path,label\n1.png,a\n2,5.png,b\n", "list.csv:3: 3 values, but the header names 2"),
        ("path,label\n1.png,a\n2.png,b\n\n./1.png,b\n", "list.csv:5: 1.png is on line 2 already"),
        ("path,label,split\n1.png,a,dev\n", "list.csv:2: dev is no side of a split"),
        ("path,label,split\n1.png,a,\n", "list.csv:2: the split is empty"),
        ("path,label\n1.png,a\n8.png,a\n9.png,b\n", "list.csv:3: 8.png is not there; 2 of its 3 files"),
        ("path,label\n1.png,a\nfolder,b\n", "list.csv:3: folder is no file"),
        ("path,label\nfolder\\1.png,a\n", "Write paths with /"),
        ("path,label\n1.png,a\nü.png,b\n".encode("latin-1"), "not in UTF-8: save it as a CSV file in UTF-8"),
        ('path,label\n1.png,a\n"2.png,b\n' + "x" * 140_000, "list.csv:4: not readable as CSV"),
        ("path,label\n1.png,a\n".encode("utf-16"), "list.csv is no text in UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    (tmp_path / "folder").mkdir()
    assert said in refused(manifest(tmp_path, text, "1.png", "2.png"))


def test_a_manifest_that_is_not_there_or_is_a_folder_is_named(tmp_path: Path) -> None:
    assert "none.csv: no such file" in refused(tmp_path / "none.csv")
    assert "is a folder" in refused(tmp_path)


def test_a_group_column_that_is_missing_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = manifest(tmp_path, "path,label,patient\n1.png,a,p\n", "1.png")
    assert "list.csv:1: no column patients for data.groups" in refused(path, "patients")
    assert "Did you mean patient?" in refused(path, "patients")
