"""A dialog that lets one of a list be picked; typing narrows the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import wrap
from tui.widgets.table import Cell, Column, Row, Table
from tui.widgets.text_input import TextInput
from tui.widgets.type_ahead import TypeAhead


@dataclass(frozen=True)
class Choice:
    """One line; `id` is what picking it answers. All texts are plain, and free of control characters."""

    id: str
    title: str
    detail: str = ""
    token: str = ""
    """Theme token of the title's colour."""


class PickScreen(TypeAhead[str | None], ModalScreen[str | None]):
    """Answers the id of the picked line, or None."""

    CSS_PATH = "pick.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("pick")

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        selected: str = "",
        search: bool | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """`search` shows the field to type in, by default where there are more than eight choices.

        `labels` are words for the footer instead of the table's, by id.
        """
        super().__init__()
        self.heading = title
        self.choices = tuple(choices)
        self.selected = selected
        self.search = len(choices) > 8 if search is None else search
        self.labels = labels
        self.details = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.heading, classes="title", markup=False)
            if self.search:
                yield TextInput(placeholder="Type to narrow the list", id="pick-search")
            yield Table(self.columns(), id="pick-table", one_click=True)
            yield Static(id="pick-detail", markup=False)
            yield KeyBar("pick", labels=self.labels)

    def columns(self) -> tuple[Column, Column]:
        """Titles take what they need, details what is left."""
        longest = max((cell_len(choice.title) for choice in self.choices), default=1)
        return Column("title", "", min(longest, 52), 0), Column("detail", "", 8, 1, most=120)

    def on_mount(self) -> None:
        self.show("")
        self.table.select(next((index for index, choice in enumerate(self.choices) if choice.id == self.selected), 0))
        self.query_one("#pick-search" if self.search else "#pick-table").focus()

    def on_resize(self) -> None:
        wide = max((cell_len(choice.detail) for choice in self.choices), default=0)
        # The detail of the marked line is shown in full where the list has to cut details: a remedy stands at its end.
        whole = max(1, sum(self.table.widths.values()))
        lines = max((len(wrap(choice.detail, whole)) for choice in self.choices), default=0)
        self.details = min(max(2, lines), max(2, self.size.height // 3)) if wide > self.table.widths.get(1, 0) else 0
        self.query_one("#pick-detail").styles.height = self.details
        around = 4 + self.search + self.details  # frame, title, key bar
        self.table.styles.height = max(1, min(len(self.choices), self.size.height - around))
        self.show_detail()

    @on(Table.Moved)
    def show_detail(self) -> None:
        marked = next((choice for choice in self.choices if choice.id == self.table.key), None)
        self.query_one("#pick-detail", Static).update(marked.detail if marked and self.details else "")

    @property
    def table(self) -> Table:
        return self.query_one("#pick-table", Table)

    def show(self, words: str) -> None:
        """The choices that contain every word; those whose title does come first, then those that only tell of it."""
        wanted = words.lower().split()
        found = [
            choice
            for choice in self.choices
            if all(word in f"{choice.title} {choice.detail}".lower() for word in wanted)
        ]
        found.sort(key=lambda choice: not all(word in choice.title.lower() for word in wanted))
        self.table.show(
            [Row(choice.id, (Cell(choice.title, choice.token), Cell(choice.detail, "muted"))) for choice in found]
        )

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        self.show(event.value)
        self.table.select(0)

    @on(Input.Submitted)
    @on(Table.Chosen)
    def action_take(self) -> None:
        if self.table.rows:
            self.dismiss(self.table.key)

    def action_move(self, lines: int) -> None:
        self.table.move(lines)

    def action_cancel(self) -> None:
        self.dismiss(None)
