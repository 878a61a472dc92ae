"""What stands at a path, in a few words, from a quick look: never more than the start of a file or some entries."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from training.text import has_controls, one_line
from tui.paths import Wants, is_file, is_folder, why

MOST = 1000
SECONDS = 0.1
"""So many entries of a folder are counted, in at most that time."""
HEAD = 4096
"""Bytes of a file that are looked at."""
NAMED = 12
"""Subfolders of a data folder that are named."""
_KEYS = (r"^\s*kind:\s*(.+)", r"^optimizer:\s*(.+)", r"^learning_rate:\s*(.+)")


def about(path: Path, wants: Wants) -> str:
    """A folder's entries, a config's first comment or its model and optimizer, a manifest's columns."""
    try:
        if path.is_dir():
            return _data_folder(path) if wants == "data" else _folder(path)
        return _manifest(path) if wants == "data" else _config(path)
    except OSError as error:
        return f"cannot be read: {why(error)}"


def refusal(path: Path, wants: Wants) -> str:
    """Why the path cannot be the answer; empty where it can."""
    name = one_line(str(path))
    if has_controls(str(path)):
        return "A control character is in this path."
    if wants == "data":
        return why_no_data(path)
    if is_folder(path):
        return "This is a folder: type a name for the file." if wants == "new" else "This is a folder."
    if wants == "config":
        return "" if is_file(path) else f"There is no file {name!r}."
    return ""  # a folder that is not there yet is created, after a question


def why_no_data(path: Path) -> str:
    """Why no training can read the path as its data; empty where it may."""
    try:
        if not path.exists():
            return f"There is no {one_line(str(path))!r}."
        if not path.is_dir():
            manifest = path.suffix.lower() in (".csv", ".tsv")
            return "" if manifest else "This is neither a folder nor a .csv or .tsv file."
        folders, _, counted_all = _count(path)
    except OSError as error:
        return f"{one_line(path.name)} cannot be read: {why(error)}."
    return "" if folders or not counted_all else "This folder has no subfolders: data has one for each class."


def _count(path: Path) -> tuple[list[str], int, bool]:
    """Names of subfolders, number of files, hidden ones left out, and whether that is all. Raises OSError."""
    folders: list[str] = []
    others = 0
    until = time.monotonic() + SECONDS
    with os.scandir(path) as scan:
        for number, entry in enumerate(scan):
            if number == MOST or time.monotonic() > until:
                return folders, others, False
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders.append(entry.name)
            else:
                others += 1
    return folders, others, True


def _folder(path: Path) -> str:
    folders, others, counted_all = _count(path)
    number = len(folders) + others
    return _number(number, "entry", "entries", counted_all) if number else "empty"


def _data_folder(path: Path) -> str:
    folders, others, counted_all = _count(path)
    if not folders:
        return f"no subfolders, {_number(others, 'file', 'files', counted_all)}" if others else "empty"
    names = ", ".join(one_line(name) for name in sorted(folders)[:NAMED])
    more = ", …" if len(folders) > NAMED or not counted_all else ""
    return f"{_number(len(folders), 'subfolder', 'subfolders', counted_all)}: {names}{more}"


def _number(number: int, one: str, many: str, counted_all: bool) -> str:
    return f"{number}{'' if counted_all else '+'} {one if number == 1 and counted_all else many}"


def _head(path: Path) -> list[str]:
    """The first lines of a file; none of what is no file, which could keep us waiting."""
    if not path.is_file():
        return []
    with path.open("rb") as file:
        return file.read(HEAD).decode(errors="replace").splitlines()


def _config(path: Path) -> str:
    lines = _head(path)
    for line in lines:
        text = line.strip()
        if text.startswith("#") and "yaml-language-server" not in text:
            if said := one_line(text.strip("#-= ")):
                return said
        elif text and text != "---" and not text.startswith("#"):
            break
    found = (re.search(key, "\n".join(lines), re.MULTILINE) for key in _KEYS)
    return " · ".join(one_line(match[1].partition(" #")[0]).strip("'\"") for match in found if match)


def _manifest(path: Path) -> str:
    lines = _head(path)
    return f"columns {one_line(lines[0])}" if lines else "empty"
