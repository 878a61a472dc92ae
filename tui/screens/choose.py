"""A dialog over a list: which of its lines are wanted, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Cell, Column, Row, Table
from tui.widgets.type_ahead import TypeAhead

ON, OFF = "[x]", "[ ]"
AROUND = 5
"""Lines of the dialog beside the list: frame, title, what is said, key bar."""


@dataclass(frozen=True)
class Option:
    """One line. All texts are plain, and free of control characters."""

    id: str
    title: str
    detail: str = ""
    chosen: bool = True


class ChooseScreen(ModalScreen[list[str] | None], TypeAhead[list[str] | None]):
    """Answers the ids of the chosen lines in their order, or None."""

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("choose")

    def __init__(
        self, title: str, options: Sequence[Option], *, default: Sequence[str] = (), refusal: str = "", least: int = 1
    ) -> None:
        """`options` in their order of now; `default` are the ids that the reset key chooses, in their order.

        `refusal` is said instead of taking a list of which fewer than `least` are chosen; an empty one takes it.
        """
        super().__init__()
        self.heading = title
        self.options = list(options)
        self.default = tuple(default)
        self.refusal = refusal
        self.least = least

    def compose(self) -> ComposeResult:
        widest = max((cell_len(option.title) for option in self.options), default=1)
        with Vertical(classes="dialog"):
            yield Static(self.heading, classes="title", markup=False)
            yield Table(
                [
                    Column("on", "", len(ON), 0),
                    Column("title", "", min(widest, 12), 0, most=max(30, widest), cut="middle"),
                    Column("detail", "", 8, 1, most=120),
                ],
                id="choose-table",
            )
            yield Static(id="choose-said", markup=False)
            yield KeyBar("choose")

    def on_mount(self) -> None:
        self.show()
        self.table.focus()

    def on_resize(self) -> None:
        self.table.styles.height = max(1, min(len(self.options), self.size.height - AROUND))

    @property
    def table(self) -> Table:
        return self.query_one("#choose-table", Table)

    @property
    def chosen(self) -> list[str]:
        """The ids of the lines that are on, in their order."""
        return [option.id for option in self.options if option.chosen]

    def show(self) -> None:
        """The lines as they stand. A row is known by its place, so that a move repaints the two lines it concerns."""
        self.table.show([self._row(at, option) for at, option in enumerate(self.options)])
        # What stands here says how a list is taken or why it is not, and is gone with the next key.
        self.say("")

    @staticmethod
    def _row(at: int, option: Option) -> Row:
        cells = (
            Cell(ON, "success") if option.chosen else Cell(OFF, "muted"),
            Cell(option.title, "" if option.chosen else "muted"),
            Cell(option.detail, "muted"),
        )
        return Row(str(at), cells)

    def say(self, refusal: str) -> None:
        """Why the list is not taken; without that, how many lines are on."""
        said = self.query_one("#choose-said", Static)
        said.set_class(bool(refusal), "error")
        said.update(f"✗ {refusal}" if refusal else f"{len(self.chosen)} of {len(self.options)} on")

    @on(Table.Chosen)
    def action_switch(self) -> None:
        if self.options:
            at = self.table.cursor
            self.options[at] = replace(self.options[at], chosen=not self.options[at].chosen)
            self.show()

    def action_shift(self, by: int) -> None:
        """Move the marked line past its neighbour, the mark with it."""
        at = self.table.cursor
        if 0 <= at + by < len(self.options):
            self.options[at], self.options[at + by] = self.options[at + by], self.options[at]
            self.show()
            self.table.move(by)

    def action_reset(self) -> None:
        """The default lines on and first, the others off behind them; the mark stays on its line."""
        marked = self.options[self.table.cursor].id
        order = {id: place for place, id in enumerate(self.default)}
        self.options = [
            replace(option, chosen=option.id in order)
            for option in sorted(self.options, key=lambda option: order.get(option.id, len(order)))
        ]
        self.show()
        self.table.select(next(at for at, option in enumerate(self.options) if option.id == marked))

    def action_move(self, lines: int) -> None:
        self.table.move(lines)

    def action_take(self) -> None:
        if self.refusal and len(self.chosen) < self.least:
            self.say(self.refusal)
        else:
            self.dismiss(self.chosen)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return bool(self.default and self.options) if action == "reset" else True
