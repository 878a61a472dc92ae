"""A dialog for a path, with the folder's entries under it and completion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from training.text import has_controls, one_line
from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Cell, Column, Row, Table
from tui.widgets.text_input import TextInput

COLUMNS = (Column("name", "", 20, 0, most=200),)
SUFFIXES = (".yaml", ".yml")
MOST = 500
"""Entries of a folder that are looked at."""


def entries(typed: str) -> list[str]:
    """Folders and YAML files that the typed path may go on to, as paths to type; folders end in a slash."""
    folder, _, start = typed.rpartition("/")
    place = Path(folder or ("/" if typed.startswith("/") else ".")).expanduser()
    found = []
    try:
        with os.scandir(place) as scan:
            for entry, _ in zip(scan, range(MOST), strict=False):
                if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith(".")):
                    found.append((not entry.is_dir(), entry.name))
    except OSError:
        return []
    head = f"{folder}/" if folder or typed.startswith("/") else ""
    return [
        f"{head}{name}{'' if is_file else '/'}"
        for is_file, name in sorted(found)
        if not has_controls(name) and (not is_file or name.endswith(SUFFIXES))
    ]


class PathScreen(ModalScreen[Path | None]):
    """Answers a path, or None. With `must_exist` only a file that is there is taken."""

    CSS_PATH = "open_file.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("file")

    def __init__(self, title: str, start: Path, *, must_exist: bool) -> None:
        super().__init__()
        self.heading = title
        self.start = start
        self.must_exist = must_exist

    def compose(self) -> ComposeResult:
        text = f"{self.start}/" if self.start.is_dir() else str(self.start)
        with Vertical(classes="dialog"):
            yield Static(self.heading, classes="title", markup=False)
            yield TextInput(text, select_on_focus=False, id="path")
            yield Static(id="path-error", classes="error", markup=False)
            yield Table(COLUMNS, id="path-entries", one_click=True)
            yield KeyBar("file")

    def on_mount(self) -> None:
        self.query_one("#path", Input).focus()

    @property
    def typed(self) -> str:
        return self.query_one("#path", Input).value

    @property
    def table(self) -> Table:
        return self.query_one("#path-entries", Table)

    @on(Input.Changed)
    def list_entries(self) -> None:
        found = entries(self.typed)
        self.table.show([Row(path, (Cell(Path(path).name + "/" * path.endswith("/")),)) for path in found])
        self.query_one("#path-error", Static).update("")

    def _type(self, path: str) -> None:
        field = self.query_one("#path", Input)
        field.value = path
        field.cursor_position = len(path)

    def action_complete(self) -> None:
        """As far as all entries agree; with one entry all of it, else the marked one."""
        found = [row.key for row in self.table.rows]
        common = os.path.commonprefix(found)  # noqa: RUF071 - by character is what completion means
        if len(common) > len(self.typed):
            self._type(common)
        elif found:
            self._type(self.table.key)

    def action_move(self, lines: int) -> None:
        self.table.move(lines)

    @on(Table.Chosen)
    def take_entry(self, message: Table.Chosen) -> None:
        self._type(message.key)
        if not message.key.endswith("/"):
            self.action_take()

    @on(Input.Submitted)
    def action_take(self) -> None:
        path = Path(self.typed).expanduser()
        if path.is_dir() and self.must_exist and self.table.rows:
            self._type(self.table.key)
        elif path.is_file() or (not self.must_exist and self.typed and not path.is_dir()):
            self.dismiss(path)
        else:
            what = "This is a folder." if path.is_dir() else f"There is no file {one_line(self.typed)!r}."
            self.query_one("#path-error", Static).update(what)

    def action_cancel(self) -> None:
        self.dismiss(None)
