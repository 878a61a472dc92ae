"""The files of a run folder (docs/architecture.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunFolder:
    """Where each file of a run lies; the folder's name is the run's id."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def config(self) -> Path:
        return self.path / "config.yaml"

    @property
    def environment(self) -> Path:
        return self.path / "environment.json"

    @property
    def split(self) -> Path:
        return self.path / "split.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def commands(self) -> Path:
        return self.path / "commands.jsonl"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @property
    def process(self) -> Path:
        return self.path / "process.json"

    @property
    def heartbeat(self) -> Path:
        return self.path / "heartbeat.json"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def console(self) -> Path:
        return self.path / "console.log"

    @property
    def failure(self) -> Path:
        """What a process other than rank 0 failed of; rank 0 alone writes all else."""
        return self.path / "failure.json"

    @property
    def rendezvous(self) -> Path:
        """Where the machines that train it together meet."""
        return self.path / "rendezvous.json"

    @property
    def job_script(self) -> Path:
        """The batch script of a run that was submitted to Slurm."""
        return self.path / "job.sh"

    @property
    def pin(self) -> Path:
        """Empty; there while the run is pinned, so that cleaning passes it over."""
        return self.path / "pinned"

    @property
    def muted(self) -> Path:
        """The labels of the findings that somebody has muted for this run."""
        return self.path / "muted.json"

    @property
    def labels(self) -> Path:
        """Tags, a note, and whether the run is archived."""
        return self.path / "labels.json"

    @property
    def labels_lock(self) -> Path:
        """Whoever changes the labels holds it meanwhile."""
        return self.path / "labels.lock"

    @property
    def start(self) -> Path:
        """The checkpoint of another run whose weights a fork begins with."""
        return self.checkpoints / "start.pt"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"
