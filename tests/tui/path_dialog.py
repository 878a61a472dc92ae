"""The path dialog as the tests speak of it, in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import keys_of, text_of, until
from tui.app import TraindeckApp
from tui.paths import Wants
from tui.screens.open_file import PathScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


class Dialog:
    """The dialog as the tests speak of it."""

    def __init__(self, pilot: Pilot[None], screen: PathScreen, answers: list[Path | None]) -> None:
        self.pilot, self.screen, self.answers = pilot, screen, answers

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*keys_of(text))

    async def until(self, condition: Callable[[], Any]) -> None:
        await until(self.pilot, condition)

    @property
    def typed(self) -> str:
        return self.screen.typed

    @property
    def names(self) -> list[str]:
        return [row.cells[0].text for row in self.screen.table.rows]

    @property
    def said(self) -> dict[str, str]:
        """What stands beside each name."""
        return {row.cells[0].text: row.cells[1].text for row in self.screen.table.rows}

    @property
    def marked(self) -> str:
        return self.names[self.screen.table.cursor]

    @property
    def note(self) -> str:
        return text_of(self.pilot.app, "#path-note")  # type: ignore[arg-type]

    @property
    def enter(self) -> str:
        """The footer's word for enter."""
        return self.screen.query_one(KeyBar).rows[0].description


@asynccontextmanager
async def dialog(
    tmp_path: Path, start: Path | str = "", wants: Wants = "config", size: tuple[int, int] = (80, 24), **more: Any
) -> AsyncIterator[Dialog]:
    answers: list[Path | None] = []
    app = TraindeckApp(tmp_path / "runs")
    async with app.run_test(size=size) as pilot:
        screen = PathScreen("Open", start, wants=wants, **more)
        await app.push_screen(screen, answers.append)
        await pilot.pause()
        yield Dialog(pilot, screen, answers)
