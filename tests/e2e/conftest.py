"""The real program in real processes, with a home and a runs folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_until
from training.runs import commands, store
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view

ROOT = Path(__file__).resolve().parents[2]
QUICK_MODEL = "model.blocks=[{filters: 8}]"


@dataclass
class Traindeck:
    """A user: a home, a working directory, a runs folder."""

    home: Path
    cwd: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def runs_dir(self) -> Path:
        return self.cwd / "traindeck_runs"

    @property
    def command(self) -> list[str]:
        return [sys.executable, str(ROOT / "traindeck.py")]

    def env(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRAINDECK", "TMUX", "SLURM"))}
        own = {"HOME": str(self.home), "XDG_STATE_HOME": str(self.home / "state"), "OMP_NUM_THREADS": "1"}
        return {**kept, **own, **self.environment}

    def run(self, *words: str, cwd: Path | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *words],
            cwd=cwd or self.cwd,
            env=self.env(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )

    def json(self, *words: str, cwd: Path | None = None) -> Any:
        """The last line that a verb prints with --json."""
        done = self.run(*words, "--json", cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def detach(self, *words: str, cwd: Path | None = None) -> RunFolder:
        """Start a run in the background."""
        return RunFolder(Path(self.json("train", *words, "--detach", cwd=cwd)["path"]))

    def view(self, folder: RunFolder) -> RunView:
        seen = view(folder)
        assert seen is not None
        return seen

    def wait_for_end(self, folder: RunFolder, seconds: float = 60) -> RunView:
        """The run when it is over."""
        return wait_until(lambda: seen if not (seen := self.view(folder)).live else None, seconds, "the run to end")


@pytest.fixture
def traindeck(tmp_path: Path) -> Iterator[Traindeck]:
    """A fresh user; runs that a test leaves going are stopped."""
    user = Traindeck(tmp_path / "home", tmp_path / "project")
    user.home.mkdir()
    user.cwd.mkdir()
    yield user
    for runs_dir in tmp_path.rglob("traindeck_runs"):
        for run in store.list_runs(runs_dir):
            if run.live:
                commands.send(run.folder, "stop")
