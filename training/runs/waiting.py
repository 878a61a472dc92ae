"""What a queued run waits for: the run that it comes after, and whatever that one waits for itself.

A queued run that is stopped has ended, and what it waited for has not: whoever comes after it waits on. Each keeps the
whole of it in its process.json, so that a folder that is deleted in between breaks no chain. Standard library only.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from training import files
from training.runs import pids
from training.runs.layout import RunFolder

START_SECONDS = 20.0
"""A run without process.json that is younger may still be about to start (training.runs.lifecycle counts so too)."""
KEY = "waits_for"
"""In process.json: the paths of all these runs, the nearest first."""


class Waiting:
    """The runs that one waits for, the nearest first."""

    def __init__(self, folder: RunFolder, after: RunFolder, record: dict[str, Any]) -> None:
        """`record` is what process.json is to hold; from the first look on it is kept up to date."""
        self._folder = folder
        self._record = record
        self._others = [after]
        self._asked: set[RunFolder] = set()
        """Those that have said what they wait for."""
        self.current = after
        """The nearest that goes on, or did last."""
        self._tell()

    def goes_on(self) -> bool:
        """Whether any of them has not ended yet."""
        self._ask()
        # The nearest is the likeliest to go on: as long as it does, no other file is read.
        still = next((other for other in self._others if still_runs(other)), None)
        self.current = still or self.current
        return still is not None

    def _ask(self) -> None:
        """What those wait for that have written it down by now is waited for too."""
        known = len(self._others)
        for other in self._others:  # grows meanwhile
            if other in self._asked:
                continue
            try:
                told = json.loads(other.process.read_bytes()).get(KEY, ())
            except (OSError, ValueError, AttributeError):
                continue  # it is about to start, or gone
            self._asked.add(other)
            paths = [path for path in told if isinstance(path, str)] if isinstance(told, list) else []
            further = (RunFolder(Path(path)) for path in paths)
            self._others += [one for one in further if one not in self._others and one != self._folder]
        if len(self._others) > known:
            self._tell()
            with suppress(OSError):  # a disk that is full for a moment; it is known here
                files.replace(self._folder.process, json.dumps(self._record).encode())

    def _tell(self) -> None:
        self._record[KEY] = [str(other.path) for other in self._others]


def still_runs(other: RunFolder) -> bool:
    """Whether the run has not ended, as its supervisor's record tells."""
    try:
        record = json.loads(other.process.read_bytes())
        if record.get("ended"):
            return False
        if not isinstance(record["host"], str):
            return False
        home = (record["host"], record.get("pid_space"))
        if home != (pids.host(), pids.pid_space()):
            return True
        if record.get("boot_id") != pids.boot_id():
            return False
        marks = [mark for mark in (record.get("worker"), record["supervisor"]) if mark]
        return any(pids.is_alive(mark["pid"], mark["start"]) for mark in marks)
    except FileNotFoundError:
        return _about_to_start(other)
    except OSError:
        return True  # a network file system that stumbles; ask again
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _about_to_start(other: RunFolder) -> bool:
    """Whether it was launched so lately that its supervisor may not have written its record yet."""
    try:
        return time.time() - other.config.stat().st_mtime < START_SECONDS
    except OSError:
        return False
