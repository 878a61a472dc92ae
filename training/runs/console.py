"""console.log: what the supervisor and the worker printed."""

from __future__ import annotations

import os
from pathlib import Path

from training.text import plain

TAIL_BYTES = 16_384


def console_tail(path: Path, lines: int) -> tuple[str, ...]:
    """The last lines, safe to show; empty where there is no log."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    whole = text if size <= TAIL_BYTES else text.partition("\n")[2]
    # A progress bar rewrites its line with \r: its last state is what counts.
    shown = [plain(line.rstrip("\r").rpartition("\r")[2]).expandtabs(4).rstrip() for line in whole.split("\n")]
    return tuple(shown[:-1] if shown and not shown[-1] else shown)[-lines:]
