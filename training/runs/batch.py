"""A supervisor that is the batch process of a Slurm job: what it hears from Slurm, and how it goes back into the queue.

Standard library only, as the supervisor is.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from training import files
from training.errors import RunFailed
from training.runs.asking import ask_to_stop, sent_so_far
from training.runs.layout import RunFolder
from training.slurm import commands
from training.slurm.script import MARK

REASONS = {
    signal.SIGUSR1: "Slurm's time limit is near",
    signal.SIGTERM: "Slurm ends the job",
}
"""What each signal means, as the worker will give it as the reason for its stop."""
LOCK_SECONDS = 180.0
"""A node that was lost holds the run's lock until the file server gives it up."""
UNENDED = ("starting", "running", "paused", "stopping")


class Batch:
    """The job that this process is. The worker is told by a command, which reaches it wherever it runs."""

    def __init__(self, folder: RunFolder, job: str, node: str, restarts: int = 0) -> None:
        self._folder = folder
        self._job = job
        self._node = node
        self._restarts = restarts
        self._in_queue = False
        """Whether Slurm has put the job back by itself."""
        self._asked: int | None = None
        """The signal that came first."""
        self._request = ""
        """Id of the command that it was turned into."""

    def begin(self, waiting_for: str = "") -> None:
        """Take the run over from whoever submitted it, or from an attempt that was lost. Raises OSError."""
        summary = read_summary(self._folder)
        if summary.get("state") in UNENDED:  # its last attempt had no time to say so
            summary["interruption"] = "Slurm started the job again"
        waiting = f", waiting for {waiting_for} to end" if waiting_for else ""
        summary.update(
            state="starting", message=f"Slurm job {self._job} on {self._node}{waiting}", slurm_job=self._job, ended=0.0
        )
        _write(self._folder, summary)

    def ask(self, number: int) -> bool:
        """Turn a signal into a request to stop with a checkpoint, once; False where it could not be written."""
        if self._asked is not None:
            return True
        self._asked = number
        try:
            self._request = ask_to_stop(self._folder, "Slurm", REASONS[signal.Signals(number)])
        except OSError as error:
            sys.stderr.write(f"traindeck: {self._folder.commands}: {error.strerror}.\n")
            return False
        return True

    def waits_again(self) -> bool:
        """Whether the run, whose worker has ended, is to go on in a later start of this job; says so where it is.

        It is where Slurm ended the attempt, and neither the run itself, nor a person, nor a fault.
        """
        if self._asked is None:
            return False
        try:
            summary = read_summary(self._folder)
            if not self._cut_short(summary) or self._stopped_by_a_person(summary):
                return False
            if self._is_cancelled(commands.job_state(self._job)):
                self._leave_stopped(summary, f"Slurm job {self._job} was cancelled")
                return False
            summary.update(
                state="queued",
                message=f"goes on when Slurm starts job {self._job} again",
                interruption=self._reason,
                ended=0.0,
                commands_from=sent_so_far(self._folder),
            )
            _write(self._folder, summary)
        except OSError as error:
            sys.stderr.write(f"traindeck: {self._folder.summary}: {error}.\n")
            return False
        return True

    def requeue(self) -> None:
        """The last act: Slurm ends this process with it. Where it refuses, the run is stopped and can be resumed."""
        if self._in_queue:
            return
        try:
            commands.requeue(self._job)
        except RunFailed as error:
            sys.stderr.write(f"traindeck: {error}\n")
            try:
                self._leave_stopped(read_summary(self._folder), f"{self._reason}; {error.message}")
            except OSError as problem:
                sys.stderr.write(f"traindeck: {self._folder.summary}: {problem}.\n")

    def _is_cancelled(self, job: commands.JobState | None) -> bool:
        """Whether the job is over for good, as far as Slurm says.

        A job that is being ended is COMPLETING, whatever for; one that Slurm itself puts back counts as a restart
        already, and one that made room, or whose time is up, says so. While it is RUNNING, a signal was only a warning.
        """
        if job is None:
            return False
        self._in_queue = job.restarts > self._restarts
        ending = job.over or job.state == "COMPLETING"
        return ending and not (self._in_queue or job.preempted or job.reason == "TimeLimit")

    @property
    def _reason(self) -> str:
        return REASONS[signal.Signals(self._asked)] if self._asked is not None else ""

    def _cut_short(self, summary: Mapping[str, Any]) -> bool:
        """The worker stopped when asked; or, where Slurm signals every process of the job, it had no time to say so."""
        state = summary.get("state")
        return state == "stopped" or (state in UNENDED and self._asked == signal.SIGTERM)

    def _stopped_by_a_person(self, summary: Mapping[str, Any]) -> bool:
        """Whether somebody had asked for a stop before Slurm did."""
        command = next(iter(stop_commands(self._folder, summary)), None)
        return command is not None and command.get("id") != self._request

    def _leave_stopped(self, summary: dict[str, Any], message: str) -> None:
        summary.update(state="stopped", message=message, ended=time.time())
        _write(self._folder, summary)


def batch_of(folder: RunFolder, environ: Mapping[str, str] = os.environ) -> Batch | None:
    """The job that this process is the batch script of; None for a supervisor that a launch started by itself."""
    job = environ.get("SLURM_JOB_ID", "")
    if not job or not environ.get(MARK):
        return None
    node = environ.get("SLURMD_NODENAME") or environ.get("SLURM_JOB_NODELIST") or "a node"
    restarts = environ.get("SLURM_RESTART_COUNT", "")
    return Batch(folder, job, node, int(restarts) if restarts.isdecimal() else 0)


def read_summary(folder: RunFolder) -> dict[str, Any]:
    """Raises OSError where it cannot be read."""
    try:
        summary: dict[str, Any] = json.loads(folder.summary.read_bytes())
    except ValueError as error:
        raise OSError(f"{folder.summary} is damaged: {error}") from error
    return summary


def stop_commands(folder: RunFolder, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The requests to stop that are meant for this attempt, oldest first."""
    start = summary.get("commands_from", 0)
    try:
        lines = folder.commands.read_bytes()[start if isinstance(start, int) else 0 :].splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            command = json.loads(line)
        except ValueError:
            continue
        if isinstance(command, dict) and command.get("command") == "stop":
            found.append(command)
    return found


def _write(folder: RunFolder, summary: dict[str, Any]) -> None:
    summary["updated"] = time.time()
    files.replace(folder.summary, json.dumps(summary).encode())
