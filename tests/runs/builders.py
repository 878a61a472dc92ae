"""Run folders in any state, as their writers would have left them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import msgspec

from training.runs import pids
from training.runs.layout import RunFolder
from training.runs.process import Heartbeat, ProcessMark, ProcessRecord
from training.runs.summary import Summary

NOBODY = ProcessMark(2**22 + 1, "1")
"""A process that cannot exist: the pid lies beyond what Linux gives out."""


def own_mark() -> ProcessMark:
    return ProcessMark(os.getpid(), pids.start_mark(os.getpid()))


def make_run(runs_dir: Path, run_id: str, **changes: Any) -> RunFolder:
    """A run with that summary and no process."""
    folder = RunFolder(runs_dir / run_id)
    folder.path.mkdir(parents=True)
    summary = Summary(
        **{"id": run_id, "name": run_id, "created": time.time(), "state": "running", "epochs": 10, **changes}
    )
    folder.summary.write_bytes(msgspec.json.encode(summary))
    return folder


def add_process(folder: RunFolder, **changes: Any) -> None:
    """A record as the supervisor writes it, by default of live processes on this host."""
    record = ProcessRecord(
        **{
            "host": pids.host(),
            "boot_id": pids.boot_id(),
            "pid_space": pids.pid_space(),
            "started": time.time() - 3600,
            "supervisor": own_mark(),
            "worker": own_mark(),
            **changes,
        }
    )
    folder.process.write_bytes(msgspec.json.encode(record))


def beat(folder: RunFolder, seconds_ago: float) -> None:
    folder.heartbeat.write_bytes(msgspec.json.encode(Heartbeat(1, time.time() - seconds_ago)))


def weigh(folder: RunFolder, kind: str, size: int) -> Path:
    """A checkpoint of that many bytes, which take no room on the disk and are no weights."""
    folder.checkpoints.mkdir(exist_ok=True)
    path = folder.checkpoints / f"{kind}.pt"
    with path.open("wb") as file:
        file.truncate(size)
    return path
