"""The monitor's widgets and screens on a stage of their own: an app with the themes and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen

import tui.app
from tests.tui.driving import until
from tests.tui.fakes import StillMachine
from training.curve import Series
from training.runs.layout import RunFolder
from tui.monitor import tail
from tui.screens.monitor import MonitorScreen
from tui.theme import DARK, FALLBACKS, THEMES
from tui.widgets.chart import Chart, ChartSpec, Curve
from tui.widgets.spans import SpanScreen, SpanView

SIZES = [(140, 40), (120, 40), (80, 24), (40, 12)]


class Stage(App[None]):
    """Shows one screen."""

    CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, first: Screen[Any], no_color: bool = False) -> None:
        super().__init__()
        self.no_color = no_color
        self.first = first
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(FALLBACKS)

    def on_mount(self) -> None:
        self.push_screen(self.first)


class ChartScreen(SpanScreen[None]):
    """Charts, one above the other."""

    DEFAULT_CSS = "ChartScreen Chart { height: 1fr; }"

    def __init__(self, *specs: ChartSpec) -> None:
        super().__init__()
        self.specs = specs

    def compose(self) -> ComposeResult:
        for spec in self.specs:
            yield Chart(spec)

    @property
    def charts(self) -> list[Chart]:
        return list(self.query(Chart))


def series(ys: Sequence[float]) -> Series:
    """Values at x = 0, 1, 2, ..."""
    made = Series()
    for x, y in enumerate(ys):
        made.append(x, y)
    return made


def spec_of(*curves: Series, **options: Any) -> ChartSpec:
    """A chart of these curves."""
    return ChartSpec("Loss", [Curve(f"curve{n}", points, n + 1) for n, points in enumerate(curves)], **options)


class Repaints:
    """The regions that the widgets asked to have repainted, whole widgets as None."""

    def __init__(self, views: Sequence[SpanView]) -> None:
        self.regions: list[Region | None] = []
        for view in views:
            self._listen(view)

    def _listen(self, view: SpanView) -> None:
        original = view.refresh

        def refresh(*regions: Region, **options: Any) -> Any:
            self.regions += regions or [None]
            return original(*regions, **options)

        view.refresh = refresh  # type: ignore[method-assign]

    @property
    def cells(self) -> int:
        """How many cells were repainted; fails for a widget that was repainted whole."""
        assert None not in self.regions
        return sum(region.area for region in self.regions if region is not None)


class MonitorPilot:
    """A monitor as the tests speak of it."""

    def __init__(self, pilot: Pilot[None], screen: MonitorScreen) -> None:
        self.pilot = pilot
        self.screen = screen
        self.app = screen.app

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Any) -> None:
        await until(self.pilot, condition)

    async def shows(self, words: str, panel: str = "") -> None:
        """Wait until a panel (any, by default) shows the words, lines joined."""
        await until(self.pilot, lambda: words in " ".join(self.text(panel).split()))

    def text(self, panel: str = "") -> str:
        """What the visible panels show, or that one."""
        views = [view for view in self.screen.query(SpanView) if view.is_on_screen and (not panel or view.id == panel)]
        return "\n".join(view.text for view in views)

    @property
    def panels(self) -> set[str]:
        """Ids of the panels on screen."""
        return {view.id or "" for view in self.screen.query(SpanView) if view.is_on_screen}


@asynccontextmanager
async def monitor(folder: RunFolder, size: tuple[int, int] = (120, 40)) -> AsyncIterator[MonitorPilot]:
    """The monitor of that run, its summary read, and its pauses shortened: tests ask what it shows, not when."""
    screen = MonitorScreen(folder, StillMachine())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.screens.monitor.PAINT_SECONDS", 0.01)
        patch.setattr("tui.screens.monitor.STATUS_SECONDS", 0.01)
        patch.setattr(tail, "POLL_SECONDS", 0.01)
        patch.setattr(tail, "VIEW_SECONDS", 0.02)
        patch.setattr(tail, "FIRST_SECONDS", 0.0)
        async with staged(screen, size) as pilot:
            yield MonitorPilot(pilot, screen)


@asynccontextmanager
async def staged(screen: MonitorScreen, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    """The monitor on its stage, its summary read."""
    async with Stage(screen).run_test(size=size) as pilot:
        await until(pilot, lambda: screen.run.view is not None and screen.is_current)
        yield pilot
