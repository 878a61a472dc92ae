"""Pictures of the charts, looked at in each way, at times that do not move; after a change: --snapshot-update."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import until
from tests.tui.fakes import OVERFIT, FakeRun, StillMachine
from tests.tui.monitoring import ChartScreen, Stage, series, spec_of
from training.runs.events import Override
from training.runs.layout import RunFolder
from tui.screens.monitor import MonitorScreen

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def run(runs_dir: Path) -> RunFolder:
    """Fourteen epochs with a lower learning rate from the sixth on, by hand, and checkpoints."""
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(5)
    run.checkpoint("last")
    run.write(Override(setting="learning_rate", value=3e-4, step=run.step, epoch=run.done))
    for epoch in range(6, 10):
        run.train_epoch(2.3 * math.exp(-epoch / 3) + 0.02, 0.3 - 0.01 * epoch, 0.8 + 0.01 * epoch, 0.9, 3e-4)
    run.checkpoint()
    run.learn(5, overfit_from=9)
    run.checkpoint("last")
    run.find(OVERFIT)
    run.finish()
    return run.folder


def looked_at(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Wait until the monitor has read the run and painted it, then press the keys."""

    async def act(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        await until(pilot, lambda: screen.run.view is not None and screen.run.findings)
        screen.paint()
        await pilot.press(*keys)
        await pilot.pause()

    return act


@SIZES
def test_zoomed_in_with_the_crosshair(run: RunFolder, snap_compare: Any, size: tuple[int, int]) -> None:
    act = looked_at("plus", "plus", "x", "h", "H")
    assert snap_compare(Stage(MonitorScreen(run, StillMachine())), terminal_size=size, run_before=act)


@SIZES
def test_smoothed_by_time_on_log_axes_in_blocks(run: RunFolder, snap_compare: Any, size: tuple[int, int]) -> None:
    act = looked_at("t", "t", "y", "M", "right_square_bracket", "right_square_bracket")
    assert snap_compare(Stage(MonitorScreen(run, StillMachine())), terminal_size=size, run_before=act)


@SIZES
def test_one_large_chart_in_ascii(run: RunFolder, snap_compare: Any, size: tuple[int, int]) -> None:
    act = looked_at("z", "M", "M")
    assert snap_compare(Stage(MonitorScreen(run, StillMachine())), terminal_size=size, run_before=act)


@pytest.mark.parametrize("no_color", [False, True], ids=["colours", "no colours"])
def test_eight_curves_and_a_band(snap_compare: Any, no_color: bool) -> None:
    made = [series([math.exp(-x / (4 + n)) + 0.1 * n for x in range(31)]) for n in range(8)]
    spec = spec_of(*made, planned=30)
    for number, curve in enumerate(spec.curves, 2):
        curve.series = number
    first = spec.curves[0]
    first.low, first.high = (series([y + by for y in made[0].y]) for by in (-0.1, 0.1))
    assert snap_compare(Stage(ChartScreen(spec), no_color), terminal_size=(120, 30))
