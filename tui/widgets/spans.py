"""Widgets and screens that repaint only the cells that changed: what a live view costs over a thin line.

Textual repaints a dirty region from the left edge of its widget on (textual 8.2, `ChopsUpdate.render_segments`);
`SpanScreen` puts a compositor in its place that starts at the region itself (`frames`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import RenderResult
from textual.geometry import NULL_SPACING, Region, Size
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip

from tui.line.flow import LOOK_SECONDS, flow_of
from tui.widgets.frames import SpanCompositor
from tui.widgets.rows import BLANK, STYLES, Part, Row, cells, changed_spans, fit, harmless
from tui.widgets.still import Still

GAP = 5
"""Bytes of unchanged cells between two spans that are cheaper to send than another move of the cursor."""

RowSource = Callable[[int, int], Sequence[Row]]
"""The rows of a view of that width and height."""


class SpanView(Still, can_focus=False):
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
        self._ready: dict[int, Strip] = {}
        """As the app has all lines shown: without colours, for one."""
        self._styles: dict[str, Style] = {}
        self._drawn_size = Size(0, 0)

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
            self._ready.pop(y, None)
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
            strip = Strip([Segment(harmless(text), self._style(name)) for text, name in row if text])
            strip = strip.adjust_cell_length(self.content_size.width, self._style("text"))
            self._strips[y] = strip
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are; Textual's way, which takes twice the time, only where there is more around them."""
        if self.styles.gutter != NULL_SPACING or self.opacity != 1:
            return super().render_lines(crop)
        if missing := [y for y in crop.line_range if y not in self._ready]:
            filters, background = self.get_line_filters(), self.background_colors[1]
            for y in missing:
                strip = self.render_line(y)
                for each in filters:
                    strip = strip.apply_filter(each, background)
                self._ready[y] = strip
        return [self._ready[y].crop(*crop.column_span) for y in crop.line_range]

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"rows--{name}")
        return style

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._strips.clear()
        self._ready.clear()
        super().notify_style_update()

    def forget(self) -> None:
        """Drop what was drawn, so that the next update draws it again."""
        self._rows, self._cells = [], []
        self._strips.clear()
        self._ready.clear()

    def on_resize(self, _: events.Resize) -> None:
        if self.fit_size():
            # What the screen showed at the old size is not known any more.
            self.refresh()

    def on_hide(self) -> None:
        self._drawn_size = Size(0, 0)

    def fit_size(self) -> bool:
        """Draw at the size that the view has got; whether that is another than the last time."""
        size = self.content_size
        if size == self._drawn_size:
            return False
        self._drawn_size = size
        self.forget()
        self.update_rows()
        self._set_dirty()
        self._exchange_repaint_regions()  # the layout that gave it the size sends it whole
        return True


class SpanScreen(Screen[ScreenResultType]):
    """A screen whose repaints send the dirty spans and nothing else, and not more of them than the line carries."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = SpanCompositor()
        self._waits_for_line = False

    def _compositor_refresh(self) -> None:
        """Send what changed, once the line has taken most of what it was sent before: until then, more may change."""
        for widget in self._compositor.widgets:
            if isinstance(widget, SpanView):
                widget.fit_size()
        if self is not self.app.screen or not flow_of(self.app).full:
            super()._compositor_refresh()
            return
        self._dirty_widgets.clear()
        if not self._waits_for_line:
            self._waits_for_line = True
            self.set_timer(LOOK_SECONDS, self._look_at_line)

    def _look_at_line(self) -> None:
        self._waits_for_line = False
        if self.is_current and self._compositor._dirty_regions:
            self._compositor_refresh()


def update_all(views: Iterable[SpanView]) -> None:
    """Bring those of the views that are on screen up to date."""
    for view in views:
        if view.display and view.is_on_screen:
            view.update_rows()
