"""Help, palette and footer: the key table, three more times."""

from __future__ import annotations

from pathlib import Path

from tests.runs.builders import make_run
from tests.tui.driving import editor, home, until
from tui import keymap
from tui.screens.help import HelpScreen, explained, lines
from tui.screens.home import HomeScreen
from tui.screens.pick import PickScreen
from tui.theme import DARK, LIGHT
from tui.widgets.keybar import KeyBar


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
    assert str(told).splitlines() == ["tab  one two", "     three four", "  m  five"]


async def test_the_help_scrolls_by_pages_and_says_how_much_is_below(runs_dir: Path) -> None:
    async with editor(runs_dir, size=(40, 12)) as app:
        await app.press("f1")
        screen = app.pilot.app.screen
        assert isinstance(screen, HelpScreen)

        def told() -> str:
            return screen.query_one(".dialog").border_subtitle or ""

        await until(app.pilot, told)
        page, end = screen.keys.size.height - 1, screen.keys.max_scroll_y
        assert told() == f"pgdn: {end} more lines below"
        for key, at in (("pagedown", page), ("space", 2 * page), ("b", page), ("pageup", 0), ("end", end)):
            await app.press(key)
            assert screen.keys.scroll_y == at
        assert told() == ""
        await app.press("k")
        assert told() == "pgdn: 1 more line below"
        await app.press("home")
        assert screen.keys.scroll_y == 0


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
