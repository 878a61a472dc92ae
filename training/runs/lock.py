"""The lock of a run: its supervisor holds it while the run goes on; whoever changes a run that is over holds it too.

Standard library only, as the supervisor is.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from training.runs.layout import RunFolder

POLL_SECONDS = 0.5


def take(lock: TextIO, seconds: float = 0.0) -> bool:
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
            time.sleep(POLL_SECONDS)


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
