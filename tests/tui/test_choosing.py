"""The dialog in which lines are switched on and off and put into an order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.monitoring import Stage
from tui.screens.choose import ChooseScreen, Option
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Table

FRUIT = (
    Option("a", "Apple"),
    Option("b", "Banana", "yellow"),
    Option("c", "Cherry", chosen=False),
    Option("d", "Date"),
)


@asynccontextmanager
async def choosing(
    options: Sequence[Option] = FRUIT, size: tuple[int, int] = (80, 24), **settings: object
) -> AsyncIterator[tuple[Pilot[None], ChooseScreen, list[list[str] | None]]]:
    answers: list[list[str] | None] = []
    screen = ChooseScreen("Fruit", options, **settings)  # type: ignore[arg-type]
    app = Stage(ChooseScreen("behind", ()))
    async with app.run_test(size=size) as pilot:
        await app.push_screen(screen, answers.append)
        await pilot.pause()
        yield pilot, screen, answers


def said(screen: ChooseScreen) -> str:
    return str(screen.query_one("#choose-said", Static).visual)


def lines(screen: ChooseScreen) -> list[str]:
    """What the dialog paints of its list, from the first line in sight."""
    table = screen.query_one(Table)
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


async def test_enter_answers_what_is_on_in_its_order() -> None:
    async with choosing() as (pilot, screen, answers):
        assert lines(screen) == ["▸ [x] Apple", "  [x] Banana yellow", "  [ ] Cherry", "  [x] Date"]
        assert said(screen) == "3 of 4 on"
        await pilot.press("enter")
    assert answers == [["a", "b", "d"]]


async def test_space_switches_the_marked_line_and_its_sign_says_so_without_colour() -> None:
    async with choosing() as (pilot, screen, answers):
        await pilot.press("space", "j", "j", "x")
        assert [line[:5] for line in lines(screen)] == ["  [ ]", "  [x]", "▸ [x]", "  [x]"]
        await pilot.press("enter")
    assert answers == [["b", "c", "d"]]


async def test_capital_j_and_k_carry_the_marked_line_down_and_up_as_far_as_there_are_lines() -> None:
    async with choosing() as (pilot, screen, answers):
        await pilot.press("K", "J", "J", "J", "J")
        assert [option.id for option in screen.options] == ["b", "c", "d", "a"]
        assert screen.table.cursor == 3
        await pilot.press("shift+up")
        assert [option.id for option in screen.options] == ["b", "c", "a", "d"]
        await pilot.press("enter")
    assert answers == [["b", "a", "d"]]


async def test_zero_brings_back_the_default_and_the_mark_stays_on_its_line() -> None:
    async with choosing(default=("c", "a")) as (pilot, screen, answers):
        await pilot.press("j", "0")
        assert [(option.id, option.chosen) for option in screen.options] == [
            ("c", True), ("a", True), ("b", False), ("d", False),
        ]  # fmt: skip
        assert lines(screen)[2] == "▸ [ ] Banana yellow"
        await pilot.press("enter")
    assert answers == [["c", "a"]]


async def test_without_a_default_there_is_no_reset_key() -> None:
    async with choosing() as (pilot, screen, _):
        shown = {key.id for key in screen.query_one(KeyBar).fitting(200)}
        assert "choose.reset" not in shown
        assert "choose.take" in shown
        await pilot.press("space", "0")
        assert screen.chosen == ["b", "d"]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_escape_changes_nothing(key: str) -> None:
    async with choosing() as (pilot, _, answers):
        await pilot.press("space", key)
    assert answers == [None]


async def test_nothing_at_all_is_refused_with_a_reason_where_it_makes_no_sense() -> None:
    async with choosing(FRUIT[:1], refusal="One has to stay.") as (pilot, screen, answers):
        await pilot.press("space", "enter")
        assert said(screen) == "✗ One has to stay."
        assert screen.query_one("#choose-said").has_class("error")
        await pilot.press("space")
        assert said(screen) == "1 of 1 on"
        await pilot.press("enter")
    assert answers == [["a"]]


async def test_nothing_at_all_is_an_answer_elsewhere() -> None:
    async with choosing(FRUIT[:1]) as (pilot, _, answers):
        await pilot.press("space", "enter")
    assert answers == [[]]


async def test_a_click_marks_a_line_and_a_second_one_switches_it() -> None:
    async with choosing() as (pilot, screen, _):
        await pilot.click(Table, offset=(8, 2))
        assert (screen.table.cursor, screen.options[2].chosen) == (2, False)
        await pilot.click(Table, offset=(8, 2))
        assert screen.options[2].chosen


async def test_a_long_list_scrolls_with_the_line_that_is_carried_on_a_small_screen() -> None:
    many = [Option(str(number), f"Line number {number}", "some detail that is long") for number in range(30)]
    async with choosing(many, size=(40, 12)) as (pilot, screen, _):
        assert screen.query_one(Table).size.height == 7
        await pilot.press("pagedown", *["J"] * 10)
        assert screen.options[18].id == "8"
        assert any(line.startswith("▸ [x] Line number 8") for line in lines(screen))
        bar = screen.query_one(KeyBar)
        assert bar.region.bottom <= 12
        assert {"choose.take", "choose.toggle"} <= {key.id for key in bar.fitting(bar.size.width)}


async def test_a_list_without_lines_can_be_left() -> None:
    async with choosing(()) as (pilot, _, answers):
        await pilot.press("space", "J", "0", "enter")
    assert answers == [[]]
