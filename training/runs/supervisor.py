"""The process that starts a run's worker, waits for it and writes down how it ended.

Standard library only, so that it starts in milliseconds and stays small for days. It leads a session of its own, holds
the run's lock, and outlives the app, the terminal and the connection.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from training import files
from training.runs import hooks, pids, torchrun
from training.runs.asking import ask_to_stop
from training.runs.batch import LOCK_SECONDS, REASONS, Batch, batch_of, read_summary, stop_commands
from training.runs.layout import RunFolder
from training.runs.lock import take
from training.runs.rank_ends import ending, outlast
from training.runs.torchrun import Wanted
from training.runs.waiting import Waiting

ENTRY = Path(__file__).resolve().parents[2] / "traindeck.py"
POLL_SECONDS = 0.5
STOP_SECONDS = 90
"""What several ranks have to stop with a checkpoint before torchrun ends them."""
PROBED_SECONDS = 2.0
"""Who only looks whether the lock is held, holds it for a moment."""


class _Requests:
    """SIGTERM and SIGINT: passed on to the worker, which ends with a checkpoint; kept while there is none.

    The signals by which Slurm ends a job become a command, which the worker hears on whatever node it is.
    """

    def __init__(self, folder: RunFolder, batch: Batch | None) -> None:
        self.received: int | None = None
        self._folder = folder
        self._worker: int | None = None
        self._several = False
        """Whether the worker is torchrun: it would end its ranks at once, so that they are asked by a command."""
        self._batch = batch
        for number in (signal.SIGTERM, signal.SIGINT, *(REASONS if batch else ())):
            signal.signal(number, self._receive)

    @property
    def reason(self) -> str:
        """What has come, in words; empty where nothing has."""
        return f"stopped by {signal.Signals(self.received).name}" if self.received is not None else ""

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._batch is not None and number in REASONS and self._batch.ask(number):
            return
        self.received = number
        self._forward()

    def pass_to(self, worker: int | None, *, several: bool = False) -> None:
        """From here on to this process, or to nobody; what has come before too."""
        self._worker, self._several = worker, several
        if self.received is not None:
            self._forward()
        if worker is None:
            signal.alarm(0)

    def _forward(self) -> None:
        if self._worker is None or self.received is None:
            return
        if self._several:
            with suppress(OSError):
                ask_to_stop(self._folder, "supervisor", self.reason)
                signal.signal(signal.SIGALRM, self._end)
                signal.alarm(STOP_SECONDS)
                return
        with suppress(ProcessLookupError):
            os.kill(self._worker, self.received)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        """They were asked and did not hear: torchrun ends them."""
        if self._worker is not None:
            with suppress(ProcessLookupError):
                os.kill(self._worker, signal.SIGTERM)


def main(run: Path, after: Path | None = None) -> int:
    """Supervise one attempt of the run; returns the worker's exit code, or 1 where there was none to start."""
    folder = RunFolder(run)
    try:
        with folder.lock.open("w") as lock:
            if not _take(lock, LOCK_SECONDS if batch_of(folder) else PROBED_SECONDS):
                sys.stderr.write(f"traindeck: {folder.id} already has a supervisor.\n")
                return 1
            code = _hold(folder, after)
    except OSError as error:
        # Before there is a worker. The run folder is gone, or the disk is full.
        sys.stderr.write(f"traindeck: {folder.id} cannot be supervised: {error}.\n")
        return 1
    if code is None:
        return 0
    # The lock is given up by now: nobody who resumes the run waits for a hook.
    hooks.tell_of_end(folder)
    return code


def _hold(folder: RunFolder, after: Path | None) -> int | None:
    """What a supervisor does once it is the only one; None where Slurm will start the run again.

    Raises OSError where the run folder cannot be written.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    batch = batch_of(folder)
    requests = _Requests(folder, batch)
    record = _new_record()
    waited = Waiting(folder, RunFolder(after), record) if after is not None else None
    _write(folder, record)
    if batch is not None:
        batch.begin(waiting_for=after.name if after else "")
    if waited is not None:
        _wait_for(folder, waited, requests, says=batch is None)
    # A command that comes before a worker who is about to start is the worker's to answer.
    if reason := _told_to_stop(folder, requests) if waited else requests.reason:
        _say(folder, "stopped", f"{reason} while it waited for {waited.current.id} to end" if waited else reason)
        record.update(ended=time.time(), exit_code=0)
        waits = batch is not None and batch.waits_again()
        _write(folder, record)
        if batch is not None and waits:
            batch.requeue()
            return None
        return 0
    if after is not None:
        _say(folder, "starting", "")
    return _supervise(folder, record, requests, batch)


def worker_command(run: Path) -> list[str]:
    """Our entry file by path: its folder is then first on sys.path, whatever the user's directory holds.

    The option reaches multiprocessing's resource tracker too, which complains in the log of a worker that was killed.
    """
    return [sys.executable, "-W", "ignore:resource_tracker:UserWarning", str(ENTRY), "_work", str(run)]


def _supervise(folder: RunFolder, record: dict[str, Any], requests: _Requests, batch: Batch | None) -> int | None:
    kills_before = _oom_kills()
    wanted = Wanted.here()
    try:
        worker = _start(folder, wanted)
    except OSError as error:
        record.update(ended=time.time(), exit_code=1, error=f"the worker could not be started: {error}")
        _write(folder, record)
        return 1
    requests.pass_to(worker.pid, several=wanted.several)
    record["worker"] = {"pid": worker.pid, "start": pids.start_mark(worker.pid)}
    _try_to_write(folder, record)
    _, status, usage = os.wait4(worker.pid, 0)
    requests.pass_to(None)
    code = os.waitstatus_to_exitcode(status)
    worker.returncode = code
    if wanted.several:
        outlast(folder)
        code, record["error"] = ending(folder, wanted, code)
    record.update(
        ended=time.time(),
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        peak_memory=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        out_of_memory=code in (-signal.SIGKILL, 1 if wanted.several else None) and _oom_kills() > kills_before,
    )
    waits = batch is not None and batch.waits_again()
    _try_to_write(folder, record)
    if batch is not None and waits:
        batch.requeue()
        return None
    return code if code >= 0 else 1


def _start(folder: RunFolder, wanted: Wanted) -> subprocess.Popen[bytes]:
    """The worker, or with several processes torchrun, which starts one for each. Raises OSError."""
    work = worker_command(folder.path)
    if not wanted.several:
        return subprocess.Popen(work, stdin=subprocess.DEVNULL)
    folder.failure.unlink(missing_ok=True)
    meeting = torchrun.arrange(folder, wanted)
    command = torchrun.command(meeting, work, first=True)
    if wanted.in_slurm and meeting.nodes > 1:
        command = torchrun.in_slurm(meeting, [sys.executable, str(ENTRY), "_join", str(folder.path)])
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=torchrun.environment())


def join(run: Path) -> int:
    """Become the torchrun of one node of a Slurm job; returns only where that cannot be."""
    try:
        command = torchrun.join_in_slurm(run, worker_command(run))
        os.execve(command[0], command, torchrun.environment())
    except OSError as error:
        sys.stderr.write(f"traindeck: {error}.\n")
    return 1


def _take(lock: TextIO, seconds: float) -> bool:
    """Wait that long for another supervisor to give the lock up."""
    try:
        return take(lock, seconds)
    except OSError as error:
        # Network file systems without a lock service: better to train unlocked than not at all.
        sys.stderr.write(f"traindeck: {lock.name} cannot be locked: {error.strerror}.\n")
    return True


def _new_record() -> dict[str, Any]:
    return {
        "schema": 1,
        "host": pids.host(),
        "boot_id": pids.boot_id(),
        "pid_space": pids.pid_space(),
        "started": time.time(),
        "supervisor": {"pid": os.getpid(), "start": pids.start_mark(os.getpid())},
    }


def _write(folder: RunFolder, record: dict[str, Any]) -> None:
    files.replace(folder.process, json.dumps(record).encode())


def _try_to_write(folder: RunFolder, record: dict[str, Any]) -> None:
    """While there is a worker, a disk that is full for a moment must not cost it its supervisor."""
    try:
        _write(folder, record)
    except OSError as error:
        sys.stderr.write(f"traindeck: {folder.process}: {error.strerror}.\n")


def _wait_for(folder: RunFolder, waiting: Waiting, requests: _Requests, *, says: bool) -> None:
    """Wait until the other runs have ended, or until this one is told to stop; where it `says` for whom, of a change
    too.
    """
    told = waiting.current
    while waiting.goes_on() and not _told_to_stop(folder, requests):
        if says and waiting.current != told:
            told = waiting.current
            _say(folder, "queued", f"waiting for {told.id} to end")
        time.sleep(POLL_SECONDS)


def _told_to_stop(folder: RunFolder, requests: _Requests) -> str:
    """Who asked for it; empty where nobody has."""
    if requests.reason:
        return requests.reason
    command = next(iter(stop_commands(folder, read_summary(folder))), None)
    return f"stopped by {command.get('user') or 'a command'}" if command else ""


def _say(folder: RunFolder, state: str, message: str) -> None:
    """Until its worker exists, the summary is the supervisor's to write. Raises OSError."""
    summary = read_summary(folder)
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
