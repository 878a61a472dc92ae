"""Driving the app as a person does, and waiting until it has done what was asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from training.config.schema import TrainingConfig
from tui.app import TraindeckApp
from tui.editor.draft import Draft
from tui.editor.notes import Note
from tui.editor.rows import FormRow, row_of
from tui.editor.title import TitleBar
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.screens.pick import PickScreen
from tui.widgets.rows import Row


async def until(pilot: Pilot[Any], condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Let the app work until the condition holds; threads of the app give no event to wait for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        await pilot.pause()
        await asyncio.sleep(0)


def text_of(app: TraindeckApp, selector: str) -> str:
    """What a Static shows."""
    return str(app.screen.query_one(selector, Static).visual)


def unwrapped(rows: Sequence[Row]) -> str:
    """Rows of text, a line each."""
    return "\n".join("".join(text for text, _ in row) for row in rows)


class HomePilot:
    """Home as the tests speak of it: rows by the run's id, cells by the column's."""

    def __init__(self, pilot: Pilot[None], screen: HomeScreen) -> None:
        self.pilot = pilot
        self.app = screen.app
        self.home = screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], Any]) -> None:
        await until(self.pilot, condition)

    @property
    def ids(self) -> list[str]:
        return [row.key for row in self.home.table.rows]

    @property
    def selected(self) -> str:
        return self.home.table.key

    def cells(self, run_id: str) -> dict[str, str]:
        table = self.home.table
        row = next(row for row in table.rows if row.key == run_id)
        return {column.id: cell.text for column, cell in zip(table.columns, row.cells, strict=True)}

    def text(self, selector: str) -> str:
        return text_of(self.app, selector)

    @property
    def said(self) -> list[str]:
        """The notes in the corner."""
        return [note.message for note in self.app._notifications]


@asynccontextmanager
async def home(runs_dir: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[HomePilot]:
    """The app on Home, with its first reading of the runs done."""
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, HomeScreen)
        await until(pilot, lambda: screen.seen)
        yield HomePilot(pilot, screen)


class EditorPilot:
    """An editor as the tests speak of it: fields by their key, typing, hints."""

    def __init__(self, pilot: Pilot[None], screen: EditorScreen) -> None:
        self.pilot = pilot
        self.screen = screen

    @property
    def draft(self) -> Draft:
        return self.screen.draft

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def focused(self) -> str:
        """Key of the row with the cursor."""
        row = self.screen.form.row
        return row.key if row else ""

    async def focus(self, key: str) -> None:
        self.screen.go(key)
        await self.pilot.pause()

    async def set(self, key: str, value: Any) -> None:
        """A value as if it had been chosen; typing is `type_into`."""
        self.draft.set(key, value)
        self.screen.show()
        await self.pilot.pause()

    async def type_into(self, key: str, text: str) -> None:
        """Go to the field, clear it, type."""
        if not any(row.key == key for row in self.screen.form.rows) and (switch := SWITCHES.get(key)):
            await self.set(*switch)
        await self.focus(key)
        self.screen.form.begin()
        await self.pilot.press("end", "ctrl+u", *keys_of(text))
        await self.pilot.pause()

    def row(self, key: str) -> FormRow:
        return next(row for row in self.screen.form.rows if row.key == key)

    def shows(self, key: str) -> bool:
        return any(row.key == key for row in self.screen.form.rows)

    def hint(self, key: str) -> Note:
        """The worst note on a field; fails where there is none."""
        return next(note for note in self.draft.notes if key in (note.key, row_of(note.key)))

    def hints(self, key: str) -> list[Note]:
        return [note for note in self.draft.notes if key in (note.key, row_of(note.key))]

    @property
    def about(self) -> str:
        """The panel beside the form, unwrapped."""
        return unwrapped(self.screen.side.about.whole(200))

    @property
    def title(self) -> str:
        return self.screen.query_one(TitleBar).text


SWITCHES: dict[str, tuple[str, Any]] = {"l2_lambda": ("l2_decay", True), "es_patience": ("early_stopping", True)}
_KEYS = {
    " ": "space", ".": "full_stop", "-": "minus", ":": "colon", ",": "comma", "/": "slash", "_": "underscore",
    "[": "left_square_bracket", "]": "right_square_bracket",
}  # fmt: skip


def keys_of(text: str) -> list[str]:
    return [_KEYS.get(character, character) for character in text]


@asynccontextmanager
async def editor(
    runs_dir: Path, draft: Draft | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[EditorPilot]:
    """The app with an editor over Home."""
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=size) as pilot:
        screen = EditorScreen(draft or Draft(TrainingConfig()))
        await app.push_screen(screen)
        # What is known of the data changes hints: it is there from the first key on.
        await until(pilot, lambda: screen.gatherer is not None and screen.gatherer.is_mounted)
        await pilot.pause()
        yield EditorPilot(pilot, screen)


def dialog(app: EditorPilot) -> PickScreen:
    """The list over the editor; fails where there is none."""
    screen = app.pilot.app.screen
    assert isinstance(screen, PickScreen)
    return screen


async def type_epochs(app: EditorPilot, text: str) -> None:
    """And end the typing, so that letters and esc are the editor's keys again."""
    await app.type_into("epochs", text)
    await app.press("enter")
