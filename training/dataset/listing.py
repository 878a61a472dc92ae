"""Folders of images with one subfolder a class: what is there, without opening a single image."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from training.errors import InvalidInput
from training.text import one_line

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
# Other images that people have: named when they are passed over, since a class that misses half its files trains badly.
FOREIGN_SUFFIXES = frozenset({".tif", ".tiff", ".webp", ".gif", ".avif", ".heic", ".npy", ".dcm"})
SPLIT_NAMES = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})
LAYOUT = "Point data.path at a folder with one subfolder of PNG, JPEG or BMP images a class."


Side = Literal["train", "val", "test"]


@dataclass(frozen=True)
class Listing:
    """The images of a folder, sorted by class and path."""

    root: Path
    classes: tuple[str, ...]
    """Names of the class folders as the file system has them, undecodable bytes as surrogates; `shown` prints them."""
    paths: tuple[str, ...]
    """Relative to `root`, with `/`."""
    labels: tuple[int, ...]
    sizes: tuple[int, ...]
    """Bytes."""
    mtimes: tuple[int, ...] = ()
    """Nanoseconds; what tells a changed file from its cached pixels."""
    sides: tuple[Side, ...] | None = None
    """Which side of a ready-made split each image is on; None where the split is still to be made."""
    groups: tuple[str, ...] | None = None
    """What each image belongs to (a patient, a video); images of one group stay on one side."""
    empty: tuple[str, ...] = ()
    """Subfolders without an image; they are no classes."""
    foreign: int = 0
    """Files of other image formats, passed over."""

    @property
    def counts(self) -> list[int]:
        """Images of each class."""
        found = Counter(self.labels)
        return [found[label] for label in range(len(self.classes))]

    @property
    def fingerprint(self) -> str:
        """Tells one state of the folder from another by every path and size; a copy of the folder has the same."""
        digest = sha256()
        for path, size in zip(self.paths, self.sizes, strict=True):
            digest.update(os.fsencode(path) + b"\x00%d\n" % size)
        return f"sha256:{digest.hexdigest()}"


def shown(name: str) -> str:
    """A file or class name that any terminal and any JSON can carry."""
    return one_line(os.fsencode(name).decode("utf-8", "replace"))


def list_images(path: Path) -> Listing:
    """The images below `path`. Raises InvalidInput for a folder that cannot be trained on, with what to do about it."""
    try:
        folders = sorted((entry.name, entry.path) for entry in os.scandir(path) if _is_class(entry))
        found = {name: sorted(_files(folder)) for name, folder in folders}
    except FileNotFoundError as error:
        raise InvalidInput(f"{shown(str(error.filename))}: no such folder.", LAYOUT) from error
    except NotADirectoryError as error:
        raise InvalidInput(f"{shown(str(path))} is a file, not a folder.", LAYOUT) from error
    except OSError as error:
        raise InvalidInput(f"{shown(str(error.filename or path))}: cannot be read: {error.strerror}.") from error
    listing = _listing(path, found)
    _check(listing)
    return listing


def _listing(root: Path, found: dict[str, list[tuple[str, int, int]]]) -> Listing:
    chosen = {name: [file for file in files if _suffix(file[0]) in SUFFIXES] for name, files in found.items()}
    classes = tuple(name for name, files in chosen.items() if files)
    rows = [
        (f"{name}/{path}", label, size, mtime)
        for label, name in enumerate(classes)
        for path, size, mtime in chosen[name]
    ]
    return Listing(
        root=root,
        classes=classes,
        paths=tuple(row[0] for row in rows),
        labels=tuple(row[1] for row in rows),
        sizes=tuple(row[2] for row in rows),
        mtimes=tuple(row[3] for row in rows),
        empty=tuple(name for name, files in chosen.items() if not files),
        foreign=sum(_suffix(path) in FOREIGN_SUFFIXES for files in found.values() for path, *_ in files),
    )


def _check(listing: Listing) -> None:
    where = shown(str(listing.root))
    lowered = {name.lower() for name in listing.classes}
    if lowered and lowered <= SPLIT_NAMES and lowered & {"train", "training"}:
        raise InvalidInput(
            f"{where} holds a ready-made split ({', '.join(sorted(listing.classes))}), which is not read yet.",
            "Point data.path at its training folder; the validation share is split off it.",
        )
    if not listing.classes and listing.foreign:
        raise InvalidInput(
            f"{where}: none of its {listing.foreign} images is PNG, JPEG or BMP.", "Convert them to one of these."
        )
    if not listing.classes:
        loose = sum(_suffix(entry.name) in SUFFIXES for entry in os.scandir(listing.root))
        what = f"{loose} images, but none in a class folder" if loose else "no images"
        raise InvalidInput(f"{where} holds {what}.", LAYOUT)
    if len(listing.classes) == 1:
        raise InvalidInput(
            f"{where} holds images of one class only ({shown(listing.classes[0])}).",
            "A classifier needs two or more class folders.",
        )
    for name, count in zip(listing.classes, listing.counts, strict=True):
        if count < 2:
            raise InvalidInput(
                f"{where}: class {shown(name)} has one image; training and validation need one each.",
                "Add images to it, or remove its folder.",
            )


def _is_class(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and _is(entry.is_dir)


def _is(asked: Callable[[], bool]) -> bool:
    """The answer; no for a link that leads round to itself, which is as broken as one that leads nowhere."""
    try:
        return asked()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return False
        raise


def _suffix(path: str) -> str:
    _, dot, suffix = path.rpartition(".")
    return f"{dot}{suffix}".lower()


def _files(
    folder: str, below: str = "", seen: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[tuple[str, int, int]]:
    """Path, size and mtime of every file below a class folder; links are followed, but never round in a circle."""
    status = Path(folder).stat()
    mark = (status.st_dev, status.st_ino)
    if mark in seen:
        return
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue
        if _is(entry.is_dir):
            yield from _files(entry.path, f"{below}{entry.name}/", seen | {mark})
        elif _is(entry.is_file):
            status = entry.stat()
            yield below + entry.name, status.st_size, status.st_mtime_ns
