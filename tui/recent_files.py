"""The files and data folders that this user has opened, newest first (XDG state, one path a line)."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from training import files
from training.runs.registry import registry_path
from training.text import has_controls
from tui.paths import SUFFIXES, Entry, Listed, Wants, is_folder, place_of

MOST = 20


def recent_path() -> Path | None:
    """The file, or None for a user without a home."""
    registry = registry_path()
    return registry and registry.with_name("recent_files")


def recent() -> list[Path]:
    """Those that still exist and can be reached, last opened first."""
    # os.path: pathlib raises where a folder above has been closed to this user.
    return [Path(line) for line in _lines() if os.path.exists(line)]  # noqa: PTH110


def offered(wants: Wants, most: int) -> list[Entry]:
    """Those that a path which is sought for `wants` may be, to be picked."""
    found = []
    for path in recent():
        folder = is_folder(path)
        if not has_controls(str(path)) and (wants == "data" if folder else path.name.endswith(SUFFIXES[wants])):
            found.append(Entry(f"{path}{'/' * folder}", "recent"))
    return found[:most]


def offered_first(listed: Listed, wants: Wants, base: Path, most: int, after: int = 0) -> Listed:
    """What was opened before, behind the first `after` entries; nothing is there twice."""
    head, tail = listed.entries[:after], listed.entries[after:]
    above = {place_of(entry.text, base) for entry in head}
    recent = [entry for entry in offered(wants, most) if place_of(entry.text, base) not in above]
    known = {place_of(entry.text, base) for entry in recent}
    rest = [entry for entry in tail if place_of(entry.text, base) not in known]
    return replace(listed, entries=(*head, *recent, *rest))


def remember(path: Path) -> None:
    """Put the path first. A home that cannot be written only costs the memory."""
    place = recent_path()
    try:
        line = str(path.expanduser().absolute())
    except (OSError, RuntimeError):  # the current folder is gone; ~nobody
        return
    if place is None or "\n" in line:
        return
    known = _lines()
    lines = [line, *(other for other in known if other != line)][:MOST]
    if lines == known:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        files.replace(place, ("\n".join(lines) + "\n").encode(errors="surrogateescape"), sync=False)


def _lines() -> list[str]:
    """The file's lines, newest first, each once."""
    place = recent_path()
    if place is None:
        return []
    try:
        text = place.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    return [line for line in dict.fromkeys(text.split("\n")) if line][:MOST]
