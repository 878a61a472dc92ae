"""The config form for the line API: labels, values, notes, and the one text that is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from training.text import one_line
from tui import keymap
from tui.editor.line_edit import LineEdit
from tui.editor.rows import FormRow
from tui.theme import SEVERITIES
from tui.widgets.table import TOKENS, fit

NARROW = 64


class Form(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows, holds the cursor, and says what the user did; what it means is the screen's to decide."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("form")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "form--section", "form--label", "form--value", "form--changed", "form--field", "form--cursor", "form--selected",
        *(f"form--{token}" for token in TOKENS),
    }  # fmt: skip
    DEFAULT_CSS = """
    Form { overflow-x: hidden; scrollbar-size-vertical: 1; }
    Form > .form--section { color: $text-primary; text-style: bold; }
    Form > .form--label { color: $foreground; }
    Form > .form--value { color: $foreground; }
    Form > .form--changed { color: $text-accent; text-style: bold; }
    Form > .form--field { color: $block-cursor-foreground; background: $block-cursor-background; }
    Form > .form--cursor { color: $background; background: $foreground; }
    Form > .form--selected { color: $background; background: $primary; }
    Form > .form--muted { color: $text-muted; }
    Form > .form--primary { color: $text-primary; }
    Form > .form--success { color: $text-success; }
    Form > .form--warning { color: $text-warning; }
    Form > .form--error { color: $text-error; }
    Form > .form--accent { color: $text-accent; }
    """

    @dataclass
    class Edited(Message):
        """A text changed."""

        key: str
        text: str

    @dataclass
    class Stepped(Message):
        """A choice is to go on or back by so many."""

        key: str
        by: int

    @dataclass
    class Chosen(Message):
        """Enter or a click on the value of the row."""

        key: str

    @dataclass
    class Moved(Message):
        """The cursor went from one row to another."""

        left: str
        key: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[FormRow] = []
        self.at = 1
        self.edit = LineEdit("", 0)

    # Rows

    @property
    def row(self) -> FormRow | None:
        """The row with the cursor."""
        return self.rows[self.at] if self.at < len(self.rows) else None

    def show(self, rows: Sequence[FormRow]) -> None:
        """Take these rows; the cursor stays on its key, and only lines that changed are painted again."""
        before, row = self.rows, self.row
        self.rows = list(rows)
        if row is not None and (self.at >= len(rows) or rows[self.at].key != row.key):
            self.at = next((i for i, new in enumerate(rows) if new.key == row.key), min(self.at, len(rows) - 1))
        if self.row is not None and not self.row.reachable:
            self.at += 1
        self._take_text(row)
        if len(before) != len(rows):
            self.virtual_size = Size(0, len(rows))
            self.refresh()
            return
        for index, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.refresh_line(index)

    def _take_text(self, before: FormRow | None) -> None:
        """The text of the row that the cursor is on, where it is not the one being typed."""
        if self.row is None or (before is not None and self.row.key == before.key and self.row.text == self.edit.text):
            return
        self.edit = LineEdit.at_end(self.row.text, selected=self.row.kind == "number")

    def select_all(self) -> None:
        """Select the text of the row with the cursor: what is typed next replaces it."""
        self.edit = LineEdit.at_end(self.edit.text, selected=True)
        self.refresh_line(self.at)

    def move(self, lines: int) -> None:
        """To the next (or previous) row that can be reached, round the ends."""
        if not any(row.reachable for row in self.rows):
            return
        at = (self.at + lines) % len(self.rows)
        while not self.rows[at].reachable:
            at = (at + (1 if lines > 0 else -1)) % len(self.rows)
        self.go(self.rows[at].key)

    def move_section(self, sections: int) -> None:
        """To the first row of the next (or previous) section."""
        starts = [index for index, row in enumerate(self.rows) if row.kind == "section"]
        here = sum(start < self.at for start in starts) - 1
        self.go(self.rows[starts[(here + sections) % len(starts)] + 1].key)

    def go(self, key: str) -> None:
        """Put the cursor on the row with that key, if there is one."""
        at = next((index for index, row in enumerate(self.rows) if row.key == key and row.reachable), None)
        if at is None or at == self.at:
            return
        left, self.at = self.rows[self.at].key, at
        self._take_text(None)
        for row in self.rows:
            if row.key in (left, key):
                self.refresh_line(self.rows.index(row))
        self.reveal()
        self.post_message(self.Moved(left, key))

    def reveal(self) -> None:
        """Scroll the cursor into view, with its section's title where it is the first row."""
        top, page = self.scroll_offset.y, max(1, self.size.height)
        first = self.at - 1 if self.rows[self.at - 1].kind == "section" and self.at else self.at
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif self.at >= top + page:
            self.scroll_to(y=self.at - page + 1, animate=False)

    def on_resize(self) -> None:
        if self.rows:
            self.reveal()

    # Keys and mouse

    def on_key(self, event: events.Key) -> None:
        row = self.row
        if row is None or not row.editable or not event.is_printable or event.character is None:
            return
        if row.kind == "number" and event.character in "?:":
            return  # no number holds these: they are the keys of the app
        event.stop()
        event.prevent_default()
        self._type(self.edit.insert(event.character))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.row is not None and self.row.editable:
            self._type(self.edit.insert(one_line(event.text)))

    def _type(self, edit: LineEdit) -> None:
        changed = edit.text != self.edit.text
        self.edit = edit
        self.refresh_line(self.at)
        if changed and self.row is not None:
            self.post_message(self.Edited(self.row.key, edit.text))

    def action_side(self, by: int) -> None:
        """Left and right: the cursor in a text, the next value of a choice."""
        if self.row is None:
            return
        if self.row.editable:
            self._type(self.edit.to(self.edit.cursor + by))
        elif self.row.kind == "choice":
            self.post_message(self.Stepped(self.row.key, by))

    def action_edit(self, how: str) -> None:
        """An edit of the text by its name: a method of LineEdit, or a place to go to."""
        if self.row is None or not self.row.editable:
            return
        edit = self.edit
        places = {"start": 0, "end": len(edit.text), "word_back": edit.word_back, "word_ahead": edit.word_ahead}
        self._type(edit.to(places[how]) if how in places else getattr(edit, how)())

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if at >= len(self.rows) or not self.rows[at].reachable:
            return
        row, again = self.rows[at], at == self.at
        self.go(row.key)
        label, value = self._widths(row)
        inside = event.x - label
        if row.editable and inside >= 0:
            self._type(self.edit.to(self._first_shown(value) + inside))
        elif row.kind == "add" or (row.kind == "choice" and again):
            self.post_message(self.Chosen(row.key))

    # Painting

    def _widths(self, row: FormRow) -> tuple[int, int]:
        """Cells of the label and of the value; the note takes the rest."""
        width = self.scrollable_content_region.width
        if row.kind == "add":
            return min(24, width - 2), 1
        label = 20 if width >= NARROW else 16
        value = max(8, width - label - 3) if row.kind == "item" else 22 if width >= NARROW else 14
        return label, max(1, min(value, width - label - 1))

    def _first_shown(self, width: int) -> int:
        """First character of the text that is shown, so that the cursor stays in sight."""
        return max(0, self.edit.cursor - width + 1)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(self.size.width, self.rich_style)
        row = self.rows[index]
        if row.kind == "section":
            line = [Segment(f" {row.label}", self.get_component_rich_style("form--section"))]
        else:
            line = self._row_segments(row, index == self.at, width)
        return Strip(line).adjust_cell_length(self.size.width, self.rich_style)

    def _row_segments(self, row: FormRow, here: bool, width: int) -> list[Segment]:
        label_width, value_width = self._widths(row)
        mark = "▸" if here else "•" if row.changed else " "
        label_style = self.get_component_rich_style("form--changed" if row.changed else "form--label")
        segments = [
            Segment(f" {mark} ", self.get_component_rich_style("form--accent")),
            Segment(fit(row.label, label_width - 4) + " ", label_style),
        ]
        segments += self._value_segments(row, here, value_width)
        return segments + self._note_segments(row, width - label_width - value_width)

    def _value_segments(self, row: FormRow, here: bool, width: int) -> list[Segment]:
        if not here:
            text = f"{row.text} {row.unit}" if row.unit and row.text not in ("", "auto", "null") else row.text
            return [Segment(fit(text, width), self.get_component_rich_style("form--value"))]
        ground = self.get_component_rich_style("form--field")
        if row.editable:
            return self._typed_segments(width, ground)
        if row.kind == "choice":
            return [Segment(fit(f"‹ {fit(row.text, min(cell_len(row.text), width - 4))} ›", width), ground)]
        return [Segment(fit(row.text, width), ground)]

    def _typed_segments(self, width: int, ground: Style) -> list[Segment]:
        """The text being typed, with its cursor or its selection."""
        edit, first = self.edit, self._first_shown(width)
        text = edit.text[first : first + width]
        if edit.selected:
            marked = self.get_component_rich_style("form--selected")
            return [Segment(text, marked), Segment(" " * (width - cell_len(text)), ground)]
        at = edit.cursor - first
        under = text[at] if at < len(text) else " "
        segments = [
            Segment(text[:at], ground),
            Segment(under, self.get_component_rich_style("form--cursor")),
            Segment(text[at + 1 :], ground),
        ]
        used = sum(cell_len(segment.text) for segment in segments)
        return [*segments, Segment(" " * max(0, width - used), ground)]

    def _note_segments(self, row: FormRow, width: int) -> list[Segment]:
        """The worst note of the row, with the value that it recommends in front; else what is to be known beside it."""
        note = row.note
        if width < 2 or not (note or row.aside):
            return []
        symbol, token = SEVERITIES[note.severity] if note else ("=", "muted")
        text = one_line(note.message) if note else row.aside
        if note and note.offer:
            text = f"{note.offer}? {text}"
        return [
            Segment(" ", self.rich_style),
            Segment(fit(f"{symbol} {text}", width - 1), self.get_component_rich_style(f"form--{token}")),
        ]
