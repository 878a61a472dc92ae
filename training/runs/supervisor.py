"""The process that starts a run's worker, waits for it and writes down how it ended.

Standard library only, so that it starts in milliseconds and stays small for days. It leads a session of its own, holds
the run's lock, and outlives the app, the terminal and the connection.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from training import files
from training.runs import pids
from training.runs.layout import RunFolder

ENTRY = Path(__file__).resolve().parents[2] / "traindeck.py"
POLL_SECONDS = 0.5


def main(run: Path, after: Path | None = None) -> int:
    """Supervise one attempt of the run; returns the worker's exit code, or 1 where there was none to start."""
    folder = RunFolder(run)
    with folder.lock.open("w") as lock:
        if not _take(lock):
            sys.stderr.write(f"traindeck: {folder.id} already has a supervisor.\n")
            return 1
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        record = _new_record()
        _write(folder, record)
        if after is not None and not _wait_for(folder, RunFolder(after)):
            record.update(ended=time.time(), exit_code=0)
            _write(folder, record)
            return 0
        return _supervise(folder, record)


def worker_command(run: Path) -> list[str]:
    """Our entry file by path: its folder is then first on sys.path, whatever the user's directory holds."""
    return [sys.executable, str(ENTRY), "_work", str(run)]


def _supervise(folder: RunFolder, record: dict[str, Any]) -> int:
    kills_before = _oom_kills()
    try:
        worker = subprocess.Popen(worker_command(folder.path), stdin=subprocess.DEVNULL)
    except OSError as error:
        record.update(ended=time.time(), exit_code=1, error=f"the worker could not be started: {error}")
        _write(folder, record)
        return 1
    record["worker"] = {"pid": worker.pid, "start": pids.start_mark(worker.pid)}
    _write(folder, record)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The worker ends with a checkpoint; the supervisor stays to see it.
        signal.signal(number, lambda received, _frame: _forward(worker.pid, received))
    _, status, usage = os.wait4(worker.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    worker.returncode = code
    record.update(
        ended=time.time(),
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        peak_memory=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        out_of_memory=code == -signal.SIGKILL and _oom_kills() > kills_before,
    )
    _write(folder, record)
    return code if code >= 0 else 1


def _forward(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _take(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _new_record() -> dict[str, Any]:
    return {
        "schema": 1,
        "host": pids.host(),
        "boot_id": pids.boot_id(),
        "pid_space": pids.pid_space(),
        "attempt": 1,
        "started": time.time(),
        "supervisor": {"pid": os.getpid(), "start": pids.start_mark(os.getpid())},
    }


def _write(folder: RunFolder, record: dict[str, Any]) -> None:
    files.replace(folder.process, json.dumps(record).encode())


def _wait_for(folder: RunFolder, other: RunFolder) -> bool:
    """Wait until the other run has ended; False where this one was told to stop meanwhile."""
    while _still_runs(other):
        if _told_to_stop(folder):
            _say(folder, "stopped", f"stopped while it waited for {other.id} to end")
            return False
        time.sleep(POLL_SECONDS)
    _say(folder, "starting", "")
    return True


def _still_runs(other: RunFolder) -> bool:
    try:
        record = json.loads(other.process.read_bytes())
    except (OSError, ValueError):
        return False
    if record.get("ended"):
        return False
    if (record["host"], record.get("pid_space")) != (pids.host(), pids.pid_space()):
        return True
    marks = [mark for mark in (record.get("worker"), record["supervisor"]) if mark]
    return any(pids.is_alive(mark["pid"], mark["start"]) for mark in marks)


def _told_to_stop(folder: RunFolder) -> bool:
    try:
        lines = folder.commands.read_text().splitlines()
    except OSError:
        return False
    for line in lines:
        try:
            command = json.loads(line).get("command")
        except (ValueError, AttributeError):
            continue
        if command == "stop":
            return True
    return False


def _say(folder: RunFolder, state: str, message: str) -> None:
    """Until its worker exists, the summary is the supervisor's to write."""
    summary = json.loads(folder.summary.read_bytes())
    summary.update(state=state, message=message, updated=time.time())
    if state == "stopped":
        summary["ended"] = time.time()
    files.replace(folder.summary, json.dumps(summary).encode())


def _oom_kills() -> int:
    """Out-of-memory kills in this process's cgroup so far; 0 where the system keeps no such count."""
    try:
        own = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
        events = Path("/sys/fs/cgroup") / own[3:].lstrip("/") / "memory.events"
        counts = dict(line.split() for line in events.read_text().splitlines())
    except (OSError, StopIteration, ValueError):
        return 0
    return int(counts.get("oom_kill", 0))
