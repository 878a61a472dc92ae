"""A question with two answers."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tui import keymap


class Answer(Static):
    """One answer; a click gives it."""

    def __init__(self, value: bool, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.value = value

    def render_lines(self, crop: Region) -> list[Strip]:
        if isinstance(self.screen, ConfirmScreen):
            self.screen.note_painting()
        return super().render_lines(crop)

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
        self._seen_at = float("inf")
        self._unseen = False
        """Whether the key of now was typed before the question could be read."""

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
        self.show_anew()

    def show_anew(self) -> None:
        """What was typed before the question was painted as it is now cannot have been meant for it."""
        self._seen_at = float("inf")
        self.query(Answer).refresh()

    def note_painting(self) -> None:
        """The question is on its way to the terminal."""
        self._seen_at = min(self._seen_at, time.monotonic())

    @property
    def is_painted(self) -> bool:
        """Whether the question could be read by now."""
        return self._seen_at < float("inf")

    def _forward_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._unseen = event.time < self._seen_at
        super()._forward_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a no is taken unseen where yes destroys something."""
        says_no = action == "take" or parameters == (False,)
        return says_no or not (self.danger and self._unseen)

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
