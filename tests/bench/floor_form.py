"""The floor under the editor: a bare Textual app whose Input is answered by a Static, with no rules behind it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, Static


class Form(Screen[None]):
    """One field, and a line that says whether it is too large."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        yield Input(id="value")
        yield Static(id="hint")

    @on(Input.Changed)
    def say(self, event: Input.Changed) -> None:
        self.query_one("#hint", Static).update("above the usual" if event.value == "1" else "")


class Floor(App[None]):
    """Starts empty; `n` opens the form."""

    BINDINGS: ClassVar[list[BindingType]] = [("n", "form", "New")]

    def compose(self) -> ComposeResult:
        yield Static("No runs yet")

    def action_form(self) -> None:
        self.push_screen(Form())


if __name__ == "__main__":
    Floor().run()
