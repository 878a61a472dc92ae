"""A request to stop that is written without the packages that the app has: the supervisor's. Standard library only."""

from __future__ import annotations

import json
import os
import time
import uuid

from training.runs.layout import RunFolder


def sent_so_far(folder: RunFolder) -> int:
    """Bytes of commands.jsonl: what the next attempt passes over, since it was asked of this one."""
    try:
        return folder.commands.stat().st_size
    except OSError:
        return 0


def ask_to_stop(folder: RunFolder, user: str, reason: str) -> str:
    """Append a `stop` to commands.jsonl; returns its id. Raises OSError."""
    request = {
        "id": uuid.uuid4().hex[:12],
        "t": time.time(),
        "user": user,
        "command": "stop",
        "args": {"reason": reason},
    }
    handle = os.open(folder.commands, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        os.write(handle, json.dumps(request).encode() + b"\n")
    finally:
        os.close(handle)
    return str(request["id"])
