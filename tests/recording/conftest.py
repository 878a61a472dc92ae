"""A user with training scripts of their own, run by real interpreters in a project of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from tests.waiting import wait_until
from training.runs import store
from training.runs.events import Epoch, FindingChanged, Step, numbers
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.log import read_all

ROOT = Path(__file__).resolve().parents[2]
OURS = ("TRAINDECK", "SLURM", "RANK", "LOCAL_RANK", "PYTHON")

LOOP = """
for epoch in range(3):
    report(epoch=epoch, train_loss=1.0 / (epoch + 1), val_loss=1.2 / (epoch + 1))
"""


@dataclass
class Scripts:
    """Starts scripts in `cwd`; all that they left running ends with the test."""

    cwd: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def runs_dir(self) -> Path:
        return self.cwd / "traindeck_runs"

    def env(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.cwd / "state"),
            "TRAINDECK_QUIET": "1",
            **more,
        }

    def write(self, source: str, name: str = "train.py") -> Path:
        path = self.cwd / name
        path.write_text("from traindeck import report\n" + dedent(source))
        return path

    def start(self, source: str, name: str = "train.py", **env: str) -> subprocess.Popen[str]:
        """Start it; its output can be read."""
        path = self.write(source, name)
        process = subprocess.Popen(
            [sys.executable, str(path)],
            cwd=self.cwd,
            env=self.env(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, source: str, name: str = "train.py", **env: str) -> tuple[int, str, str]:
        """Exit code, output and errors of the whole script."""
        process = self.start(source, name, **env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def runs(self) -> list[RunView]:
        """The runs as they are now, oldest first."""
        return store.list_runs(self.runs_dir)[::-1]

    @property
    def only(self) -> RunView:
        (run,) = self.runs()
        return run

    def wait_for_epoch(self, epoch: int) -> RunView:
        wait_until(lambda: [run for run in self.runs() if run.summary.epoch >= epoch], 30, f"epoch {epoch}")
        return self.only


def epochs(folder: RunFolder) -> list[tuple[int, dict[str, float]]]:
    """Epochs as they were told."""
    return [(event.epoch, numbers(event.metrics)) for event in read_all(folder.events) if isinstance(event, Epoch)]


def steps(folder: RunFolder) -> list[tuple[int, int, dict[str, float]]]:
    """Step, epoch and metrics."""
    events = [event for event in read_all(folder.events) if isinstance(event, Step)]
    return [(event.step, event.epoch, numbers(event.metrics)) for event in events]


def found(folder: RunFolder) -> list[tuple[str, str]]:
    """The changes of findings: what happened to which label."""
    events = [event for event in read_all(folder.events) if isinstance(event, FindingChanged)]
    return [(event.change, event.finding.label) for event in events]


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    user = Scripts(tmp_path / "project")
    user.cwd.mkdir()
    yield user
    for process in user.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
