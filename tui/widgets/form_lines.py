"""How a row of the form is painted: mark, state, label, value, note. Widths and segments, no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from training.text import one_line
from tui.editor.line_edit import LineEdit
from tui.editor.rows import FormRow, State
from tui.theme import SEVERITIES
from tui.widgets.table import fit

NARROW = 64
STATES: dict[State, tuple[str, str]] = {
    "default": (" ", "muted"),
    "changed": ("•", "accent"),
    "invalid": SEVERITIES["error"],
    "warned": SEVERITIES["warning"],
    "hinted": SEVERITIES["info"],
}
"""Symbol and theme token of each state of a field."""
MARKS = 3
"""Cells before a label: the cursor, the state, a space."""


@dataclass(frozen=True)
class FormLines:
    """Paints rows for one width; `style` gives the style of a part ("label", "error") by name."""

    width: int
    style: Callable[[str], Style]

    def widths(self, row: FormRow) -> tuple[int, int]:
        """Cells of the label with its marks, and of the value; the note takes the rest."""
        if row.kind in ("add", "section"):
            return max(1, min(len(row.label) + MARKS + 3, self.width - 2)), 1
        label = 21 if self.width >= NARROW else 17
        value = self._item_width(row, self.width - label) if row.kind == "item" else 23 if self.width >= NARROW else 14
        return label, max(1, min(value, self.width - label - 1))

    def _item_width(self, row: FormRow, room: int) -> int:
        """All the room for an item's line; where there is something to say of it, what the line needs, or half."""
        if row.note is None:
            return max(8, room - 3)
        return max(8, min(cell_len(row.text) + 2, room // 2))

    def segments(self, row: FormRow, edit: LineEdit | None, here: bool, typing: bool) -> list[Segment]:
        """The row as one line; `edit` is the text of the row with the cursor."""
        label, value = self.widths(row)
        symbol, token = STATES[row.state]
        mark = [Segment("▸" if here else " ", self.style("accent")), Segment(f"{symbol} ", self.style(token))]
        if row.kind == "section":
            return [*mark, *self._section(row, here)]
        indent = "  " * row.depth
        fold = {True: "▾ ", False: "▹ ", None: ""}[row.unfolded]
        name = fit(f"{indent}{fold}{row.label}", label - MARKS - 1)
        return [
            *mark,
            Segment(f"{name} ", self.style("changed" if row.changed else "label")),
            *self._value(row, edit if here else None, typing and here, value),
            *self._note(row, here, self.width - label - value),
        ]

    def _section(self, row: FormRow, here: bool) -> list[Segment]:
        fold = "▾" if row.unfolded else "▹"
        title = Segment(f"{fold} {row.label}", self.style("field" if here else "section"))
        room = self.width - MARKS - len(row.label) - 3
        aside = fit(f" {row.aside}", room) if row.aside and room > 8 else ""
        return [title, Segment(aside, self.style("muted"))]

    def _value(self, row: FormRow, edit: LineEdit | None, typing: bool, width: int) -> list[Segment]:
        if typing and edit is not None:
            return self._typed(edit, width, self.style("field"))
        is_number = row.state != "invalid" and row.text not in ("", "auto", "null")
        text = f"{row.text} {row.unit}" if row.unit and is_number else row.text
        if row.kind == "text" and text == "null":
            text = "none"
        if edit is None:
            return [Segment(fit(text, width), self.style("value"))]
        if row.steps and cell_len(text) <= width - 4:
            text = f"‹ {text} ›"
        return [Segment(fit(text, width), self.style("field"))]

    def first_shown(self, edit: LineEdit, width: int) -> int:
        """First character of the text that is shown, so that the cursor stays in sight."""
        first = max(0, edit.cursor - width + 1)
        while first < edit.cursor and cell_len(edit.text[first : edit.cursor]) >= width:
            first += 1
        return first

    def cursor_at(self, edit: LineEdit, width: int, cell: int) -> int:
        """The character of the text that is shown in a cell of the value."""
        first = self.first_shown(edit, width)
        at = first
        while at < len(edit.text) and cell_len(edit.text[first : at + 1]) <= cell:
            at += 1
        return at

    def _typed(self, edit: LineEdit, width: int, ground: Style) -> list[Segment]:
        """The text being typed, with its cursor or its selection."""
        first = self.first_shown(edit, width)
        text = edit.text[first : self.cursor_at(edit, width, width)]
        if edit.selected:
            marked = self.style("selected")
            return [Segment(text, marked), Segment(" " * (width - cell_len(text)), ground)]
        at = edit.cursor - first
        under = text[at] if at < len(text) else " "
        segments = [
            Segment(text[:at], ground),
            Segment(under, self.style("cursor")),
            Segment(text[at + 1 :], ground),
        ]
        used = sum(cell_len(segment.text) for segment in segments)
        return [*segments, Segment(" " * max(0, width - used), ground)]

    def _note(self, row: FormRow, here: bool, width: int) -> list[Segment]:
        """The worst note of the row, with the value that it recommends in front; else what is to be known beside it."""
        note = row.note
        said = one_line(note.message) if note else row.aside or (row.help if here else "")
        if width < 2 or not said:
            return []
        symbol, token = SEVERITIES[note.severity] if note else ("=" if row.aside else " ", "muted")
        if note and note.offer:
            said = f"{note.offer}? {said}"
        return [Segment(" ", self.style("label")), Segment(fit(f"{symbol} {said}", width - 1), self.style(token))]
