"""The keys of a screen, from the key table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keymap
from tui.widgets.keybar import KeyBar


def lines(screen: str) -> list[tuple[str, str]]:
    """Keys and what they do, the screen's own first, then those of the app."""
    parts = [
        screen,
        *(["form"] if screen == "editor" else []),
        *(["app"] if screen not in {"app", *keymap.DIALOGS} else []),
    ]
    rows = [row for part in parts for row in keymap.of(part)]
    return [(row.names, row.help or row.description) for row in rows]


class HelpScreen(ModalScreen[None]):
    """Lies over the screen that it explains."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("help")

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self.rows = lines(screen_name)
        self.about = screen_name

    def compose(self) -> ComposeResult:
        width = max(len(keys) for keys, _ in self.rows)
        text = Content("\n").join(
            Content.assemble((keys.rjust(width), "$text-primary bold"), f"  {what}") for keys, what in self.rows
        )
        with Vertical(classes="dialog"):
            yield Static(f"Keys: {self.about}" if self.about else "Keys", classes="title", markup=False)
            with VerticalScroll(id="help-keys", can_focus=False):
                yield Static(text)
            yield KeyBar("help")

    def on_resize(self) -> None:
        around = 4  # frame, title, key bar
        self.query_one("#help-keys").styles.max_height = max(1, self.size.height - around)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help-keys").scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss()
