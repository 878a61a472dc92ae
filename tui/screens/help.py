"""The keys of a screen, from the key table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType

from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import Row, between, fit, width_of, wrap
from tui.widgets.spans import SpanScreen, SpanView

PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "editor": (("editor", ""), ("form", ""), ("typing", "While a value is typed:")),
}
"""The blocks of the key table that a screen has beside its own, with a heading where they hold at times only."""
NAME = "help"
COLUMN = 56
"""Cells that a column of keys needs to be read with ease; as many stand side by side as there is room for."""
GAP = 2


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


def explained(rows: Sequence[tuple[str, str]], width: int) -> list[list[Row]]:
    """Each key, and beside it what it does, wrapped there."""
    keys_width = max(len(keys) for keys, _ in rows)
    found = []
    for keys, what in rows:
        first = [(keys.rjust(keys_width), "key"), ("  ", "text")] if keys else []
        found.append(wrap(what, width, "text" if keys else "title", first=first, indent=keys_width + 2))
    return found


def side_by_side(entries: Sequence[Sequence[Row]], columns: int, width: int) -> list[Row]:
    """The entries, none of them torn, in so many columns of `width` cells, the first one read first."""
    height = -(-sum(map(len, entries)) // columns)
    filled: list[list[Row]] = [[]]
    for entry in entries:
        if len(filled[-1]) >= height and len(filled) < columns:
            filled.append([])
        filled[-1] += entry
    beside: list[Row] = []
    for parts in zip_longest(*filled, fillvalue=()):
        fitted = [fit(part, width) for part in parts]
        padded = [[*part, (" " * (width + GAP - width_of(part)), "text")] for part in fitted[:-1]]
        beside.append([piece for part in (*padded, fitted[-1]) for piece in part])
    return beside


def show_help(app: App[Any], screen_name: str) -> None:
    """Put the help over the screen in front."""
    prepare(app)
    screen = app.get_screen(NAME, HelpScreen)
    screen.explain(screen_name)
    if screen.is_running:
        screen.view.update_rows()
    app.push_screen(NAME)


def prepare(app: App[Any]) -> None:
    """Make the help of an app, once: to open it then takes no longer than to show what is there."""
    if not app.is_screen_installed(NAME):
        app.install_screen(HelpScreen(), NAME)
        app._get_screen(NAME)  # starts it; nothing public does without showing it


class HelpScreen(SpanScreen[None]):
    """Stands in place of the screen that it explains: to blend that one in would take longer than to read a key."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("help")
    AUTO_FOCUS = ""

    def __init__(self, screen_name: str = "app") -> None:
        super().__init__()
        self.first = 0
        """Lines above the first in sight."""
        self.explain(screen_name)

    def explain(self, screen_name: str) -> None:
        """Show the keys of that screen, from the first on."""
        self.rows = lines(screen_name)
        self.about = screen_name
        self.first = 0

    def compose(self) -> ComposeResult:
        yield SpanView(self.told, id="help")
        yield KeyBar("help")

    def told(self, width: int, height: int) -> list[Row]:
        """A title that says how much is below, and the lines in sight."""
        body = self._lines(width)
        self.first = max(0, min(self.first, len(body) - self._page(height)))
        below = len(body) - self.first - self._page(height)
        key = keymap.display(keymap.find("help.page_down").keys.split(",")[0])
        rest = f"{key}: {below} more line{'' if below == 1 else 's'} below" if below > 0 else ""
        title = f"Keys: {self.about}" if self.about else "Keys"
        heading = between([(title, "title")], [(rest, "muted")], width)
        return [heading, *body[self.first : self.first + self._page(height)]]

    def _lines(self, width: int) -> list[Row]:
        columns = max(1, (width + GAP) // (COLUMN + GAP))
        across = (width + GAP) // columns - GAP
        return side_by_side(explained(self.rows, across), columns, across)

    @staticmethod
    def _page(height: int) -> int:
        return max(1, height - 1)

    @property
    def view(self) -> SpanView:
        return self.query_one("#help", SpanView)

    def _go(self, first: int) -> None:
        self.first = first
        self.view.update_rows()

    def action_scroll(self, lines: int) -> None:
        self._go(self.first + lines)

    def action_page(self, pages: int) -> None:
        """By a page, of which one line stays in sight."""
        self.action_scroll(pages * max(1, self._page(self.view.size.height) - 1))

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(len(self._lines(self.view.size.width)))

    def on_mouse_scroll_down(self, _: events.MouseScrollDown) -> None:
        self.action_scroll(3)

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        self.action_scroll(-3)

    def action_close(self) -> None:
        self.dismiss()
