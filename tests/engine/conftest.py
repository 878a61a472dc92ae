"""Small real runs: a run folder as the launcher leaves it, and the worker on it in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import torch

from tests.conftest import MakeFolder
from tests.drawing import image
from training.engine import worker
from training.runs.events import AnyEvent, Epoch, Step, number
from training.runs.layout import RunFolder
from training.runs.log import read_all
from training.runs.summary import Summary

__all__ = ["SMALL", "MakeFolder", "MakeRun", "Run", "image"]

E = TypeVar("E")

SMALL = """
epochs: 2
batch_size: 128
model:
  blocks: [{filters: 4, batch_norm: true, dropout: 0.1}]
  dense_layers: []
"""


@dataclass(frozen=True)
class Run:
    """A run folder, and what has become of it."""

    folder: RunFolder

    def train(self) -> int:
        """The worker, to its end, in this process; returns its exit code."""
        return worker.main(self.folder.path)

    @property
    def events(self) -> list[AnyEvent]:
        return read_all(self.folder.events)

    @property
    def summary(self) -> Summary:
        return msgspec.json.decode(self.folder.summary.read_bytes(), type=Summary)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]

    def one(self, kind: type[E]) -> E:
        """The only event of its type."""
        (event,) = self.of(kind)
        return event

    def metric(self, kind: type[Step] | type[Epoch], name: str) -> list[float]:
        """A metric by step, or by epoch without the state before training."""
        events: list[Any] = [event for event in self.of(kind) if event.epoch > 0]
        return [number(event.metrics[name]) for event in events]

    def checkpoint(self, kind: str) -> dict[str, Any]:
        content: dict[str, Any] = torch.load(self.folder.checkpoints / f"{kind}.pt", weights_only=True)
        return content


MakeRun = Callable[..., Run]


@pytest.fixture(autouse=True)
def _one_thread_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("TRAINDECK_DEVICE", "cpu")
    monkeypatch.setenv("TRAINDECK_DEVICE_REASON", "the test wants it")


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make a run folder from the config's text; what else is given goes into the summary."""

    def make(config: str = SMALL, name: str = "run", **summary: Any) -> Run:
        folder = RunFolder(tmp_path / "runs" / name)
        folder.path.mkdir(parents=True)
        folder.config.write_text(config)
        content = Summary(id=name, name=name, created=time.time(), **summary)
        folder.summary.write_bytes(msgspec.json.encode(content))
        return Run(folder)

    return make
