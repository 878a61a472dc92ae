"""A runs folder that is looked at again and again, at the price of what changed.

Every file that says something of a run is replaced or made anew, never written in place, so the time stamp of the run
folder tells whether anything did. A run that goes on is judged at each look, since its processes may have died.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view

LOOK_SECONDS = 0.1
"""How long one look reads at most; the runs that had no turn get one in the next look."""
CHECK_SECONDS = 2.0
"""How often the time stamps of runs that are over are compared, where that is quick."""
CHECK_SHARE = 200
"""On a slow file system they are compared so seldom that it takes no more than one part in so many of the time."""
SETTLE_NS = 2_000_000_000
"""A folder changed as lately as that may have changed once more within the same tick of its file system's clock."""
_DAY = 86400.0


@dataclass(frozen=True)
class _Known:
    stamp: int
    """Of the run folder, in nanoseconds, before it was read; 0 where it is to be read again."""
    run: RunView | None
    """None for a folder that is no run."""


class WatchedFolder:
    """The runs of a folder, newest first. Several threads may look, one at a time."""

    def __init__(
        self,
        path: Path,
        *,
        seconds: float = LOOK_SECONDS,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.complete = False
        """Whether every run was read at least once."""
        self.count = 0
        """Folders that are there, read or not."""
        self._seconds = seconds
        self._check_seconds = check_seconds
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._unread: list[str] = []
        """Newest first."""
        self._stamp = 0
        self._check_at = 0.0
        self._runs: list[RunView] = []
        self._moving: list[str] = []
        self._lock = Lock()

    def look(self, *, thorough: bool = False) -> list[RunView]:
        """The runs as they are now, as far as they were read: the same list as before where nothing changed.

        `thorough` compares the time stamps of all runs, whether it is time for that or not.
        """
        with self._lock:
            deadline = self._clock() + self._seconds
            changed = self._list()
            changed |= self._judge()
            if thorough or self._clock() >= self._check_at:
                changed |= self._check()
            changed |= self._read(deadline)
            if changed:
                runs = [known.run for known in self._known.values() if known.run is not None]
                self._runs = sorted(runs, key=lambda run: (run.summary.created, run.folder.id), reverse=True)
                self._moving = [run.folder.id for run in runs if _is_moving(run)]
            self.complete = not self._unread
            return self._runs

    def _list(self) -> bool:
        """Notice folders that came or went; whether one that was read is gone."""
        try:
            stamp = os.stat(self.path).st_mtime_ns  # noqa: PTH116  quicker than pathlib
            if stamp == self._stamp:
                return False
            names = {entry.name for entry in os.scandir(self.path) if not entry.is_file(follow_symlinks=False)}
        except OSError:
            stamp, names = 0, set()
        self._stamp = stamp if _is_settled(stamp) else 0
        gone = self._known.keys() - names
        for name in gone:
            del self._known[name]
        new = names - self._known.keys()
        if new != set(self._unread):
            stamps = {name: self._stamp_of(name) for name in new}
            self._unread = sorted(new, key=lambda name: (stamps[name], name), reverse=True)
        self.count = len(names)
        return bool(gone)

    def _judge(self) -> bool:
        """Judge the runs that go on, or may do so again."""
        return sum(self._renew(name) for name in self._moving if name in self._known) > 0

    def _check(self) -> bool:
        """Read the runs anew whose folder changed."""
        begun = self._clock()
        changed = [name for name, known in self._known.items() if self._stamp_of(name) != known.stamp]
        took = self._clock() - begun
        self._check_at = self._clock() + max(self._check_seconds, took * CHECK_SHARE)
        return sum(self._renew(name) for name in changed) > 0

    def _read(self, deadline: float) -> bool:
        """Read the runs that were not read yet, as many as there is time for and one at least."""
        found = False
        done = 0
        for name in self._unread:
            if done and self._clock() > deadline:
                break
            found |= self._renew(name)
            done += 1
        del self._unread[:done]
        return found

    def _renew(self, name: str) -> bool:
        """Read a run; whether it is another one than before."""
        before = self._known.get(name)
        stamp = self._stamp_of(name)
        run = view(RunFolder(self.path / name))
        if before is not None and run == before.run:
            run = before.run  # what was made of the same one is kept
        self._known[name] = _Known(stamp if _is_settled(stamp) else 0, run)
        return run is not (before.run if before is not None else None)

    def _stamp_of(self, name: str) -> int:
        try:
            return os.stat(f"{self.path}/{name}").st_mtime_ns  # noqa: PTH116
        except OSError:
            return 0


def _is_settled(stamp: int) -> bool:
    return time.time_ns() - stamp > SETTLE_NS


def _is_moving(run: RunView) -> bool:
    """Whether its state may change while its files stay as they are."""
    if run.live or run.state == "silent":
        return True
    # Slurm may put it back into the queue.
    slurm = run.summary.slurm_job and run.state in ("crashed", "stopped")
    return bool(slurm) and time.time() - run.summary.updated < _DAY
