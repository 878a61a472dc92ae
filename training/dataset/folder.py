"""Folders with one subfolder a class, or with such folders for training, validation and test."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.config.problems import listed
from training.dataset.listing import SIDE_NAMES, Listing, Side, shown
from training.errors import InvalidInput

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
# Other images that people have: named when they are passed over, since a class that misses half its files trains badly.
FOREIGN_SUFFIXES = frozenset(
    {".gif", ".avif", ".heic", ".heif", ".jp2", ".jxl", ".svg", ".ppm", ".pgm", ".tga", ".npy", ".npz", ".dcm"}
)
FORMATS = "PNG, JPEG, BMP, TIFF or WebP"

_File = tuple[str, int, int]
"""Path below its class folder, size in bytes, mtime in nanoseconds."""


@dataclass(frozen=True)
class Sought:
    """What counts as a sample."""

    what: str
    layout: str
    """A sentence that says how the folder has to look."""
    suffixes: frozenset[str] | None
    """In lower case; None where every file counts."""

    def takes(self, name: str) -> bool:
        return self.suffixes is None or _suffix(name) in self.suffixes


IMAGES = Sought("images", f"Point data.path at a folder with one subfolder of {FORMATS} images a class.", SUFFIXES)


@dataclass
class _Classes:
    """The class folders of one folder, and what else is in it."""

    files: dict[str, list[_File]] = field(default_factory=dict)
    """By class folder, sorted; folders without a sample are here too."""
    broken: list[str] = field(default_factory=list)
    """Links that lead nowhere, relative to the one folder."""
    loose: int = 0
    foreign: int = 0
    other: int = 0
    """Files in class folders that are neither samples nor other images."""


def list_folder(path: Path, sought: Sought = IMAGES) -> Listing:
    """The samples below `path`, hidden ones left out. Raises InvalidInput where it cannot be read or holds none."""
    try:
        top = _scan(str(path), sought)
        found: dict[tuple[Side | None, str], _Classes] = {}
        for side, name in _ready_made(path, top, sought).items():
            found[side, f"{name}/"] = _below(path, name, top)
        return _listing(path, found or {(None, ""): top}, top, sought)
    except FileNotFoundError as error:
        raise InvalidInput(f"{shown(str(error.filename))}: no such folder.", sought.layout) from error
    except NotADirectoryError as error:
        raise InvalidInput(f"{shown(str(path))} is a file, not a folder.", sought.layout) from error
    except OSError as error:
        raise InvalidInput(f"{shown(str(error.filename or path))}: cannot be read: {error.strerror}.") from error


def _scan(folder: str, sought: Sought) -> _Classes:
    found = _Classes()
    seen = frozenset({_mark(folder)})
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if not _is(entry.is_dir):
            found.loose += sought.takes(entry.name)
            continue
        broken: list[str] = []
        files = sorted(_files(entry.path, "", seen, broken))
        taken = [file for file in files if sought.takes(file[0])]
        found.files[entry.name] = taken
        found.broken += (f"{entry.name}/{path}" for path in sorted(broken) if sought.takes(path))
        if sought.suffixes:
            foreign = sum(_suffix(file[0]) in FOREIGN_SUFFIXES for file in files)
            found.foreign += foreign
            found.other += len(files) - len(taken) - foreign
    return found


def _ready_made(path: Path, top: _Classes, sought: Sought) -> dict[Side, str]:
    """The folder of each side of a ready-made split; empty where these are plain class folders."""
    filled = [name for name, files in top.files.items() if files]
    named = {name: SIDE_NAMES[name.lower()] for name in filled if name.lower() in SIDE_NAMES}
    if named and len(filled) == 1:
        message = f"{shown(str(path))} holds {sought.what} in the folder {shown(filled[0])} only."
        raise InvalidInput(message, "Point data.path at that folder, if it has one subfolder a class.")
    # A class may be called train among others; one called train beside one called test is no accident.
    others = [name for name in filled if name not in named]
    sides = {side: name for name, side in named.items()}
    if len(named) < 2 or (others and "train" not in sides):
        return {}
    where = f"{shown(str(path))} holds a ready-made split ({listed(map(shown, named), 'and')})"
    if others:
        raise InvalidInput(
            f"{where}, and beside it {listed(map(shown, others[:3]), 'and')} with {sought.what} too.",
            "Move what belongs to no side of the split out of the folder.",
        )
    if len(named) > len(sides):
        raise InvalidInput(f"{where}; two of these are the same side.", "Merge them into one folder.")
    if "train" not in sides:
        raise InvalidInput(f"{where} without a training folder.", "Name the folder of the training images train.")
    for name in named:
        if not any("/" in file[0] for file in top.files[name]):
            raise InvalidInput(
                f"{where}, but {shown(name)} has no class subfolders.",
                f"Sort its {sought.what} into them, or point data.path at the training folder alone.",
            )
    return sides


def _below(root: Path, name: str, top: _Classes) -> _Classes:
    """The class folders of one side, from the files of its folder."""
    below = _Classes(
        {entry.name: [] for entry in os.scandir(root / name) if entry.name[0] != "." and _is(entry.is_dir)}
    )
    for path, size, mtime in top.files[name]:
        folder, slash, rest = path.partition("/")
        if slash:
            below.files[folder].append((rest, size, mtime))
        else:
            below.loose += 1
    return below


def _listing(root: Path, found: Mapping[tuple[Side | None, str], _Classes], top: _Classes, sought: Sought) -> Listing:
    """`found` by side (None where there is none) and by what its paths begin with."""
    names = {name for part in found.values() for name, files in part.files.items() if files}
    label_of = {name: label for label, name in enumerate(sorted(names))}
    rows: list[tuple[int, str, int, int, Side | None]] = []
    empty: list[str] = []
    for (side, prefix), part in found.items():
        empty += (prefix + name for name, files in sorted(part.files.items()) if not files)
        for name, files in part.files.items():
            rows += ((label_of[name], f"{prefix}{name}/{path}", size, mtime, side) for path, size, mtime in files)
    if not rows:
        raise _nothing(root, top, sought)
    rows.sort()
    return Listing(
        root=root,
        classes=tuple(label_of),
        paths=tuple(row[1] for row in rows),
        labels=tuple(row[0] for row in rows),
        sizes=tuple(row[2] for row in rows),
        mtimes=tuple(row[3] for row in rows),
        sides=tuple(row[4] for row in rows if row[4]) or None,
        empty=tuple(empty),
        foreign=top.foreign,
        broken=tuple(top.broken),
        loose=sum(part.loose for part in found.values()) if sought.suffixes else 0,
    )


def _nothing(root: Path, found: _Classes, sought: Sought) -> InvalidInput:
    where = shown(str(root))
    if found.foreign:
        none = "its one image is not" if found.foreign == 1 else f"none of its {found.foreign} images is"
        return InvalidInput(f"{where}: {none} {FORMATS}.", "Convert them to one of these.")
    if found.broken:
        links = "a link that leads" if len(found.broken) == 1 else f"{len(found.broken)} links that lead"
        message = f"{where} holds no {sought.what}, but {links} nowhere: {shown(found.broken[0])}."
        return InvalidInput(message, "Bring back what the links lead to, or copy the files into the folder.")
    if found.loose:
        what = sought.what if found.loose != 1 else sought.what.removesuffix("s")
        return InvalidInput(f"{where} holds {found.loose} {what}, but none in a class folder.", sought.layout)
    if found.other:
        files = "one other file" if found.other == 1 else f"{found.other} other files"
        return InvalidInput(
            f"{where} holds no {sought.what}, but {files} in subfolders.",
            f"{sought.layout} Binaries are drawn as images by data.source: byteplot; look at them with traindeck data "
            "--source byteplot.",
        )
    return InvalidInput(f"{where} holds no {sought.what}.", sought.layout)


def _is(asked: Callable[[], bool]) -> bool:
    """The answer; no for a link that leads round to itself, which is as broken as one that leads nowhere."""
    try:
        return asked()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return False
        raise


def leads_nowhere(path: str) -> bool:
    """Whether this is a link to what is not there, or to itself."""
    return os.path.islink(path) and not os.path.exists(path)  # noqa: PTH110, PTH114


def _suffix(path: str) -> str:
    _, dot, suffix = path.rpartition(".")
    return f"{dot}{suffix}".lower()


def _mark(folder: str) -> tuple[int, int]:
    status = Path(folder).stat()
    return status.st_dev, status.st_ino


def _files(folder: str, below: str, seen: frozenset[tuple[int, int]], broken: list[str]) -> Iterator[_File]:
    """Every file below a class folder; links are followed, but never back into a folder that leads here.

    Links that lead nowhere are added to `broken`.
    """
    mark = _mark(folder)
    if mark in seen:
        return
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue
        if _is(entry.is_dir):
            yield from _files(entry.path, f"{below}{entry.name}/", seen | {mark}, broken)
        elif _is(entry.is_file):
            status = entry.stat()
            yield below + entry.name, status.st_size, status.st_mtime_ns
        elif leads_nowhere(entry.path):
            broken.append(below + entry.name)
