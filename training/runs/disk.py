"""How many bytes a run takes on the disk, and which of its files are weights."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.store import OWN_FILES

LIVE_SECONDS = 10.0
"""How often a run that goes on is measured again."""
LOOK_SECONDS = 0.1
"""How long one look at all runs takes at most; who did not get a turn gets one in the next look."""

_CHECKPOINT = re.compile(r"(best|last|start|step-\d+|held-\d+-\w+)\.pt")
_LEFTOVER = re.compile(r"\.(best|last|start|step-\d+)\.pt\.(\w+\.)?tmp")


@dataclass(frozen=True)
class DiskUse:
    """Bytes, each file once however many names it has."""

    total: int = 0
    """Of everything that traindeck wrote into the run folder."""
    weights: int = 0
    """Of the checkpoints among it, and of what is left of unfinished ones."""


@dataclass(frozen=True)
class WeightFile:
    """A checkpoint that traindeck wrote, or what is left of one that it could not finish."""

    path: Path
    size: int
    inode: tuple[int, int]
    """Device and number: the same for two names of one file."""
    links: int
    """Names that the file has."""

    @property
    def whole(self) -> bool:
        return bool(_CHECKPOINT.fullmatch(self.path.name))


def weight_files(folder: RunFolder) -> list[WeightFile]:
    """By name; files that others put there, and links, are none of ours. Raises OSError where they cannot be listed."""
    found = []
    for entry, stat in _files(folder.checkpoints):
        if _CHECKPOINT.fullmatch(entry.name) or _LEFTOVER.fullmatch(entry.name):
            path = folder.checkpoints / entry.name
            found.append(WeightFile(path, stat.st_size, (stat.st_dev, stat.st_ino), stat.st_nlink))
    return sorted(found, key=lambda file: file.path.name)


def freed(files: Collection[WeightFile]) -> int:
    """Bytes that come free when these names go: none of a file that keeps another one."""
    names: dict[tuple[int, int], int] = {}
    for file in files:
        names[file.inode] = names.get(file.inode, 0) + 1
    sizes = {file.inode: file.size for file in files if names[file.inode] >= file.links}
    return sum(sizes.values())


def measure(folder: RunFolder) -> DiskUse:
    """What can be seen of it; nothing of a folder that is gone or closed."""
    own: dict[tuple[int, int], int] = {}
    weights: dict[tuple[int, int], int] = {}
    try:
        for entry, stat in _files(folder.path):
            if entry.name in OWN_FILES or (entry.name.startswith(".") and entry.name.endswith(".tmp")):
                own[stat.st_dev, stat.st_ino] = stat.st_size
        weights = {file.inode: file.size for file in weight_files(folder)}
    except OSError:
        pass
    return DiskUse(sum((own | weights).values()), sum(weights.values()))


def _files(directory: Path) -> Iterable[tuple[os.DirEntry[str], os.stat_result]]:
    """The regular files in a directory; none where there is no directory. Raises OSError."""
    try:
        entries = list(os.scandir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                yield entry, entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # replaced or removed meanwhile
            continue


@dataclass(frozen=True)
class _Known:
    use: DiskUse
    mark: tuple[object, ...]
    measured: float
    looked: float


class DiskUses:
    """What many runs take, kept from look to look.

    A run that is over is measured again when its checkpoints or its summary changed, which one stat tells; one that
    goes on every LIVE_SECONDS. A look takes about LOOK_SECONDS: the first ones may leave some runs out.
    """

    def __init__(self, seconds: float = LOOK_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._known: Mapping[Path, _Known] = {}

    def look(self, runs: Collection[RunView]) -> dict[Path, DiskUse]:
        """By run folder; a run that had no turn yet is not in it."""
        known = {run.folder.path: self._known[run.folder.path] for run in runs if run.folder.path in self._known}
        deadline = self._clock() + self._seconds
        # Those first that have waited longest: where even the stats take too long, everybody still gets a turn.
        for run in sorted(runs, key=lambda run: known[run.folder.path].looked if run.folder.path in known else 0.0):
            now = self._clock()
            if now > deadline:
                break
            known[run.folder.path] = _renewed(run, known.get(run.folder.path), now)
        self._known = known
        return {path: one.use for path, one in known.items()}


def _renewed(run: RunView, known: _Known | None, now: float) -> _Known:
    moving = run.live or run.state == "silent"
    mark = (
        run.state,
        run.summary.updated,
        run.summary.cleaned,
        *(() if moving else (_changed(run.folder.checkpoints),)),
    )
    if known is not None and (now - known.measured < LIVE_SECONDS if moving else mark == known.mark):
        return _Known(known.use, known.mark, known.measured, now)
    return _Known(measure(run.folder), mark, now, now)


def _changed(directory: Path) -> int:
    """When a name in it last changed, in nanoseconds; 0 where there is none."""
    try:
        return directory.stat().st_mtime_ns
    except OSError:
        return 0
