"""failure.json: what a rank other than the first has failed of, for rank 0 to tell. A rank that is lost leaves none."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from training import files
from training.engine.place import Place
from training.runs import pids
from training.runs.layout import RunFolder
from training.text import one_line

WAIT_SECONDS = 3.0
"""What a file of another machine may take to be seen here."""


def write_failure(folder: RunFolder, place: Place, message: str) -> None:
    """Raises OSError."""
    content = {"rank": place.rank, "host": pids.host(), "message": message}
    files.replace(folder.failure, msgspec.json.encode(content))


def read_failure(folder: RunFolder, *, wait: bool = False) -> str | None:
    """What a rank has failed of, in words; None where none has."""
    deadline = time.monotonic() + (WAIT_SECONDS if wait else 0.0)
    while True:
        try:
            content: dict[str, Any] = msgspec.json.decode(folder.failure.read_bytes(), type=dict[str, Any])
            return one_line(f"{content['message']} (rank {content['rank']}, on {content['host']})")
        except (OSError, ValueError, KeyError):
            if time.monotonic() >= deadline:
                return None
            time.sleep(WAIT_SECONDS / 10)
