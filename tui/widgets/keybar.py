"""The footer: the keys of a screen, from the key table, on one line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.app import RenderResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui import keymap


def _ids(node: DOMNode) -> set[str | None]:
    return {binding.id for binding in node.BINDINGS if isinstance(binding, Binding)}


class KeyBar(Widget, can_focus=False):
    """Shows as many keys as fit, in the order of the table, and always the help key; a click does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key", "keybar--label"}
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; width: 100%; background: $footer-background; }
    KeyBar > .keybar--key { color: $footer-key-foreground; background: $footer-background; text-style: bold; }
    KeyBar > .keybar--label { color: $foreground; background: $footer-background; }
    """

    def __init__(
        self, screen_name: str, *, help_key: str = "question_mark", labels: Mapping[str, str] | None = None
    ) -> None:
        """`help_key` is shown for the help: one that is no text, where text is typed.

        `labels` are words for this place instead of the table's, by id; an empty one hides the key.
        """
        super().__init__()
        self._help_key = help_key
        self._labels = labels or {}
        self.rows = self._rows_of(screen_name)
        self.help = None if screen_name in keymap.DIALOGS else keymap.find("app.help")
        self._shown: tuple[keymap.Key, ...] = ()
        self._help_key_shown = ""

    def _rows_of(self, block: str) -> list[keymap.Key]:
        return [
            replace(key, description=self._labels.get(key.id, key.description))
            for key in keymap.of(block)
            if key.show and self._labels.get(key.id) != ""
        ]

    def turn(self, block: str, without: Collection[str] = ()) -> None:
        """Show the keys of another block of the table, but for some ids: what is being done here has others."""
        rows = [row for row in self._rows_of(block) if row.id not in without]
        if rows != self.rows:
            self.rows = rows
            self.refresh()

    def relabel(self, id: str, word: str) -> None:
        """Another word for a key from now on: what it does here depends on what is selected."""
        rows = [replace(key, description=word) if key.id == id else key for key in self.rows]
        if rows != self.rows:
            self.rows = rows
            self.refresh()

    @property
    def help_key(self) -> str:
        return "f1" if isinstance(self.screen.focused, Input) else self._help_key

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update, immediate=True)

    def _update(self, _: object) -> None:
        if (self.help_key, self.fitting(self.size.width)) != (self._help_key_shown, self._shown):
            self.refresh()

    def available(self) -> list[keymap.Key]:
        """The keys whose actions the screen allows at the moment."""
        return [key for key in self.rows if self.screen.check_action(key.action.partition("(")[0], ()) is not False]

    def fitting(self, width: int) -> tuple[keymap.Key, ...]:
        """What fits into `width` cells; the first rows of the table matter most, and of the others the way out."""
        room = width - (self._width(self.help) if self.help else 0)
        known = self.available()
        shown = self._first(known, room)
        out = next((key for key in known if "escape" in key.keys.split(",")), None)
        if out is not None and out not in shown:
            first = self._first(known, room - self._width(out))
            shown = [*first, out] if first else shown
        return (*shown, self.help) if self.help else tuple(shown)

    def _first(self, keys: Sequence[keymap.Key], room: int) -> list[keymap.Key]:
        """As many as fit into so many cells."""
        shown: list[keymap.Key] = []
        for key in keys:
            room -= self._width(key)
            if room < 0:
                break
            shown.append(key)
        return shown

    def _key_text(self, key: keymap.Key) -> str:
        return keymap.display(self.help_key if key is self.help else key.keys.split(",")[0])

    def _width(self, key: keymap.Key) -> int:
        return cell_len(self._key_text(key)) + cell_len(key.description) + 3

    def render(self) -> RenderResult:
        return ""

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        self._shown, self._help_key_shown = self.fitting(self.size.width), self.help_key
        key_style = self.get_component_rich_style("keybar--key")
        label_style = self.get_component_rich_style("keybar--label")
        segments: list[Segment] = []
        for key in self._shown:
            segments.append(Segment(f" {self._key_text(key)}", key_style))
            segments.append(Segment(f" {key.description} ", label_style))
        return Strip(segments).adjust_cell_length(self.size.width, label_style)

    def _owner(self, key: keymap.Key) -> DOMNode:
        """Who has the key: the screen, or the widget with the focus for those of its own."""
        focused = self.screen.focused
        return focused if focused is not None and key.id in _ids(focused) else self.screen

    async def on_click(self, event: events.Click) -> None:
        end = 0
        for key in self._shown:
            end += self._width(key)
            if event.x < end:
                namespace = self.app if key.screen == "app" else self._owner(key)
                await self.app.run_action(key.action, namespace)
                return
