"""The dialog that lets one of a list be picked: what the words mean first, and letters where there is no search."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import editor, home
from tui.app import TraindeckApp
from tui.screens import pick
from tui.screens.help import HelpScreen
from tui.screens.pick import Choice, PickScreen


@asynccontextmanager
async def picking(
    tmp_path: Path, choices: Sequence[Choice], *, search: bool
) -> AsyncIterator[tuple[Pilot[None], PickScreen, list[str | None]]]:
    answers: list[str | None] = []
    app = TraindeckApp(tmp_path / "runs")
    async with app.run_test() as pilot:
        screen = PickScreen("Pick", choices, search=search)
        await app.push_screen(screen, answers.append)
        await pilot.pause()
        yield pilot, screen, answers


def titled(*titles: str) -> list[Choice]:
    return [Choice(title, title) for title in titles]


# Words


async def test_what_is_named_so_comes_before_what_only_tells_of_it(tmp_path: Path) -> None:
    choices = [
        Choice("told", "Depth", "How deep; mode too"),
        Choice("mode.key", "Depths", "By mode"),
        Choice("part", "A mode of it"),
        Choice("start", "Model"),
        Choice("exact", "Mode"),
    ]
    async with picking(tmp_path, choices, search=True) as (pilot, screen, answers):
        await pilot.press(*"MODE")
        assert [row.key for row in screen.table.rows] == ["exact", "start", "part", "mode.key", "told"]
        await pilot.press("enter")
    assert answers == ["exact"]


@pytest.mark.parametrize(("words", "key"), [("mode", "model.mode"), ("data", "data.source"), ("path", "data.path")])
async def test_enter_after_the_name_of_a_field_goes_to_it(runs_dir: Path, words: str, key: str) -> None:
    async with editor(runs_dir) as app:
        await app.press("slash", *words)
        screen = app.pilot.app.screen
        assert isinstance(screen, PickScreen)
        assert screen.table.key == key


async def test_the_group_before_a_preset_does_not_get_in_the_way_of_its_name(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("n", *"CNN")
        screen = app.app.screen
        assert isinstance(screen, PickScreen)
        assert screen.table.rows[0].key == "cnn"
        assert screen.choices[2].id in [row.key for row in screen.table.rows[1:]]


# Letters, without a search


async def test_j_and_k_move_and_other_letters_go_to_the_next_title_that_begins_so(tmp_path: Path) -> None:
    choices = titled("Alpha", "beta", "gamma", "best", "kappa")
    async with picking(tmp_path, choices, search=False) as (pilot, screen, answers):
        seen = []
        for key in ("j", "j", "k", "b", "b", "x", "k"):
            await pilot.press(key)
            seen.append(screen.table.key)
        assert seen == ["beta", "gamma", "beta", "best", "beta", "beta", "Alpha"]
        await pilot.press("g", "enter")
    assert answers == ["gamma"]


async def test_letters_in_a_row_are_one_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = titled("imagenet", "normal", "none", "early", "disc", "disk")
    async with picking(tmp_path, choices, search=False) as (pilot, screen, _):
        await pilot.press(*"none")
        assert screen.table.key == "none"
        monkeypatch.setattr(pick, "PAUSE_SECONDS", -1.0)
        await pilot.press("e")
        assert screen.table.key == "early"
        monkeypatch.undo()
        await pilot.press("up", *"disk")
        assert screen.table.key == "disk"
        await pilot.press("k")
        assert screen.table.key == "disc"


async def test_typing_none_on_the_weights_marks_none(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("model.kind", "transfer")
        await app.focus("model.weights")
        await app.press("enter")
        screen = app.pilot.app.screen
        assert isinstance(screen, PickScreen)
        await app.press(*"none", "enter")
        assert app.draft.shown("model.weights") == "none"


async def test_with_a_search_j_and_the_question_mark_are_text(tmp_path: Path) -> None:
    async with picking(tmp_path, titled("a", "j?"), search=True) as (pilot, screen, _):
        await pilot.press("j", "question_mark")
        assert [row.key for row in screen.table.rows] == ["j?"]


@pytest.mark.parametrize(("search", "key"), [(False, "question_mark"), (True, "f1")])
async def test_the_help_of_the_dialog_tells_of_the_letters(tmp_path: Path, search: bool, key: str) -> None:
    async with picking(tmp_path, titled("a", "b"), search=search) as (pilot, _, _answers):
        await pilot.press(key)
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, HelpScreen)
        assert any("begins so" in what for _, what in screen.rows)
