"""A table of rows for the line API: columns drop out by priority, and only what changed is painted again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip


@dataclass(frozen=True)
class Column:
    """`rank` 0 stays longest when the table gets narrow, and is the first to take room that is left, up to `most`."""

    id: str
    title: str
    width: int
    rank: int
    most: int = 0
    align: Literal["left", "right"] = "left"
    cut: Literal["end", "middle"] = "end"
    """Where a text that is too long loses characters."""


@dataclass(frozen=True)
class Cell:
    """Plain text and the theme token of its colour ("" for the usual one)."""

    text: str
    token: str = ""


@dataclass(frozen=True)
class Row:
    """One line; `key` stays the same while its cells change."""

    key: str
    cells: tuple[Cell, ...]
    mark: str = ""
    """A sign of one cell before the first column; empty for none."""


def fit(text: str, width: int, align: str = "left", cut: str = "end") -> str:
    """The text in exactly `width` cells, cut with an ellipsis (in the middle, so that its end stays) or padded."""
    length = cell_len(text)
    if length > width:
        end = _last_cells(text, (width - 1) // 2) if cut == "middle" else ""
        return set_cell_size(text, width - 1 - cell_len(end)) + "…" + end if width > 0 else ""
    return " " * (width - length) + text if align == "right" else text + " " * (width - length)


def _last_cells(text: str, width: int) -> str:
    """As much of the text's end as fits into that many cells."""
    start = len(text)
    while start > 0 and cell_len(text[start - 1 :]) <= width:
        start -= 1
    return text[start:]


def _changed_part(old: str, new: str) -> tuple[int, int]:
    """First cell and number of cells in which two texts of the same width differ; all of a text that is not ASCII."""
    if not (old + new).isascii():
        return 0, cell_len(new)
    differing = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b] or [0]
    return differing[0], differing[-1] + 1 - differing[0]


def arrange(columns: Sequence[Column], width: int, longest: Mapping[int, int] | None = None) -> dict[int, int]:
    """Widths of the columns that fit into `width` cells with a gap of one, by index.

    Ranks decide who stays and, after the numbers, who grows first; nobody grows beyond `longest`, the cells of its
    longest text, by index.
    """
    kept: set[int] = set()
    room = width
    for index in sorted(range(len(columns)), key=lambda index: columns[index].rank):
        needed = columns[index].width + (1 if kept else 0)
        if needed > room and kept:
            break
        kept.add(index)
        room -= needed
    widths = {index: columns[index].width for index in sorted(kept)}
    # Half a name still tells something, half a number something else.
    for index in sorted(widths, key=lambda index: (columns[index].align != "right", columns[index].rank)):
        most = min(columns[index].most, (longest or {}).get(index, columns[index].most))
        more = max(0, min(room, most - widths[index]))
        widths[index] += more
        room -= more
    return widths


GUTTER = 2
"""Cells before the first column, for the sign of the cursor: where there are no colours, it alone shows."""
TOKENS = ("muted", "primary", "success", "warning", "error", "accent")


class Table(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows under a heading that stays; the screen's bindings move the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--heading",
        "table--cursor",
        *(f"table--{token}" for token in TOKENS),
    }
    DEFAULT_CSS = """
    Table { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    Table > .table--heading { color: $text-muted; text-style: bold; }
    Table > .table--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
    Table > .table--muted { color: $text-muted; }
    Table > .table--primary { color: $text-primary; }
    Table > .table--success { color: $text-success; }
    Table > .table--warning { color: $text-warning; }
    Table > .table--error { color: $text-error; }
    Table > .table--accent { color: $text-accent; }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        key: str

    @dataclass
    class Chosen(Message):
        """A row was chosen with the mouse."""

        key: str

    def __init__(self, columns: Sequence[Column], *, id: str | None = None, one_click: bool = False) -> None:
        """With `one_click` a click chooses a row; without, the first click selects it and the next one chooses it."""
        super().__init__(id=id)
        self.one_click = one_click
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self.cursor = 0
        self.top = int(any(column.title for column in columns))
        """Lines of the heading."""
        self._longest: dict[int, int] = {}
        self._widths: tuple[int, dict[int, int]] = (-1, {})

    @property
    def widths(self) -> dict[int, int]:
        """Cells of each column that is shown, by index."""
        width = self.scrollable_content_region.width
        if width != self._widths[0]:
            self._widths = (width, arrange(self.columns, width - GUTTER, self._longest))
        return self._widths[1]

    def _measure(self) -> None:
        """Take notice of the longest text of each column that can grow."""
        growing = [index for index, column in enumerate(self.columns) if column.most > column.width]
        self._longest = {i: max((cell_len(row.cells[i].text) for row in self.rows), default=0) for i in growing}
        self._widths = (-1, {})

    @property
    def key(self) -> str:
        """The key of the row under the cursor; empty without rows."""
        return self.rows[self.cursor].key if self.rows else ""

    def show(self, rows: Sequence[Row], columns: Sequence[Column] | None = None) -> None:
        """Take these rows; the cursor stays on the row where it was, and cells that are as before are not painted.

        `columns` are other ones for these rows than those of now.
        """
        before, key, widths, in_sight = self.rows, self.key, self.widths, self._in_sight
        self.rows = list(rows)
        others = columns is not None and tuple(columns) != self.columns
        if columns is not None:
            self.columns = tuple(columns)
        self._measure()
        self.cursor = next((index for index, row in enumerate(rows) if row.key == key), min(self.cursor, len(rows) - 1))
        self.cursor = max(self.cursor, 0)
        if others or [row.key for row in before] != [row.key for row in rows] or widths != self.widths:
            self.virtual_size = Size(0, len(rows) + self.top)
            self.refresh()
            if in_sight:  # whoever scrolled away is not pulled back
                self._reveal()
        else:
            for index, (old, new) in enumerate(zip(before, rows, strict=True)):
                if old is not new:
                    self._refresh_changed(index, old, new)
        if self.key != key:
            self.post_message(self.Moved(self.key))

    def move(self, lines: int) -> None:
        """Move the cursor by that many rows, as far as there are any."""
        self.select(self.cursor + lines)

    def select(self, index: int) -> None:
        """Put the cursor on a row and bring it into view."""
        index = max(0, min(index, len(self.rows) - 1))
        if not self.rows or index == self.cursor:
            return
        for row in (self.cursor, index):
            self.refresh(Region(0, row + self.top - self.scroll_offset.y, self.size.width, 1))
        self.cursor = index
        self._reveal()
        self.post_message(self.Moved(self.key))

    @property
    def _in_sight(self) -> bool:
        """Whether the row of the cursor is on screen."""
        return 0 <= self.cursor - self.scroll_offset.y < max(1, self.size.height - self.top)

    def _reveal(self) -> None:
        top, page = self.scroll_offset.y, max(1, self.size.height - self.top)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False)

    def _refresh_changed(self, index: int, old: Row, new: Row) -> None:
        if old.mark != new.mark:
            self.refresh(Region(GUTTER - 1, index + self.top - self.scroll_offset.y, 1, 1))
        x = GUTTER
        for column, width in self.widths.items():
            was, now = old.cells[column], new.cells[column]
            if was != now:
                start, length = 0, width
                if was.token == now.token:
                    start, length = _changed_part(self._fitted(was, column, width), self._fitted(now, column, width))
                self.refresh(Region(x + start, index + self.top - self.scroll_offset.y, length, 1))
            x += width + 1

    def _fitted(self, cell: Cell, column: int, width: int) -> str:
        return fit(cell.text, width, self.columns[column].align, self.columns[column].cut)

    def on_resize(self) -> None:
        self.virtual_size = Size(0, len(self.rows) + self.top)
        self._reveal()

    def on_click(self, event: events.Click) -> None:
        index = event.y - self.top + self.scroll_offset.y
        if event.y < self.top or index >= len(self.rows):
            return
        again = index == self.cursor
        self.select(index)
        if again or self.one_click:
            self.post_message(self.Chosen(self.key))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y < self.top:
            return self._line([Cell(column.title, "heading") for column in self.columns], None, width)
        index = y - self.top + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        cursor = self.get_component_rich_style("table--cursor") if index == self.cursor and self.rows else None
        row = self.rows[index]
        return self._line(row.cells, cursor, width, row.mark)

    def _line(self, cells: Sequence[Cell], cursor: Style | None, width: int, mark: str = "") -> Strip:
        """A line of cells; `cursor` is the style of the line that the cursor stands on."""
        over = cursor or Style.null()
        base = self.rich_style + over
        marked = self.get_component_rich_style("table--accent") + Style(bgcolor=over.bgcolor) if mark else base
        segments = [Segment("▸" if cursor else " ", base), Segment(mark.ljust(GUTTER - 1), marked)]
        for index, space in self.widths.items():
            cell = cells[index]
            style = self.get_component_rich_style(f"table--{cell.token}") if cell.token else self.rich_style
            if over.bgcolor is not None:
                # On the cursor the colour of the cell stays, the ground is the cursor's.
                style = (style if cell.token else base) + Style(bgcolor=over.bgcolor)
            segments.append(Segment(self._fitted(cell, index, space), style))
            segments.append(Segment(" ", base))
        return Strip(segments).adjust_cell_length(width, base)
