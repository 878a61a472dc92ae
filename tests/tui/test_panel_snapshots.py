"""Pictures of the panels of the monitor. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import until
from tests.tui.fakes import FakeRun
from tests.tui.monitoring import Stage
from tests.tui.panel_runs import Server, animals, long_console, many_classes, with_papers
from tui.monitor import tail
from tui.screens.monitor import MonitorScreen

SIZES = [(120, 40), (80, 24), (40, 12)]
KEYS = {
    "classes": ("c",),
    "confusion": ("c", "c"),
    "devices": ("g",),
    "config": ("i",),
    "environment": ("i", "i"),
    "search": ("slash", *"warning", "enter", "N"),
}


@pytest.fixture(autouse=True)
def a_place_that_stays(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """UTC, a runs folder whose path is the same each time, and a host of that name."""
    (here / "runs").mkdir(exist_ok=True)
    monkeypatch.setattr("tui.monitor.panels.devices.socket.gethostname", lambda: "node17")
    monkeypatch.setattr(tail, "HARDWARE_SECONDS", 3600.0)  # read once, however slow the test
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def pictured(run: FakeRun, machine: Server) -> Stage:
    return Stage(MonitorScreen(run.folder, machine))


def after(
    condition: Callable[[MonitorScreen], Any], *keys: str, then: Callable[[MonitorScreen], Any] = lambda _: True
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Wait until the monitor has read that much, press the keys, and wait until what they ask for was read."""

    async def act(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        await until(pilot, lambda: screen.run.view is not None and condition(screen))
        screen.paint()
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: not screen.printed.searching and screen.printed.asked is None)
        await until(pilot, lambda: then(screen))
        screen.paint()
        await pilot.pause()

    return act


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("panel", KEYS)
def test_a_panel(snap_compare: Any, size: tuple[int, int], panel: str) -> None:
    run = with_papers(animals(Path("runs"), live=panel == "devices"))
    if panel == "search":
        long_console(run)
    machine = Server(gpus=3)

    def is_read(screen: MonitorScreen) -> bool:
        if screen.run.live and len(screen.run.loads) == 1:
            history = Server()
            screen.run.loads.extendleft(history.read() for _ in range(12))
        needs_papers = panel in ("devices", "config", "environment")
        return (screen.papers is not None or not needs_papers) and (not screen.run.live or bool(screen.run.loads))

    shown = after(
        lambda screen: screen.run.curves.classes and (panel != "search" or screen.run.console),
        *KEYS[panel],
        then=is_read,
    )
    assert snap_compare(pictured(run, machine), terminal_size=size, run_before=shown)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_thousand_classes(snap_compare: Any, size: tuple[int, int]) -> None:
    run = many_classes(Path("runs"))
    shown = after(lambda screen: screen.run.curves.classes, "c", "pagedown", "pagedown")
    assert snap_compare(pictured(run, Server()), terminal_size=size, run_before=shown)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_events_scrolled_back(snap_compare: Any, size: tuple[int, int]) -> None:
    run = animals(Path("runs"))
    for number in range(80):
        run.say(f"message {number}")
    keys = ("tab", "tab", "pageup") if size[0] < 60 else ("tab", "pageup") if size[0] < 100 else ("pageup",)
    shown = after(lambda screen: len(screen.run.curves.log) > 80, *keys)
    assert snap_compare(pictured(run, Server()), terminal_size=size, run_before=shown)
