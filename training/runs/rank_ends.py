"""How a run with several processes ended: after the last of its ranks, and in words. Standard library only."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from training.runs import pids, torchrun
from training.runs.batch import UNENDED, read_summary
from training.runs.layout import RunFolder
from training.runs.torchrun import Wanted

POLL_SECONDS = 0.1
ORPHAN_SECONDS = 30.0
"""What a rank has to end once its torchrun is gone; it takes less by itself (training.engine.parent)."""


def outlast(folder: RunFolder) -> None:
    """Wait for the ranks that torchrun, itself killed, has left behind: they end by themselves within seconds."""
    deadline = time.monotonic() + ORPHAN_SECONDS
    while ranks := pids.working_on(folder.path):
        if time.monotonic() > deadline:
            for pid in ranks:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def ending(folder: RunFolder, wanted: Wanted, code: int) -> tuple[int, str]:
    """The exit code of a run with several processes and, where the run itself has no word on its end, why it ended."""
    state = ""
    with suppress(OSError):
        state = read_summary(folder).get("state", "")
    if state not in UNENDED:
        return (1 if state == "failed" and code == 0 else code), ""
    if code == 0:
        return 1, "its processes ended without a word"
    if wanted.nodes > 1 and not folder.events.exists():
        return code, f"its {wanted.nodes} machines did not meet within {torchrun.MEETING_SECONDS // 60} minutes"
    if code > 0:
        return code, "its processes were lost, and starting them again from the last checkpoint did not help"
    return code, ""
