"""What the monitor costs on the line: bytes for a piece of news, none for none, and none while the line is full."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import CompositorUpdate

from tests.bench.live_log import STEPS_PER_EPOCH, LiveLog
from tests.tui.monitoring import MonitorPilot, monitor
from tui.line.flow import ROOM, Flow

BEFORE = 6 * STEPS_PER_EPOCH - 8
"""Steps that the run has behind it: the sixth epoch is about to end."""


SETTLED = 5
"""Paintings without a frame, after which there is none to come."""


class Line:
    """The frames that a monitor sent since it was looked at."""

    def __init__(self, screen: MonitorPilot, patch: pytest.MonkeyPatch) -> None:
        self._screen = screen
        self.frames: list[str] = []
        original = screen.app._display

        def display(of: Any, update: RenderableType | None) -> None:
            if isinstance(update, CompositorUpdate):
                self.frames.append(update.render_segments(screen.app.console))
            original(of, update)

        patch.setattr(screen.app, "_display", display)

    async def painted(self) -> int:
        """Bytes of the frames that a painting takes."""
        self.frames.clear()
        self._screen.screen.paint()
        await self._screen.pilot.pause()
        return sum(len(frame.encode()) for frame in self.frames)


@asynccontextmanager
async def watching(runs_dir: Path) -> AsyncIterator[tuple[LiveLog, MonitorPilot, Line]]:
    """A monitor that has shown all there is, and hears of more when it is given it."""
    run = LiveLog(runs_dir)
    run.steps(BEFORE)
    async with monitor(run.run.folder, (140, 40)) as screen:
        await screen.shows(f"step {BEFORE}/")
        await screen.shows("CPU 87 %", "status")  # in a row of its own, which the charts make room for
        with pytest.MonkeyPatch.context() as patch:
            line = Line(screen, patch)
            # The first pictures of a screen are several.
            while sum([await line.painted() for _ in range(SETTLED)]):
                pass
            yield run, screen, line


async def more(run: LiveLog, screen: MonitorPilot, steps: int) -> None:
    """The run goes on, and its screen knows of it."""
    run.steps(steps)
    await screen.until(lambda: screen.screen.run.curves.step == run.run.step)


async def hear(run: LiveLog, screen: MonitorPilot, steps: int, patch: pytest.MonkeyPatch) -> None:
    """As `more`, without a painting."""
    patch.setattr(screen.screen, "_paint_soon", lambda: None)
    await more(run, screen, steps)


async def test_nothing_is_written_where_nothing_changed(runs_dir: Path) -> None:
    async with watching(runs_dir) as (_, _, line):
        assert await line.painted() == 0
        assert line.frames == []


async def test_a_few_steps_cost_a_few_cells(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(runs_dir) as (run, screen, line):
        await hear(run, screen, 4, monkeypatch)
        assert 0 < await line.painted() <= 220
        assert len(line.frames) == 1


async def test_the_end_of_an_epoch_costs_the_figures_and_the_ends_of_the_curves(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(runs_dir) as (run, screen, line):
        await hear(run, screen, 10, monkeypatch)
        assert 0 < await line.painted() <= 800


async def test_a_panel_that_comes_is_one_frame(runs_dir: Path) -> None:
    async with watching(runs_dir) as (_, screen, line):
        for key in ("tab", "z", "z"):
            line.frames.clear()
            await screen.press(key)
            await screen.pilot.pause()
            assert len(line.frames) == 1, (key, [frame[:200] for frame in line.frames])


async def test_a_line_that_is_full_gets_nothing_and_then_what_is_new_by_then(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(runs_dir) as (run, screen, line):
        flow = Flow()
        flow.sent(1)
        flow.answered()
        flow.sent(ROOM + 1)
        screen.app._driver.flow = flow  # type: ignore[union-attr]
        await hear(run, screen, 4, monkeypatch)
        assert await line.painted() == 0
        await hear(run, screen, 3, monkeypatch)
        assert await line.painted() == 0
        flow.answered()
        await screen.until(lambda: line.frames)
        await screen.shows(f"step {BEFORE + 7}/")
        assert len(line.frames) == 1
        assert await line.painted() == 0
