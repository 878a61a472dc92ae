"""The keys of a screen, from the key table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import wrap

PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "editor": (("editor", ""), ("form", ""), ("typing", "While a value is typed:")),
}
"""The blocks of the key table that a screen has beside its own, with a heading where they hold at times only."""
WIDEST = 76
AROUND = 4
"""Rows of frame, title and keys; cells of the frame and what is kept free beside it."""
STYLES = {"key": "$text-primary bold", "text": "", "heading": "$text-muted bold"}


def lines(screen: str) -> list[tuple[str, str]]:
    """Keys and what they do, the screen's own first, then those of the app; a heading stands without keys."""
    app = (("app", ""),) if screen not in {"app", *keymap.DIALOGS} else ()
    blocks = (*PARTS.get(screen, ((screen, ""),)), *app)
    found: list[tuple[str, str]] = []
    # What holds always comes before what holds at times.
    for block, heading in sorted(blocks, key=lambda part: bool(part[1])):
        found += [("", heading)] if heading else []
        found += [(row.names, row.help or row.description) for row in keymap.of(block)]
    return found


def explained(rows: Sequence[tuple[str, str]], width: int) -> Content:
    """The keys, and beside them what they do, wrapped there."""
    keys_width = max(len(keys) for keys, _ in rows)
    found = []
    for keys, what in rows:
        first = [(keys.rjust(keys_width), "key"), ("  ", "text")] if keys else []
        found += wrap(what, width, "text" if keys else "heading", first=first, indent=keys_width + 2)
    return Content("\n").join(
        Content.assemble(*(Content.styled(text, STYLES[style]) for text, style in row)) for row in found
    )


class HelpScreen(ModalScreen[None]):
    """Lies over the screen that it explains."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("help")

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self.rows = lines(screen_name)
        self.about = screen_name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Keys: {self.about}" if self.about else "Keys", classes="title", markup=False)
            with VerticalScroll(id="help-keys", can_focus=False):
                yield Static("", id="help-lines")
            yield KeyBar("help")

    def on_mount(self) -> None:
        # The wheel scrolls, too.
        self.watch(self.keys, "scroll_y", self.tell_rest, init=False)

    def on_resize(self) -> None:
        self.query_one("#help-keys").styles.max_height = max(1, self.size.height - AROUND)
        width = min(WIDEST, self.size.width) - AROUND - 1  # a scrollbar
        self.query_one("#help-lines", Static).update(explained(self.rows, width))
        self.call_after_refresh(self.tell_rest)

    def tell_rest(self) -> None:
        """In the frame: how many lines are below, and the key that shows them."""
        below = round(self.keys.max_scroll_y - self.keys.scroll_y)
        key = keymap.display(keymap.find("help.page_down").keys.split(",")[0])
        told = f"{key}: {below} more line{'' if below == 1 else 's'} below" if below > 0 else ""
        self.query_one(".dialog").border_subtitle = told

    @property
    def keys(self) -> VerticalScroll:
        return self.query_one("#help-keys", VerticalScroll)

    def action_scroll(self, lines: int) -> None:
        self.keys.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """By a page, of which one line stays in sight."""
        self.action_scroll(pages * max(1, self.keys.size.height - 1))

    def action_first(self) -> None:
        self.keys.scroll_home(animate=False)

    def action_last(self) -> None:
        self.keys.scroll_end(animate=False)

    def action_close(self) -> None:
        self.dismiss()
