"""A dialog that lets one of a list be picked; typing narrows a long list, and goes to a line of a short one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
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

PAUSE_SECONDS = 1.0
"""Letters that come sooner than that after each other are one word."""


@dataclass(frozen=True)
class Choice:
    """One line; `id` is what picking it answers. All texts are plain, and free of control characters."""

    id: str
    title: str
    detail: str = ""
    token: str = ""
    """Theme token of the title's colour."""
    called: str = ""
    """The title without the group that stands before it; empty where none does."""

    @property
    def name(self) -> str:
        """What it is found by, in lower case."""
        return (self.called or self.title).lower()

    def holds(self, word: str) -> bool:
        """Whether the word, in lower case, stands anywhere on the line."""
        return word in f"{self.title} {self.detail}".lower()

    def rank(self, words: str) -> int:
        """How well the words, in lower case, name it: 0 is exactly so, 4 is somewhere in what is told of it."""
        found = (
            self.name == words,
            self.name.startswith(words),
            all(word in self.name for word in words.split()),
            self.id.lower().startswith(words) or self.detail.lower().startswith(words),
        )
        return found.index(True) if True in found else len(found)


class PickScreen(ModalScreen[str | None], TypeAhead[str | None]):
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
        self._begun = ""
        self._begun_at = float("-inf")

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
        """The choices that contain every word; those that are named so come first, then those that only tell of it."""
        wanted = words.lower().split()
        found = [choice for choice in self.choices if all(choice.holds(word) for word in wanted)]
        if wanted:
            found.sort(key=lambda choice: choice.rank(" ".join(wanted)))
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
        self._begun = ""
        self.table.move(lines)

    # A letter in a list without a search

    def on_key(self, event: events.Key) -> None:
        if self.search or not event.is_printable or event.character is None:
            return
        begun = self._begun if time.monotonic() - self._begun_at < PAUSE_SECONDS else ""
        letter = event.character.lower()
        # j and k move, but inside a word.
        starts = [begun + letter] if begun else []
        starts += [] if letter in "jk " else [letter]
        for start in starts:
            if (at := self._next(start)) is not None:
                self._begun, self._begun_at = start, time.monotonic()
                self.table.select(at)
                event.stop()
                return

    def _next(self, start: str) -> int | None:
        """The row whose title begins so, the marked one only where a word goes on; None where there is none."""
        names = {choice.id: choice.name for choice in self.choices}
        rows = [names[row.key] for row in self.table.rows]
        first = self.table.cursor + (len(start) == 1)
        order = [(first + step) % len(rows) for step in range(len(rows))]
        return next((at for at in order if rows[at].startswith(start)), None)

    def action_help(self) -> None:
        from tui.screens.help import show_help

        show_help(self.app, "pick")

    def action_cancel(self) -> None:
        self.dismiss(None)
