"""The lock of a run: its supervisor holds it while the run goes on; whoever changes a run that is over holds it too."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from training.runs.layout import RunFolder


def is_held(folder: RunFolder) -> bool:
    """Whether somebody holds it, on any host that shares the file system's locks."""
    try:
        with folder.lock.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def held(folder: RunFolder) -> Iterator[bool]:
    """Hold it for the block; False where somebody else does. Raises OSError where the run folder cannot be written."""
    with folder.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:  # a network file system without a lock service: the supervisor goes on unlocked too
            pass
        yield True
