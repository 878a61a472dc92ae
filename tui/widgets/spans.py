"""Widgets and screens that repaint only the cells that changed: what a live view costs over a thin line.

Textual repaints a dirty region from the left edge of its widget on (textual 8.2, `ChopsUpdate.render_segments`);
`SpanScreen` puts a compositor in its place that starts at the region itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, Compositor
from textual.app import RenderResult
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.pen import Pen
from tui.widgets.rows import BLANK, STYLES, Part, Row, cells, changed_spans, fit

GAP = 12
"""Unchanged cells between two spans that are cheaper to send than another cursor move and colour sequence."""

RowSource = Callable[[int, int], Sequence[Row]]
"""The rows of a view of that width and height."""


class SpanView(Widget, can_focus=False):
    """Rows of styled text. `update_rows` asks `source` for them anew and repaints the spans that differ."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{name}" for name in STYLES}
    DEFAULT_CSS = """
    SpanView > .rows--text { color: $foreground; }
    SpanView > .rows--muted { color: $muted; }
    SpanView > .rows--strong { color: $foreground; text-style: bold; }
    SpanView > .rows--title { color: $primary; text-style: bold; }
    SpanView > .rows--accent { color: $primary; }
    SpanView > .rows--success { color: $success; }
    SpanView > .rows--warning { color: $warning; }
    SpanView > .rows--error { color: $error; text-style: bold; }
    SpanView > .rows--key { color: $accent; text-style: bold; }
    SpanView > .rows--marked { background: $block-cursor-background; color: $block-cursor-foreground; }
    SpanView > .rows--bar { color: $primary; }
    SpanView > .rows--track { color: $faint; }
    SpanView > .rows--series1 { color: $faint; }
    SpanView > .rows--series2 { color: $primary; }
    SpanView > .rows--series3 { color: $warning; }
    SpanView > .rows--series4 { color: $success; }
    SpanView > .rows--series5 { color: $series5; }
    SpanView > .rows--series6 { color: $series6; }
    SpanView > .rows--series7 { color: $series7; }
    SpanView > .rows--series8 { color: $series8; }
    SpanView > .rows--series9 { color: $series9; }
    SpanView > .rows--band-text { background: $panel; }
    SpanView > .rows--band-key { color: $accent; text-style: bold; background: $panel; }
    SpanView > .rows--band-muted { color: $muted; background: $panel; }
    SpanView > .rows--band-track { color: $muted; background: $panel; }
    SpanView > .rows--band-series1 { color: $muted; background: $panel; }
    SpanView > .rows--band-series2 { color: $primary; background: $panel; }
    SpanView > .rows--band-series3 { color: $warning; background: $panel; }
    SpanView > .rows--band-series4 { color: $success; background: $panel; }
    SpanView > .rows--band-series5 { color: $series5; background: $panel; }
    SpanView > .rows--band-series6 { color: $series6; background: $panel; }
    SpanView > .rows--band-series7 { color: $series7; background: $panel; }
    SpanView > .rows--band-series8 { color: $series8; background: $panel; }
    SpanView > .rows--band-series9 { color: $series9; background: $panel; }
    """

    def __init__(self, source: RowSource, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._source = source
        self._rows: list[Row] = []
        self._cells: list[list[Part]] = []
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}

    @property
    def text(self) -> str:
        """What the view shows, without colours."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self._rows)

    def update_rows(self) -> None:
        """Show the source's rows; costs nothing on the line where nothing changed, nor while the view is not shown."""
        width, height = self.content_size
        if width and height:
            self._replace([fit(row, width) for row in self._source(width, height)])

    def _replace(self, rows: list[Row]) -> None:
        regions: list[Region] = []
        new_cells: list[list[Part]] = []
        blank = [BLANK] * self.content_size.width
        for y in range(max(len(rows), len(self._rows))):
            row = rows[y] if y < len(rows) else None
            if row is not None and y < len(self._rows) and row == self._rows[y]:
                new_cells.append(self._cells[y])
                continue
            new = cells(row) if row is not None else blank
            old = self._cells[y] if y < len(self._cells) else blank
            regions += [Region(start, y, end - start, 1) for start, end in changed_spans(old, new, GAP)]
            self._strips.pop(y, None)
            new_cells.append(new)
        self._rows, self._cells = rows, new_cells[: len(rows)]
        if regions:
            self.refresh(*regions)

    def render(self) -> RenderResult:
        return ""

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None:
            row = self._rows[y] if y < len(self._rows) else []
            strip = Strip([Segment(text, self._style(name)) for text, name in row if text])
            strip = strip.adjust_cell_length(self.content_size.width, self._style("text"))
            self._strips[y] = strip
        return strip

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"rows--{name}")
        return style

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._strips.clear()
        super().notify_style_update()

    def forget(self) -> None:
        """Drop what was drawn, so that the next update draws it again."""
        self._rows, self._cells = [], []
        self._strips.clear()

    def on_resize(self, _: events.Resize) -> None:
        self.forget()
        self.update_rows()
        # What the screen showed at the old size is not known any more.
        self.refresh()


class SpanUpdate(ChopsUpdate):
    """Textual's partial update, cut at both ends of each span, with colours said only where they change."""

    def render_segments(self, console: Console) -> str:
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)
        sequences: list[str] = []
        for y, start, end in self.spans:
            for chop_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, start), min(chop_end, end)
                if strip is None or first >= last:
                    continue
                sequences.append(Control.move_to(first, y).segment.text)
                sequences.append(pen.write(strip.crop(first - x, last - x)))
        sequences.append(pen.close())
        return "".join(sequences)


class SpanCompositor(Compositor):
    """A compositor whose partial updates send the dirty spans and nothing else."""

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)


class SpanScreen(Screen[ScreenResultType]):
    """A screen whose repaints send the dirty spans and nothing else."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = SpanCompositor()


def update_all(views: Iterable[SpanView]) -> None:
    """Bring those of the views that are on screen up to date."""
    for view in views:
        if view.display and view.is_on_screen:
            view.update_rows()
