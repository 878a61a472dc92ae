"""A dialog that asks for one line of text and says while it is typed what it comes to, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.text_input import TextInput
from tui.widgets.type_ahead import TypeAhead


@dataclass(frozen=True)
class Judged:
    """What is thought of a text: one that is not `ok` is not taken. All texts are plain, free of control characters."""

    ok: bool = True
    said: str = ""


class PromptScreen(ModalScreen[str | None], TypeAhead[str | None]):
    """Answers the text without space around it, or None."""

    CSS_PATH = "prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("prompt")

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        detail: str = "",
        placeholder: str = "",
        judge: Callable[[str], Judged] = lambda _: Judged(),
    ) -> None:
        """`judge` is called at every key with the stripped text; it has to be quick."""
        super().__init__()
        self.heading = title
        self.value = value
        self.detail = detail
        self.placeholder = placeholder
        self.judge = judge

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.heading, classes="title", markup=False)
            if self.detail:
                yield Static(self.detail, id="prompt-detail", markup=False)
            yield TextInput(self.value, placeholder=self.placeholder, id="prompt-text")
            yield Static(id="prompt-said", markup=False)
            yield KeyBar("prompt")

    def on_mount(self) -> None:
        self.tell()

    @property
    def text(self) -> str:
        """What stands in the field, without space around it."""
        return self.query_one("#prompt-text", TextInput).value.strip()

    @on(Input.Changed)
    def tell(self) -> None:
        """Say what the text comes to."""
        judged = self.judge(self.text)
        said = self.query_one("#prompt-said", Static)
        said.set_class(not judged.ok, "error")
        said.update(f"✗ {judged.said}" if judged.said and not judged.ok else judged.said)

    @on(Input.Submitted)
    def action_take(self) -> None:
        if self.judge(self.text).ok:
            self.take(self.text)

    def take(self, text: str) -> None:
        """What becomes of a text that is in order: it is the answer."""
        self.dismiss(text)

    def action_cancel(self) -> None:
        self.dismiss(None)
