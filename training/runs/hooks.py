"""The hook of the user's own settings: who tells it what has become of a run, with nobody watching.

Standard library only, as the supervisor is. Reading the settings and running the hook is a child's business
(training.runs.hook_process): it can neither delay a step nor take a training down.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from training.runs.layout import RunFolder
from training.settings_home import settings_home

ENTRY = Path(__file__).resolve().parents[2] / "traindeck.py"
HOOK_SECONDS = 30.0
"""What a hook may take; then it is ended."""
CHILD_SECONDS = 15.0
"""What the child may take beside it: starting on a busy machine, reading the run."""
ENDS = ("finished", "stopped", "failed")
STDERR = 2
UNSEEN = "lost"
"""The state that is told of a run whose worker left no word."""


def settings_path() -> Path | None:
    """The user's settings, which need not be there; None for a user without a home."""
    home = settings_home()
    return home and home / "settings.yaml"


def may_be_wanted() -> bool:
    """Whether there are settings at all. A home that cannot be reached counts as one without."""
    path = settings_path()
    return path is not None and os.access(path, os.R_OK)


def fire(folder: RunFolder, event: str, **more: Any) -> subprocess.Popen[bytes] | None:
    """Start the child that tells the hook, in a session of its own; None where there are no settings.

    `more` is for the hook process and has to be JSON. What the child prints goes to this process's standard error,
    which is the run's console (a recorder's standard output is the line to its script). Raises OSError where no
    process can be started.
    """
    if not may_be_wanted():
        return None
    child = subprocess.Popen(
        [sys.executable, str(ENTRY), "_hook", str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=STDERR,
        start_new_session=True,
    )
    assert child.stdin
    with suppress(OSError), child.stdin:  # it may have ended already
        child.stdin.write(json.dumps({"event": event, **more}).encode())
    return child


def tell_of_end(folder: RunFolder) -> None:
    """Tell of a run that is over, and wait until that is done; within bounds, and come what may."""
    try:
        state = json.loads(folder.summary.read_bytes()).get("state")
    except (OSError, ValueError, AttributeError):
        return
    try:
        child = fire(folder, state if state in ENDS else UNSEEN)
    except OSError as error:
        sys.stderr.write(f"traindeck: the hook cannot be told: {error.strerror}.\n")
        return
    if child is not None:
        wait(child)


def wait(child: subprocess.Popen[bytes]) -> int:
    """The child's exit code; one that takes longer than any hook may is ended."""
    try:
        return child.wait(HOOK_SECONDS + CHILD_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        return child.wait()
