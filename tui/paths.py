"""Where a path that is being typed may go on to, as a shell would complete it. Bounded in entries and in time."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.text import has_controls, one_line

Wants = Literal["config", "new", "data"]
"""What a path is sought for: a config to open, a name to save under, a folder or manifest of data."""
SUFFIXES: dict[Wants, tuple[str, ...]] = {
    "config": (".yaml", ".yml"),
    "new": (".yaml", ".yml"),
    "data": (".csv", ".tsv"),
}
MOST = 500
"""Entries that are shown."""
MOST_READ = 20_000
SECONDS = 0.25
"""So many entries of a folder are read, in at most that time: the folder may lie on a slow disk of another machine."""


@dataclass(frozen=True)
class Entry:
    """One way to go on; `text` is what to type for it, with a slash at the end of a folder."""

    text: str
    kind: Literal["entry", "recent", "here"] = "entry"
    """Recent ones were opened before; `here` is the folder itself that the text names."""

    @property
    def is_folder(self) -> bool:
        return self.kind == "here" or self.text.endswith("/")


@dataclass(frozen=True)
class Listed:
    """The entries that begin with what is typed, folders first; or why there are none."""

    entries: tuple[Entry, ...]
    problem: str = ""
    partly: bool = False
    """Whether the folder holds more entries than were read or are shown."""


def place_of(typed: str, base: Path) -> Path:
    """Where a typed path leads: `~` and `$VARIABLES` as in a shell, relative ones from `base`."""
    return base / answer_of(typed)


def answer_of(typed: str) -> Path:
    """The typed path as a program takes it: relative ones stay so."""
    path = Path(os.path.expandvars(typed))
    try:
        return path.expanduser()
    except RuntimeError:  # ~nobody
        return path


def is_folder(path: Path) -> bool:
    """As pathlib's, but False, too, for what cannot be reached."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """As pathlib's, but False, too, for what cannot be reached."""
    return os.path.isfile(path)  # noqa: PTH113


def shown_folder(folder: Path) -> str:
    """The folder's path, from `~` where it lies in this user's home."""
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib raises for a user without a home
    text = str(folder)
    return one_line(f"~{text[len(home) :]}" if home != "/" and f"{text}/".startswith(f"{home}/") else text)


def why(error: OSError) -> str:
    """The reason alone, without number and path."""
    return error.strerror or str(error)


class Listing:
    """Lists folders, and reads one again only where it has changed: a key typed into a name costs no reading."""

    def __init__(self, base: Path, wants: Wants) -> None:
        self.base = base
        self.wants: Wants = wants
        self._read: tuple[Path, int] | None = None
        self._names: list[tuple[bool, str]] = []
        self._partly = False

    def of(self, typed: str) -> Listed:
        """What the typed path may go on to."""
        if has_controls(typed):
            return Listed((), "A control character is in this path.")
        head, slash, start = typed.rpartition("/")
        head += slash
        if start == ".." or (not slash and start.startswith(("~", "$")) and is_folder(place_of(typed, self.base))):
            return Listed((Entry(f"{typed}/"),))
        place = place_of(head, self.base)
        try:
            self._take(place)
        except FileNotFoundError:
            return Listed((), f"There is no folder {one_line(head)!r}.")
        except OSError as error:
            return Listed((), f"{one_line(head) or 'This folder'} cannot be read: {why(error)}.")
        entries = [
            Entry(f"{head}{name}{'' if is_file else '/'}")
            for is_file, name in self._names
            if name.startswith(start) and (start.startswith(".") or not name.startswith("."))
        ]
        if self._partly and not entries and is_folder(place / start):
            entries.append(Entry(f"{head}{start}/"))  # its name was not among those that were read
        if self.wants == "data" and not start:
            entries.insert(0, Entry(head, "here"))
        return Listed(tuple(entries[:MOST]), partly=self._partly or len(entries) > MOST)

    def _take(self, place: Path) -> None:
        """The folders, and the files that are wanted, by name. Raises OSError."""
        key = (place, place.stat().st_mtime_ns)
        if key == self._read:
            return
        found, self._read, self._partly = [], None, False
        until = time.monotonic() + SECONDS
        with os.scandir(place) as scan:
            for number, entry in enumerate(scan):
                if number == MOST_READ or time.monotonic() > until:
                    self._partly = True
                    break
                if has_controls(entry.name):
                    continue
                is_file = not _leads_in(entry)
                if not is_file or entry.name.lower().endswith(SUFFIXES[self.wants]):
                    found.append((is_file, entry.name))
        self._names, self._read = sorted(found, key=lambda one: (one[0], one[1].casefold(), one[1])), key


def _leads_in(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a folder that is closed to this user
        return False
