"""Rows of the monitor's panels as plain text, and the run that most of them show."""

from __future__ import annotations

from pathlib import Path

from tests.tui.fakes import FakeRun, StillMachine
from tests.tui.test_monitor_model import monitored
from tui.monitor.model import Monitored
from tui.widgets.rows import Row


def text(rows: list[Row]) -> str:
    return "\n".join("".join(part for part, _ in row).rstrip() for row in rows)


def words(rows: list[Row]) -> str:
    return " ".join(text(rows).split())


def learning(folder: Path) -> Monitored:
    """A run that corrects another one and overfits from its ninth epoch, in its twelfth."""
    run = FakeRun(folder, live=True, parent="digits-sgd-1", reason="Lower the learning rate")
    run.begin()
    run.learn(12, overfit_from=9)
    found = monitored(run)
    found.hardware = StillMachine().read()
    return found
