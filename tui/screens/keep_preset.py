"""Keeping the editor's config as a preset of the user's own, under a name that is asked for."""

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

from training.config import files
from training.config.own_presets import check_name, own_presets
from training.config.own_presets import keep as keep_own
from training.errors import InvalidInput, TraindeckError
from training.runs.backbone import with_whole_paths
from training.text import one_line
from tui import keymap
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Cell, Column, Row, Table
from tui.widgets.text_input import TextInput

LABELS = {"file.take": "Keep", "file.inside": ""}
"""The keys of a path dialog that a name has, too."""


class NameScreen(ModalScreen[str | None]):
    """Answers a name that a preset may have, or None. The names that there are stand below, to be replaced."""

    CSS_PATH = "keep_preset.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("file")

    def __init__(self, start: str = "") -> None:
        super().__init__()
        self.start = start
        self.names = [entry.name for entry in own_presets()]

    def compose(self) -> ComposeResult:
        columns = (Column("name", "", 20, 0, most=60), Column("note", "", 8, 1))
        with Vertical(classes="dialog"):
            yield Static("Keep as a preset of your own", classes="title", markup=False)
            yield TextInput(self.start, placeholder="Its name, such as my-resnet", id="preset-name")
            yield Static(id="preset-error", classes="error", markup=False)
            yield Table(columns, id="preset-names", one_click=True)
            yield KeyBar("file", labels=LABELS)

    def on_mount(self) -> None:
        self.table.styles.height = min(len(self.names), 8)
        self.query_one("#preset-name", Input).focus()

    @property
    def typed(self) -> str:
        return self.query_one("#preset-name", Input).value

    @property
    def table(self) -> Table:
        return self.query_one("#preset-names", Table)

    @on(Input.Changed)
    def list_names(self) -> None:
        fitting = [name for name in self.names if name.startswith(self.typed.strip())]
        self.table.show([Row(name, (Cell(name), Cell("is there", "muted"))) for name in fitting])
        self.query_one("#preset-error", Static).update("")

    def _type(self, name: str) -> None:
        field = self.query_one("#preset-name", Input)
        field.value = name
        field.cursor_position = len(name)

    def action_complete(self, _: int = 1) -> None:
        """As far as all names agree; with one name all of it, else the marked one."""
        found = [row.key for row in self.table.rows]
        common = os.path.commonprefix(found)  # noqa: RUF071 - by character is what completion means
        if found:
            self._type(common if len(common) > len(self.typed) else self.table.key)

    def action_move(self, lines: int) -> None:
        self.table.move(lines)

    @on(Table.Chosen)
    def take_name(self, message: Table.Chosen) -> None:
        self._type(message.key)

    @on(Input.Submitted)
    def action_take(self) -> None:
        try:
            self.dismiss(check_name(self.typed))
        except InvalidInput as error:
            self.query_one("#preset-error", Static).update(one_line(str(error)))

    def action_cancel(self) -> None:
        self.dismiss(None)


def keep(editor: EditorScreen) -> None:
    """Ask for a name, and before a preset of that name is replaced; then write the config as the user sees it.

    Its paths become absolute: a preset is used from anywhere, and without data.path a folder's config is none.
    """
    if editor.draft.problems:
        editor.list_problems("Not kept: these values are not valid", editor.own_problems())
        return

    def named(name: str | None) -> None:
        if name is None:
            return
        if all(entry.name != name for entry in own_presets()):
            _write(editor, name)
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                _write(editor, name)

        screen = ConfirmScreen(
            f"Replace the preset {name}?", "There is one of that name.", yes="Replace", no="Keep it", danger=True
        )
        editor.app.push_screen(screen, confirmed)

    path = editor.draft.path
    editor.app.push_screen(NameScreen(_start(path)), named)


def _start(path: Path | None) -> str:
    """The file's own name, where it may be a preset's."""
    try:
        return check_name(path.name) if path else ""
    except InvalidInput:
        return ""


def _write(editor: EditorScreen, name: str) -> None:
    draft = editor.draft
    try:
        kept = keep_own(name, files.edit(draft.yaml(), with_whole_paths(draft.config, draft.base_dir)))
    except TraindeckError as error:
        editor.say(one_line(str(error)))
        return
    presets = keymap.display(keymap.find("editor.presets").keys.split(",")[0])
    editor.say(f"Kept as the preset {name} ({one_line(str(kept))}); {presets} lists it.")
