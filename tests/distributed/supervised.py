"""Runs under their real supervisor, with torchrun between it and the ranks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.conftest import Run
from tests.waiting import wait_until
from training.runs import pids
from training.runs.events import Step
from training.runs.process import ProcessRecord, read_process
from training.runs.supervisor import ENTRY

SECONDS = 90.0


@contextmanager
def supervised(run: Run, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """The run's supervisor with so many processes; none of them outlives the block."""
    environment = {**os.environ, "TRAINDECK_PROCESSES": str(processes), "TRAINDECK_NODES": "1"}
    with run.folder.console.open("ab") as console:
        supervisor = subprocess.Popen(
            [sys.executable, str(ENTRY), "_supervise", str(run.folder.path)],
            env=environment, stdout=console, stderr=console, start_new_session=True,
        )  # fmt: skip
    try:
        yield supervisor
    finally:
        for pid in [supervisor.pid, *agents(run), *ranks(run)]:
            if pids.start_mark(pid):
                os.kill(pid, 9)
        supervisor.wait()


def ranks(run: Run) -> list[int]:
    return pids.working_on(run.folder.path)


def agents(run: Run) -> list[int]:
    record = read_process(run.folder.process)
    return [record.worker.pid] if record and record.worker and not record.ended else []


def ended(run: Run, supervisor: subprocess.Popen[bytes]) -> ProcessRecord:
    """How it ended, once it has; nothing of it is left then."""
    code = supervisor.wait(SECONDS)
    assert ranks(run) == []
    record = read_process(run.folder.process)
    assert record is not None
    assert record.ended is not None
    assert code == (record.exit_code if record.exit_code is not None else 1)
    return record


def wait_for_step(run: Run, step: int) -> None:
    """Until that step has been logged; cheap, since runs here are short."""
    wait_until(lambda: any(e.step >= step for e in _steps(run)), SECONDS, f"step {step}")


def _steps(run: Run) -> list[Step]:
    return run.of(Step) if run.folder.events.exists() else []


def variable(pid: int, name: str) -> str:
    """Of the environment of a process that torchrun started; empty where it has ended."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    except OSError:
        return ""
    return next((v.partition("=")[2] for v in variables if v.startswith(f"{name}=")), "")
