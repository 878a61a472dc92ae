"""The overlay on a stage of its own, over runs that are written by hand."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import until
from tests.tui.fakes import FakeRun
from tests.tui.monitoring import Stage
from training.config.patch import apply
from training.config.schema import TrainingConfig
from tui.overlay import news, reading
from tui.overlay.judging import Judge
from tui.overlay.model import Overlaid
from tui.overlay.news import OverlayNews, by_place
from tui.overlay.reading import Watched
from tui.screens import overlay_following
from tui.screens.overlay import OverlayScreen
from tui.widgets.spans import SpanView


def run_of(
    runs_dir: Path, name: str, *, level: float = 0.3, epochs: int = 12, live: bool = False, **changes: Any
) -> FakeRun:
    """A run whose validation loss comes to `level`; config keys with two underscores for the dot."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    run = FakeRun(runs_dir, name, config=apply(TrainingConfig(epochs=30), keys), live=live)
    run.begin()
    for epoch in range(1, epochs + 1):
        swing = 0.01 * math.sin(epoch)
        val = level + 2.0 * math.exp(-epoch / 2) + swing * level
        run.train_epoch(0.8 * val, val, 1 - val / 3, 0.97 - val / 4, 1e-3)
    run.change_summary(epoch=epochs)
    if not live:
        run.finish()
    return run


def seeds_of(runs_dir: Path, name: str, number: int, level: float, **changes: Any) -> list[FakeRun]:
    """Repeats of a run with other seeds, whose levels differ a little."""
    return [
        run_of(runs_dir, f"{name}-seed-{seed}", level=level * (1 + 0.02 * seed), runtime__seed=seed, **changes)
        for seed in range(number)
    ]


def overlaid(runs: Sequence[FakeRun]) -> Overlaid:
    """What an overlay knows of the runs once it has read and judged them."""
    found = Overlaid.of([run.folder for run in runs])
    told = OverlayNews({place: Watched(run.folder).look() for place, run in enumerate(runs)})
    views = {place: one.view for place, one in told.runs.items() if one.view is not None}
    told.settings = by_place(views, len(runs))
    found.take(told)
    judged(found)
    return found


def judged(found: Overlaid) -> None:
    """Have what is asked now answered, as the thread of a screen does."""
    found.take(OverlayNews(answer=Judge(found.runs).answer(found.question)))


class OverlayPilot:
    """An overlay as the tests speak of it."""

    def __init__(self, pilot: Pilot[None], screen: OverlayScreen) -> None:
        self.pilot = pilot
        self.screen = screen
        self.app = pilot.app

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], Any]) -> None:
        await until(self.pilot, condition)

    async def shows(self, words: str) -> None:
        """Wait until the screen shows the words, lines joined."""
        await self.until(lambda: words in " ".join(self.text().split()))

    def text(self, id: str = "") -> str:
        views = [view for view in self.screen.query(SpanView) if view.is_on_screen and (not id or view.id == id)]
        return "\n".join(view.text for view in views)

    @property
    def titles(self) -> list[str]:
        """Of the charts in sight."""
        return [chart.spec.title for chart in self.screen.charts if chart.display and chart.spec]

    @property
    def drawn(self) -> list[str]:
        """The names of the curves of the first chart in sight."""
        spec = self.screen.charts[0].spec
        return [curve.name for curve in spec.curves] if spec else []


def read(screen: OverlayScreen) -> bool:
    """Whether all that is there of every run is known."""
    return all(run.missing or run.view is not None for run in screen.overlaid.runs)


@asynccontextmanager
async def overlay(runs: Sequence[FakeRun], size: tuple[int, int] = (120, 40)) -> AsyncIterator[OverlayPilot]:
    """The overlay of the runs, all of them read, and its pauses shortened; on the verdict, where there is a table."""
    screen = OverlayScreen([run.folder for run in runs])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlay_following, "PAINT_SECONDS", 0.01)
        patch.setattr(news, "JUDGE_SECONDS", 0.01)
        patch.setattr(reading, "POLL_SECONDS", 0.01)
        patch.setattr(reading, "LIVE_SECONDS", 0.02)
        patch.setattr(reading, "OVER_SECONDS", 0.02)
        async with Stage(screen).run_test(size=size) as pilot:
            await until(pilot, lambda: read(screen) and screen.is_current)
            await pilot.pause()
            if screen.arrangement.table:
                await pilot.press("shift+tab")
            yield OverlayPilot(pilot, screen)
