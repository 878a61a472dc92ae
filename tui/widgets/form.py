"""The config form for the line API: labels, values, notes, and the one text that is being typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from training.text import one_line
from tui import keymap
from tui.editor.line_edit import LineEdit
from tui.editor.rows import FormRow
from tui.widgets.form_deeds import Began, Chosen, Deed, Edited, Ended, Folded, Moved, Stepped
from tui.widgets.form_lines import FormLines
from tui.widgets.table import TOKENS
from tui.widgets.type_ahead import pass_on

_WHILE_TYPING = frozenset({"done", "step", "stride", "caret", "edit"})
_WHILE_MOVING = frozenset({"side", "leap", "rub"})
MARGIN = 3
"""Rows that stay visible above and below the cursor."""
_STARTS_A_NUMBER = frozenset("0123456789.")


class Form(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows, holds the cursor, and says what the user did; what it means is the screen's to decide.

    It is in one of two modes: moving, where letters are commands, and typing, where they are text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings("form"), *keymap.bindings("typing")]
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

    def __init__(self, tell: Callable[[Deed], None], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tell = tell
        self.rows: list[FormRow] = []
        self.at = 1
        self.edit = LineEdit("", 0)
        self.typing = False
        self._styles: dict[str, Style] = {}

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
        self._take_text(row)
        if len(before) != len(rows):
            self.virtual_size = Size(0, len(rows))
            self.refresh()
            self.call_after_refresh(self.reveal)
            return
        for index, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.refresh_line(index)

    def _take_text(self, before: FormRow | None) -> None:
        """The text of the row that the cursor is on, where it is not the one being typed."""
        if self.row is None or (before is not None and self.row.key == before.key and self.row.text == self.edit.text):
            return
        self.edit = LineEdit.at_end(self.row.text)

    def index_of(self, key: str) -> int | None:
        """Place of the row with that key."""
        return next((index for index, row in enumerate(self.rows) if row.key == key), None)

    def move(self, lines: int) -> None:
        """To another row, round the ends."""
        if self.rows:
            self.go(self.rows[(self.at + lines) % len(self.rows)].key)

    def move_section(self, sections: int) -> None:
        """To the first row of the next (or previous) section, or its title where it is folded."""
        starts = [index for index, row in enumerate(self.rows) if row.kind == "section"]
        here = sum(start <= self.at for start in starts) - 1
        start = starts[(here + sections) % len(starts)]
        self.go(self.rows[start + bool(self.rows[start].unfolded)].key)

    def go(self, key: str) -> None:
        """Put the cursor on the row with that key, if there is one."""
        if self.row is not None and key == self.row.key:
            return
        ended = self.typing
        self.end()  # which may take the row away
        at = self.index_of(key)
        if at is None or at == self.at:
            return
        left, before, self.at = self.rows[self.at].key, self.at, at
        self._take_text(None)
        self.refresh_line(before)
        self.refresh_line(at)
        self.reveal()
        self._tell(Moved(left, key, ended))

    def reveal(self) -> None:
        """Scroll the cursor into view, with some rows around it."""
        if not self.rows:
            return
        top, page = self.scroll_offset.y, max(1, self.size.height)
        # What a change of this row brings forth stands under it.
        around = min(MARGIN, page // 4)
        first = max(0, self.at - around)
        last = min(len(self.rows) - 1, self.at + around)
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif last >= top + page:
            self.scroll_to(y=last - page + 1, animate=False)

    def on_resize(self) -> None:
        self.reveal()

    # Typing

    def begin(self, edit: LineEdit | None = None) -> None:
        """Start typing on the row with the cursor; a number, or a word for none, is selected: typing replaces it."""
        if self.row is None or not self.row.editable or self.typing:
            return
        self.typing = True
        replaced = self.row.kind == "number" or self.row.text in ("null", "auto")
        self.edit = edit or LineEdit.at_end(self.row.text, selected=replaced)
        self.refresh_line(self.at)
        self.reveal()
        self._tell(Began(self.row.key))

    def end(self) -> None:
        """Stop typing; what was typed stays."""
        if self.typing and self.row is not None:
            self.typing = False
            self.refresh_line(self.at)
            self._tell(Ended(self.row.key))

    def select_all(self) -> None:
        """Select the text of the row with the cursor: what is typed next replaces it."""
        self.edit = LineEdit.at_end(self.edit.text, selected=True)
        self.refresh_line(self.at)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _WHILE_TYPING or action in _WHILE_MOVING:
            return self.typing == (action in _WHILE_TYPING)
        return super().check_action(action, parameters)

    async def on_key(self, event: events.Key) -> None:
        """Be done with each key before the next one: on a slow line many come at once.

        Textual would look for what a key is bound to only once it has come all the way up, when later ones were typed.
        """
        if self.app.screen is not self.screen:
            pass_on(self.app, event)
        elif not self._takes(event) and not await self.app._check_bindings(event.key):
            return
        event.stop()
        event.prevent_default()

    def _takes(self, event: events.Key) -> bool:
        """Whether the key is text here; then it was typed."""
        row, character = self.row, event.character
        if row is None or not row.editable or not event.is_printable or character is None:
            return False
        if not self.typing:
            if row.kind != "number" or character not in _STARTS_A_NUMBER:
                return False
            self.begin()
        elif row.kind == "number" and character in "?:":
            return False  # no number holds these: they are the keys of the app
        self._type(self.edit.insert(character))
        return True

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        row = self.row
        if row is not None and row.editable:
            self.begin(LineEdit.at_end(row.text, selected=True))
            self._type(self.edit.insert(one_line(event.text)))

    def _type(self, edit: LineEdit) -> None:
        changed = edit.text != self.edit.text
        self.edit = edit
        if changed and self.row is not None:
            # The screen paints the line, with what there is to say of it, in one go.
            self._tell(Edited(self.row.key, edit.text))
        else:
            self.refresh_line(self.at)

    def action_done(self, move: int) -> None:
        """Typing is over; the cursor moves by so many rows."""
        if move:
            self.move(move)
        else:
            self.end()

    def action_caret(self, by: int) -> None:
        self._type(self.edit.to(self.edit.cursor + by))

    def action_edit(self, how: str) -> None:
        """An edit of the text by its name: a method of LineEdit, or a place to go to."""
        edit = self.edit
        places = {"start": 0, "end": len(edit.text), "word_back": edit.word_back, "word_ahead": edit.word_ahead}
        self._type(edit.to(places[how]) if how in places else getattr(edit, how)())

    def action_step(self, by: int) -> None:
        self._step(by, leap=False)

    def action_stride(self, by: int) -> None:
        self._step(by, leap=True)

    # Moving

    def action_side(self, by: int) -> None:
        """The next choice or number; what is foldable folds."""
        if self.row is not None and self.row.unfolded is not None:
            self._tell(Folded(self.row.key, by > 0))
        elif self.row is not None and self.row.kind == "text" and not self.row.steps:
            self.begin()
        else:
            self._step(by, leap=False)

    def action_rub(self) -> None:
        """Backspace on a value: type on without its last character."""
        if self.row is not None and self.row.editable:
            self.begin(LineEdit.at_end(self.row.text))
            self._type(self.edit.backspace())

    def action_leap(self, by: int) -> None:
        self._step(by, leap=True)

    def _step(self, by: int, leap: bool) -> None:
        if self.row is not None and self.row.steps and not (self.typing and self.row.kind == "text"):
            self._tell(Stepped(self.row.key, by, leap))

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if at >= len(self.rows):
            return
        row, again = self.rows[at], at == self.at
        self.go(row.key)
        lines = self._lines()
        label, value = lines.widths(row)
        inside = event.x - label
        if row.editable and inside >= 0:
            self.begin()
            self._type(self.edit.to(lines.cursor_at(self.edit, value, inside)))
        elif row.unfolded is not None:
            self._tell(Folded(row.key, not row.unfolded))
        elif row.kind == "add" or (row.kind == "choice" and again):
            self._tell(Chosen(row.key))

    # Painting

    def _lines(self) -> FormLines:
        return FormLines(self.scrollable_content_region.width, self._style)

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"form--{name}")
        return style

    def notify_style_update(self) -> None:
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(self.size.width, self.rich_style)
        here = index == self.at
        segments: list[Segment] = self._lines().segments(
            self.rows[index], self.edit if here else None, here, self.typing
        )
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)
