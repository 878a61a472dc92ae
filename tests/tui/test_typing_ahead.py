"""Keys that come all at once are for what the keys before them open: a search, a dialog, another screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.runs.builders import make_run
from tests.tui.driving import HomePilot, home, keys_of, until
from tests.tui.fakes import FakeRun
from tests.tui.overlaying import run_of
from tests.tui.panel_runs import long_console
from tui.app import TraindeckApp
from tui.home.arrangement import DEFAULT_COLUMNS
from tui.monitor.others import others_of
from tui.screens import monitor_others
from tui.screens.choose import ChooseScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.monitor import MonitorScreen
from tui.screens.overlay import OverlayScreen
from tui.screens.pick import PickScreen
from tui.screens.prompt import PromptScreen
from tui.screens.repeat import RepeatScreen
from tui.widgets import type_ahead


def burst(app: Any, *keys: str) -> None:
    """All keys as one read of the terminal brings them: none waits for what another does."""
    for key in keys:
        character = key if len(key) == 1 else {"space": " ", "slash": "/", "colon": ":"}.get(key)
        app.post_message(events.Key(key, character))


@asynccontextmanager
async def watched(run: FakeRun, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Pilot[None], MonitorScreen]]:
    """The app on the monitor of that run, which is read."""
    app = TraindeckApp(run.folder.path.parent, watch=run.folder)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MonitorScreen) and app.screen.run.view is not None)
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        await until(pilot, lambda: bool(screen.run.curves.epochs) and screen.is_current)
        yield pilot, screen


def field(app: HomePilot | TraindeckApp) -> str:
    """What stands in the field of the screen in front."""
    front = app.app if isinstance(app, HomePilot) else app
    return front.screen.query_one(Input).value


@pytest.fixture
def three(runs_dir: Path) -> Path:
    for name in ("alpha", "beta", "gamma"):
        make_run(runs_dir, name, state="finished")
    return runs_dir


# Home


@pytest.mark.parametrize("text", ["dy", "name:beta", "nam", "q"])
async def test_what_follows_the_slash_is_searched_for_and_nothing_else_happens(three: Path, text: str) -> None:
    async with home(three) as app:
        burst(app.app, "slash", *keys_of(text))
        await app.until(lambda: app.home.search == text)
        await app.press()
        assert app.app.screen is app.home
        assert app.app.is_running
    assert len(list(three.iterdir())) == 3


async def test_a_search_typed_at_once_with_its_end_leaves_the_cursor_in_the_table(three: Path) -> None:
    async with home(three) as app:
        burst(app.app, "slash", *"alpha", "enter", "space")
        await app.until(lambda: app.home.marked == {"alpha"})
        assert app.home.search == "alpha"
        assert app.home.focused is app.home.table


async def test_backspace_takes_away_what_was_typed_just_before_it(three: Path) -> None:
    async with home(three) as app:
        burst(app.app, "slash", *"bxe", "backspace", "backspace", "e", "t", "left", "left", "delete", "E")
        await app.until(lambda: app.home.search == "bEt")


@pytest.mark.parametrize(
    ("keys", "dialog", "text"),
    [
        (("N", *"seen"), PromptScreen, "seen"),
        (("t", *"one", "space", *"two"), PromptScreen, "one two"),
        (("s", *"acc"), PickScreen, "acc"),
        (("colon", *"copy"), PickScreen, "copy"),
    ],
)
async def test_a_dialog_gets_what_is_typed_behind_its_key(
    three: Path, keys: Sequence[str], dialog: type, text: str
) -> None:
    async with home(three) as app:
        burst(app.app, *keys)
        await app.until(lambda: isinstance(app.app.screen, dialog) and field(app) == text)


async def test_keys_behind_the_answer_of_a_dialog_are_the_tables_again(three: Path) -> None:
    async with home(three) as app:
        burst(app.app, "N", *"seen", "enter", "j")
        await app.until(lambda: app.app.screen is app.home and app.home.table.cursor == 1)


async def test_keys_reach_a_list_that_is_just_opening(three: Path) -> None:
    async with home(three) as app:
        burst(app.app, "C", "j", "space", "enter")
        await app.until(lambda: app.home.arrangement.columns != DEFAULT_COLUMNS)
        assert [column.key for column in app.home.chosen_columns()][:2] == ["state", "epoch"]


async def test_a_yes_typed_before_the_question_deletes_nothing(three: Path) -> None:
    async with home(three) as app:
        burst(app.app, "d", "y")
        await app.until(lambda: isinstance(app.app.screen, ConfirmScreen))
        await app.press()
        assert isinstance(app.app.screen, ConfirmScreen)
        assert len(list(three.iterdir())) == 3
        await app.press("y")
        await app.until(lambda: len(list(three.iterdir())) == 2)


@pytest.mark.parametrize("keys", [("n",), ("escape",), ("tab", "enter"), ("enter",)])
async def test_a_no_typed_before_the_question_is_a_no(three: Path, keys: Sequence[str]) -> None:
    async with home(three) as app:
        burst(app.app, "d", *keys)
        await app.until(lambda: app.app.screen is app.home and app.home.is_current)
        await app.press()
    assert len(list(three.iterdir())) == 3


async def test_a_screen_takes_keys_once_it_is_there(runs_dir: Path) -> None:
    run_of(runs_dir, "digits")
    async with home(runs_dir) as app:
        burst(app.app, "enter", "i", "plus", "x", "t", "M")
        await app.until(lambda: isinstance(app.app.screen, MonitorScreen) and app.app.screen.lens.marker != "braille")
        screen = app.app.screen
        assert isinstance(screen, MonitorScreen)
        assert screen.panel == "config"


# The monitor


async def test_what_follows_the_slash_is_searched_for_in_the_console(runs_dir: Path) -> None:
    run = run_of(runs_dir, "digits")
    long_console(run, 50)
    async with watched(run) as (pilot, screen):
        await until(pilot, lambda: bool(screen.run.console))
        burst(screen.app, "slash", *"pas")
        await until(pilot, lambda: screen.printed.query == "pas")
        assert screen.is_current


async def test_a_number_of_repeats_typed_at_once_is_the_number_that_is_asked_about(runs_dir: Path) -> None:
    run = run_of(runs_dir, "digits")
    async with watched(run) as (pilot, screen):
        app = screen.app
        burst(app, "R", "1", "7", "backspace", "enter", "y")
        await until(pilot, lambda: isinstance(app.screen, RepeatScreen))
        question = app.screen
        assert isinstance(question, RepeatScreen)
        assert question.count == 1
        assert not question.launching


async def test_keys_wait_for_a_dialog_that_a_thread_prepares(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = run_of(runs_dir, "digits"), run_of(runs_dir, "other")
    may_go = Event()

    def slowly(view: Any) -> Any:
        assert may_go.wait(10)
        return others_of(view)

    monkeypatch.setattr(monitor_others, "others_of", slowly)
    monkeypatch.setattr(type_ahead, "HELD_SECONDS", 60.0)
    async with watched(run) as (pilot, screen):
        app = screen.app
        burst(app, "O", "j", "x", "z")
        await pilot.pause()
        assert screen.is_current
        may_go.set()
        await until(pilot, lambda: isinstance(app.screen, ChooseScreen) and app.screen.is_mounted)
        dialog = app.screen
        assert isinstance(dialog, ChooseScreen)
        await until(pilot, lambda: [option.chosen for option in dialog.options][1] is True)
        assert not screen.large


async def test_keys_for_a_dialog_that_does_not_come_are_dropped(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = run_of(runs_dir, "digits"), run_of(runs_dir, "other")
    may_go = Event()
    monkeypatch.setattr(type_ahead, "HELD_SECONDS", 0.05)
    monkeypatch.setattr(monitor_others, "others_of", lambda view: may_go.wait(10) and others_of(view))
    async with watched(run) as (pilot, screen):
        app = screen.app
        burst(app, "O", "q", "q")
        await pilot.pause(0.1)
        await pilot.press("z")
        await until(pilot, lambda: screen.large)
        may_go.set()
        await until(pilot, lambda: isinstance(app.screen, ChooseScreen))


async def test_an_overlay_gets_the_keys_behind_the_one_that_opens_it(runs_dir: Path) -> None:
    run_of(runs_dir, "digits"), run_of(runs_dir, "other")
    async with home(runs_dir) as app:
        burst(app.app, "space", "space", "c", "j", "b", "tab", "q", "u")
        await app.until(lambda: app.app.screen is app.home and not app.home.marked)
        assert not isinstance(app.app.screen, OverlayScreen)
