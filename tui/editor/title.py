"""The line above the form: what there is to say, what is edited, and the views beside it; a click picks a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from training.text import one_line
from tui.editor.about import badge
from tui.editor.panes.side import VIEWS
from tui.widgets.rows import Part, Row, between, joined, width_of
from tui.widgets.spans import SpanView

if TYPE_CHECKING:
    from tui.screens.editor import EditorScreen


class TitleBar(SpanView, can_focus=False):
    """Reads the screen that it belongs to."""

    def __init__(self, editor: EditorScreen, *, id: str | None = None) -> None:
        super().__init__(self.lines, id=id)
        self._editor = editor
        self._views_at = 0

    def lines(self, width: int, height: int) -> list[Row]:  # noqa: ARG002
        editor = self._editor
        draft = editor.draft
        name = one_line(draft.path.name) if draft.path else editor.heading or "New config"
        # Before the name, which is what a narrow line cuts.
        mark = [("* ", "accent")] if draft.changed else []
        left = joined([badge(draft), [*mark, (name, "strong"), (" not saved" if draft.changed else "", "muted")]])
        views = _views(editor.side.view) if width >= 64 else [(f"▸{editor.side.view}", "marked")]
        self._views_at = width - width_of(views) - 1
        return [between([(" ", "text"), *left], [*views, (" ", "text")], width)]

    def on_click(self, event: events.Click) -> None:
        at = event.x - self._views_at
        for view in VIEWS if self.size.width >= 64 else ():
            if 0 <= at < len(view) + 2:
                self._editor.turn_to(view)
            at -= len(view) + 2


def _views(shown: str) -> Row:
    parts: list[Part] = []
    for view in VIEWS:
        parts.append((f"▸{view} ", "marked") if view == shown else (f" {view} ", "muted"))
    return parts
