"""What Slurm says of this user's jobs: one squeue for all of them, remembered for a few seconds."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from training.slurm.commands import JobState, has_sbatch

FRESH_SECONDS = 4.0
GONE_SECONDS = 60.0
"""A job that was gone hardly comes back: for a run that died long ago Slurm is not asked all the time."""
SILENT_SECONDS = 30.0
"""Slurm that did not answer is left alone for so long: every list of runs would wait for it anew."""
ASK_SECONDS = 5.0
_FORMAT = "%i|%T|%M|%N|%r"


@dataclass
class Queue:
    """The user's jobs by id, those that ended in the last minutes among them; None while Slurm is silent."""

    _jobs: Mapping[str, JobState] | None = None
    _asked: float = -1e9
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def jobs(self, wanted: str, *, waits: bool = True) -> Mapping[str, JobState] | None:
        """What is known, young enough for the job that is `wanted`, which `waits` in the queue as far as is known."""
        with self._lock:
            if time.monotonic() - self._asked > self._good_for(wanted, waits):
                self._jobs = _ask()
                self._asked = time.monotonic()
            return self._jobs

    def _good_for(self, wanted: str, waits: bool) -> float:
        """How many seconds the last answer may be used."""
        if self._jobs is None:
            return SILENT_SECONDS
        job = self._jobs.get(wanted)
        return GONE_SECONDS if not waits and (job is None or job.over) else FRESH_SECONDS

    def forget(self) -> None:
        """Something was submitted or cancelled: what is remembered is no longer so."""
        with self._lock:
            self._asked = -1e9


QUEUE = Queue()
"""One for the whole process, so that Home asks once for all its runs."""


def _ask() -> Mapping[str, JobState] | None:
    if not has_sbatch():
        return None
    command = ["squeue", "--noheader", f"--user={os.getuid()}", "--states=all", f"--format={_FORMAT}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse(done.stdout) if done.returncode == 0 else None


def parse(output: str) -> dict[str, JobState]:
    """squeue's lines in the format `id|state|time|nodes|reason`; what is no such line is passed over."""
    jobs = {}
    for line in output.splitlines():
        cells = line.split("|", 4)
        if len(cells) == 5:
            job, state, spent, nodes, reason = (cell.strip() for cell in cells)
            jobs[job] = JobState(state, "" if reason == "None" else reason, nodes, _seconds(spent))
    return jobs


def _seconds(spent: str) -> int:
    """Of `days-hours:minutes:seconds`, where the front may be missing."""
    match = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", spent)
    if not match:
        return 0
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
