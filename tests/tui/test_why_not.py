"""A key that the help lists and that has nothing to do now says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.runs.builders import make_run
from tests.tui.driving import home, text_of
from tests.tui.fakes import FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor
from tests.tui.overlaying import overlay, run_of
from tui.screens.choose import ChooseScreen
from tui.screens.overlay import OverlayScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture
def run(runs_dir: Path) -> FakeRun:
    made = learning_run(runs_dir)
    made.finish()
    return made


def said(pilot: Any) -> list[str]:
    """The notes in the corner."""
    return [note.message for note in pilot.app._notifications]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("p", "finished: nothing to pause"),
        ("r", "finished: nothing to resume"),
        ("s", "finished: nothing to stop"),
        ("a", "finished: nothing to adjust"),
        ("K", "finished: nothing to save"),
        ("slash", "The console is empty: nothing to search."),
        ("n", "No line is found: / searches the console."),
        ("o", "This run has no parent."),
        ("3", "There is no fix 3."),
        ("0", "The whole run is in sight: + zooms in."),
    ],
)
async def test_a_key_of_the_monitor_with_nothing_to_do_says_why(run: FakeRun, key: str, why: str) -> None:
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.curves.epoch >= 12)
        before = footer(screen)
        await screen.press(key)
        await screen.until(lambda: said(screen) == [why])
        await screen.press(key)
        assert said(screen) == [why]  # once is enough
        assert footer(screen) == before


def footer(screen: MonitorPilot) -> list[str]:
    return [key.id for key in screen.screen.query_one(KeyBar).fitting(120)]


@pytest.mark.parametrize("key", ["i", "plus", "x", "tab", "f12", "down"])
async def test_a_key_that_does_something_or_means_nothing_says_nothing(run: FakeRun, key: str) -> None:
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.curves.epoch >= 12)
        await screen.press(key)
        assert said(screen) == []


async def test_home_says_why_a_finished_run_is_not_resumed(runs_dir: Path) -> None:
    make_run(runs_dir, "old", state="finished")
    async with home(runs_dir) as app:
        await app.press("r")
        assert app.said == ["finished: nothing to resume"]
        await app.press("escape")
        assert len(app.said) == 1


async def test_keys_typed_into_homes_search_say_nothing(runs_dir: Path) -> None:
    make_run(runs_dir, "old", state="finished")
    async with home(runs_dir) as app:
        await app.press("slash", "r", "enter")
        assert app.said == []
        assert app.app.screen.query_one(Input).value == "r"


async def test_an_overlay_without_seeds_says_so(runs_dir: Path) -> None:
    async with overlay([run_of(runs_dir, "one"), run_of(runs_dir, "two", learning_rate=0.1)]) as app:
        await app.press("g")
        assert said(app.pilot) == ["No two of these runs differ in their seed alone."]


async def test_a_comparison_takes_two_runs(runs_dir: Path) -> None:
    run_of(runs_dir, "other")
    async with monitor(run_of(runs_dir, "one").folder) as screen:
        await screen.press("O")
        await screen.until(lambda: isinstance(screen.app.screen, ChooseScreen) and screen.app.screen.is_mounted)
        dialog = screen.app.screen
        assert isinstance(dialog, ChooseScreen)
        assert len(dialog.chosen) == 2
        await screen.press("space", "enter")
        assert screen.app.screen is dialog
        assert "Choose two runs or more." in text_of(screen.app, "#choose-said")
        await screen.press("space", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, OverlayScreen))
