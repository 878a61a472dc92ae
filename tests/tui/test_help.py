"""Help, palette and footer: the key table, three more times."""

from __future__ import annotations

import re
from pathlib import Path

from tests.runs.builders import make_run
from tests.tui.driving import editor, home, until
from tui import keymap
from tui.screens.help import HelpScreen, explained, lines, side_by_side
from tui.screens.home import HomeScreen
from tui.screens.pick import PickScreen
from tui.theme import DARK, LIGHT
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import Row


def text_of(row: Row) -> str:
    return "".join(text for text, _ in row)


def footer(screen: HomeScreen) -> list[str]:
    return [key.id for key in screen.query_one(KeyBar).fitting(screen.size.width)]


async def test_the_question_mark_lists_the_keys_of_the_screen(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("question_mark")
        assert isinstance(app.app.screen, HelpScreen)
        assert ("n", "New run from a preset") in app.app.screen.rows
        await app.press("question_mark")
        assert isinstance(app.app.screen, HomeScreen)


async def test_f1_shows_the_keys_of_the_editor_while_typing(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("learning_rate")
        await app.press("f1")
        screen = app.pilot.app.screen
        assert isinstance(screen, HelpScreen)
        assert screen.rows == lines("editor")
        assert any("recommends" in what for _, what in screen.rows)


def test_what_a_key_does_is_wrapped_beside_it() -> None:
    told = explained([("tab", "one two three four"), ("m", "five")], 16)
    assert [[text_of(row) for row in entry] for entry in told] == [["tab  one two", "     three four"], ["  m  five"]]


def test_columns_are_read_one_after_the_other_and_tear_no_entry() -> None:
    entries = explained([("a", "one two"), ("b", "six"), ("c", "four")], 7)
    assert [text_of(row).rstrip() for row in side_by_side(entries, 2, 8)] == ["a  one    b  six", "   two    c  four"]


async def test_the_help_scrolls_by_pages_and_says_how_much_is_below(runs_dir: Path) -> None:
    async with editor(runs_dir, size=(40, 12)) as app:
        await app.press("f1")
        screen = app.pilot.app.screen
        assert isinstance(screen, HelpScreen)

        def below() -> int:
            found = re.search(r"pgdn: (\d+) more lines? below", screen.view.text)
            return int(found[1]) if found else 0

        await until(app.pilot, lambda: screen.view.text)
        page, end = screen.view.size.height - 2, below()
        assert end > 2 * page
        for key, at in (("pagedown", page), ("space", 2 * page), ("b", page), ("pageup", 0), ("end", end)):
            await app.press(key)
            assert (screen.first, below()) == (at, end - at)
        await app.press("k")
        assert "pgdn: 1 more line below" in screen.view.text
        await app.press("home")
        assert screen.first == 0


async def test_a_wide_screen_shows_the_keys_in_columns(runs_dir: Path) -> None:
    async with home(runs_dir, size=(140, 40)) as app:
        await app.press("question_mark")
        screen = app.pilot.app.screen
        assert isinstance(screen, HelpScreen)
        await until(app.pilot, lambda: screen.view.text)
        assert "below" not in screen.view.text
        rows = screen.view.text.splitlines()
        assert len(rows) < len(screen.rows)
        assert "…" not in screen.view.text.replace("1…9", "")


def test_the_digits_of_the_fixes_are_one_row_of_the_help() -> None:
    rows = [names for names, what in lines("monitor") if "that number" in what]
    assert rows == ["1…9"]


def test_the_help_of_the_editor_holds_the_keys_of_its_form() -> None:
    assert {row.help for row in keymap.of("form")} <= {what for _, what in lines("editor")}


async def test_the_palette_finds_an_action_and_does_it(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        assert app.app.theme == DARK.name
        await app.press("ctrl+p")
        assert isinstance(app.app.screen, PickScreen)
        await app.press(*"light", "enter")
        assert app.app.theme == LIGHT.name


async def test_the_palette_offers_only_what_can_be_done(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("ctrl+p")
        assert isinstance(app.app.screen, PickScreen)
        assert "home.delete" not in {choice.id for choice in app.app.screen.choices}


async def test_the_footer_shows_what_can_be_done_and_always_the_help(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        assert footer(app.home) == ["home.new", "home.file", "home.quit", "app.help"]
        make_run(runs_dir, "one", state="finished")
        await app.until(lambda: app.ids)
        assert footer(app.home)[0] == "home.open"
        await app.pilot.resize_terminal(30, 12)
        await app.press()
        assert footer(app.home)[-1] == "app.help"


async def test_a_click_on_the_footer_does_what_the_key_does(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.pilot.click(KeyBar, offset=(1, 0))
        await app.press()
        assert isinstance(app.app.screen, PickScreen)
