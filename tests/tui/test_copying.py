"""Copying: what the terminal is told, what is shown, and whose the mouse is meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.screen import Screen

from tests.tui.monitoring import Stage
from tests.tui.terminal import listen
from tui.away import clipboard
from tui.away.terminal import passed_through
from tui.screens.copy_text import CopyScreen, aligned
from tui.screens.copying import Copyable, copy_menu
from tui.screens.pick import PickScreen
from tui.widgets.keybar import KeyBar
from tui.widgets.spans import SpanView


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the app writes to its terminal beside its cells."""
    return listen(monkeypatch)


class Behind(Screen[None]):
    """Something to copy from."""


def stage(*choices: Copyable) -> Stage:
    class Opened(Stage):
        async def on_ready(self) -> None:
            copy_menu(self.screen, choices)

    return Opened(Behind())


def shown(app: App[Any]) -> str:
    return "\n".join(view.text for view in app.screen.query(SpanView))


def osc52(text: str) -> str:
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


async def test_the_menu_copies_what_was_picked_and_asks_for_its_text_only_then(written: list[str]) -> None:
    asked: list[str] = []

    def text(name: str) -> Callable[[], str]:
        return lambda: asked.append(name) or f"/runs/{name}"  # type: ignore[func-returns-value]

    app = stage(("run path", text("one")), ("run id", text("two")))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert isinstance(app.screen, PickScreen)
        assert not asked
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CopyScreen)
        assert asked == ["two"]
        assert osc52("/runs/two") in written
        assert "Copy: run id" in shown(app)
        assert "/runs/two" in shown(app)


async def test_a_single_text_is_copied_at_once(written: list[str]) -> None:
    app = stage(("run path", lambda: "/runs/grün"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert isinstance(app.screen, CopyScreen)
        assert written.count(osc52("/runs/grün")) == 1


async def test_with_nothing_to_copy_a_note_says_so() -> None:
    app = stage()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not isinstance(app.screen, CopyScreen)
        assert [note.message for note in app._notifications] == ["There is nothing to copy here yet."]


async def test_the_mouse_is_the_terminals_while_the_text_is_shown_and_the_apps_afterwards(written: list[str]) -> None:
    app = stage(("run path", lambda: "/runs/a"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert written[-1] == "_disable_mouse_support"
        assert app._driver is not None
        app._driver._mouse_pixels = True  # type: ignore[attr-defined]
        await pilot.press("escape")
        await pilot.pause()
        assert written[-2:] == ["_enable_mouse_support", "_enable_mouse_pixels"]


async def test_what_a_terminal_would_obey_is_neither_copied_nor_shown(written: list[str]) -> None:
    app = stage(("log line", lambda: "bad\x1b]0;owned\x07 [red]name[/]"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert osc52("bad [red]name[/]") in written
        assert "bad [red]name[/]" in shown(app)


async def test_a_text_that_no_terminal_takes_is_only_shown_and_the_screen_says_so(written: list[str]) -> None:
    app = stage(("table", lambda: "x" * (clipboard.MOST_BYTES + 1)))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not any("]52;" in sequence for sequence in written)
        assert "Too long for the clipboard of a terminal (74 KiB of at most 73)." in " ".join(shown(app).split())


async def test_the_longest_text_that_fits_makes_a_sequence_of_at_most_100000_bytes() -> None:
    text = "x" * clipboard.MOST_BYTES
    assert clipboard.fits(text)
    assert 99_900 < len(osc52(text)) <= 100_000


async def test_a_long_text_scrolls_to_its_end_and_no_further() -> None:
    app = stage(("lines", lambda: "\n".join(f"line {n}" for n in range(100))))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert "line 0" in shown(app)
        await pilot.press("j")
        assert "line 0\n" not in shown(app)
        await pilot.press(*["space"] * 30)
        assert shown(app).endswith("line 99")
        last = shown(app)
        await pilot.press("down")
        assert shown(app) == last


async def test_a_line_longer_than_the_screen_goes_on_below(written: list[str]) -> None:
    path = "/" + "p" * 100
    app = stage(("run path", lambda: path))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        text = app.screen.query_one("#copy-text", SpanView).text
        assert text.replace("\n", "") == path
        assert osc52(path) in written
        assert app.screen.query_one(KeyBar).is_on_screen


def test_columns_that_are_apart_by_tabs_stand_below_each_other() -> None:
    assert aligned("a title\nrun\tlr\nlonger\t0.1") == ["a title", "run     lr", "longer  0.1"]


def test_inside_tmux_a_sequence_is_wrapped_so_that_the_terminal_outside_gets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert passed_through("\x1b]9;x\x07") == "\x1b]9;x\x07"
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    assert passed_through("\x1b]9;x\x07") == "\x1bPtmux;\x1b\x1b]9;x\x07\x1b\\"
    monkeypatch.delenv("TMUX")
    monkeypatch.setenv("STY", "1.pts")
    assert passed_through("\x1b]9;x\x07") == "\x1bP\x1b]9;x\x07\x1b\\"


async def test_inside_tmux_the_text_goes_to_tmux_itself_too(
    written: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard = tmp_path / "heard"
    fake = tmp_path / "tmux"
    fake.write_text(f'#!/bin/sh\necho "$@" > {heard}.words\ncat > {heard}.new && mv {heard}.new {heard}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    app = stage(("run path", lambda: "/runs/a"))
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
    assert heard.read_text() == "/runs/a"
    assert (tmp_path / "heard.words").read_text() == "load-buffer -w -\n"
    assert osc52("/runs/a") in written
    assert passed_through(osc52("/runs/a")) in written
