"""The lock of a run: its supervisor holds it while the run goes on; whoever changes a run that is over holds it too.

And locks of its files, held for the moment in which one is read and replaced.

Standard library only, as the supervisor is.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from training.runs.layout import RunFolder

POLL_SECONDS = 0.5
BRIEF_SECONDS, BRIEF_POLL_SECONDS = 10.0, 0.005
"""How long one waits for others to replace a file, and how often one asks."""


def take(lock: IO[Any], seconds: float = 0.0, poll: float = POLL_SECONDS) -> bool:
    """Take the opened lock, within that time; False where somebody else has it until then.

    Raises OSError where the file system has no locks, as some network file systems.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(poll)


def is_held(folder: RunFolder) -> bool:
    """Whether somebody holds it, on any host that shares the file system's locks."""
    try:
        with folder.lock.open("r") as lock:
            return not take(lock)
    except OSError:
        return False


@contextmanager
def held(folder: RunFolder) -> Iterator[bool]:
    """Hold it for the block; False where somebody else does. Raises OSError where the run folder cannot be written."""
    with folder.lock.open("a") as lock:
        try:
            ours = take(lock)
        except OSError:  # without a lock service the supervisor goes on unlocked too
            ours = True
        yield ours


@contextmanager
def briefly(path: Path, seconds: float = BRIEF_SECONDS) -> Iterator[bool]:
    """Hold the lock file, which may be anybody's, for the block; False where others do for all that time.

    Raises OSError where it cannot be made. Without a lock service the block goes on unlocked.
    """
    with open(path, "ab", opener=_anybodys) as lock:
        try:
            ours = take(lock, seconds, BRIEF_POLL_SECONDS)
        except OSError:
            ours = True
        yield ours


def _anybodys(path: str, flags: int) -> int:
    """Readable is enough to lock one that another user made."""
    try:
        return os.open(path, flags, 0o666)
    except PermissionError:
        with suppress(OSError):
            return os.open(path, os.O_RDONLY)
        raise
