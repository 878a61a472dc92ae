"""A question with two answers."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keymap


class Answer(Static):
    """One answer; a click gives it."""

    def __init__(self, value: bool, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.value = value

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if isinstance(self.screen, ConfirmScreen):
            self.screen.action_answer(self.value)


class ConfirmScreen(ModalScreen[bool]):
    """Answers True for yes. Where yes destroys something (`danger`), Enter alone says no."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("confirm")

    def __init__(
        self, question: str, detail: str = "", *, yes: str = "Yes", no: str = "No", danger: bool = False
    ) -> None:
        super().__init__()
        self.question = question
        self.detail = detail
        self.labels = {True: yes, False: no}
        self.danger = danger
        self.marked = not danger

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.question, classes="title", markup=False)
            if self.detail:
                yield Static(self.detail, id="confirm-detail", markup=False)
            with Horizontal(id="confirm-answers"):
                yield Answer(True, id="confirm-yes")
                yield Answer(False, id="confirm-no")

    def on_mount(self) -> None:
        self.set_class(self.danger, "danger")
        self.mark()

    def mark(self) -> None:
        """Show which answer Enter gives."""
        for answer in self.query(Answer):
            marked = answer.value == self.marked
            answer.set_class(marked, "marked")
            letter = "y" if answer.value else "n"
            answer.update(f"{'▸' if marked else ' '} {self.labels[answer.value]} ({letter})")

    def action_other(self) -> None:
        self.marked = not self.marked
        self.mark()

    def action_take(self) -> None:
        self.dismiss(self.marked)

    def action_answer(self, value: bool) -> None:
        self.dismiss(value)
