"""The picture of a chart as rows of text: curves on a canvas, axes that grow in jumps, and what stands around them.

No widget in sight: the same for a screen, for a test, and for a size that no screen has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tui.monitor.lens import Lens
from tui.widgets.canvas import DOTS_ACROSS, EMPTY, Canvas, Cell
from tui.widgets.chart_axes import GUTTER, x_labels, y_labels
from tui.widgets.chart_heading import heading, heading_rows, notes_of
from tui.widgets.chart_marks import marks_row, on_blanks
from tui.widgets.chart_plot import Drawn, Line, drawn_curves, dropped_values, spread_cells, strokes_of
from tui.widgets.chart_signs import CROSSHAIR, SEAM, STYLES_OF_CELLS, Signs
from tui.widgets.chart_spec import ChartSpec, Curve
from tui.widgets.geometry import Axis, prefers_log, value_axis, x_limit
from tui.widgets.rows import Part, Row, wrap
from tui.widgets.smoothing import MOST

WHOLE_BELOW = 0.75
"""A curve in percent that comes from below gets the whole range: noise at chance should not look like a trend."""
LEAST_FOR_MARKS = 6
"""Rows of a canvas that can spare one for marks."""


@dataclass(frozen=True)
class Frame:
    """What a picture shows, and where its parts are."""

    low: float
    high: float
    """The stretch of the x axis."""
    across: int
    down: int
    """Cells of the canvas."""
    heads: int = 1
    marks: bool = False
    """Whether a row under the canvas is that of the marks."""

    def column(self, x: float) -> int:
        """The column of the canvas in which a place of the x axis lies; may be one beside the canvas."""
        return math.floor(self.across * min(2.0, max(-1.0, (x - self.low) / (self.high - self.low))))


@dataclass(frozen=True)
class Sight:
    """What a picture was made of."""

    serial: int
    log_scale: bool | None
    frame: Frame
    known: list[tuple[Curve, int, list[Line], object]]
    drawn: list[Drawn]
    log: bool
    dropped: str
    values: list[float]
    """What the y axis has to hold."""

    def is_still(self, spec: ChartSpec, lens: Lens, frame: Frame, fresh: Sequence[Drawn]) -> bool:
        """Whether nothing of it has changed, however much was logged in the meantime."""
        if (self.serial, self.log_scale, self.frame) != (spec.serial, lens.log_scale, frame):
            return False
        if len(self.known) != len(fresh) or any(each.bounds for each in fresh):
            return False
        return all(
            each.curve is curve
            and each.cell == cell
            and each.lines is lines
            and (not lens.log_scale or each.size == size)
            for each, (curve, cell, lines, size) in zip(fresh, self.known, strict=True)
        )


class ChartPainter:
    """Paints one chart again and again; of what stays as it is, nothing is drawn anew."""

    def __init__(self, smoothed: int = MOST) -> None:
        """`smoothed` values of a curve are smoothed with each picture, until all are."""
        self.smoothed = smoothed
        self.canvas = Canvas()
        self.axis: Axis | None = None
        """The y axis of the last picture."""
        self.frame: Frame | None = None
        """None where the last picture had no canvas."""
        self.pending = False
        """Whether the last picture shows only a part, since there is more to be smoothed."""
        self._sight: Sight | None = None
        self._axis_key: tuple[object, ...] = ()
        self._painted: list[tuple[list[Cell], list[Part]]] = []
        """The rows of the canvas as they were the last time: cells, and parts."""
        self._band = range(0)

    def rows(self, spec: ChartSpec, lens: Lens, width: int, height: int, signs: Signs | None = None) -> list[Row]:
        """A title with the legend, the canvas with its y axis, marks where there are any, the labels of the x axis."""
        signs = signs or Signs(lens.marker)
        return signs.shown(self._rows(spec, lens_for(spec, lens), signs, width, height))

    def _rows(self, spec: ChartSpec, lens: Lens, signs: Signs, width: int, height: int) -> list[Row]:
        self.pending, self.frame = False, None
        frame = _frame(spec, lens, width, height)
        shown = (frame.low, frame.high)
        if frame.across < 4 or frame.down < 1:
            return heading(spec, lens, signs, shown, width, 1, notes_of(spec, lens, shown, log=False, dropped=""))[
                : max(0, height)
            ]
        fresh = drawn_curves(spec, lens, frame.low, frame.high, frame.across * DOTS_ACROSS, self.smoothed)
        self.pending = any(each.pending for each in fresh)
        sight = self._sight
        if sight is None or not sight.is_still(spec, lens, frame, fresh):
            sight = self._sight = self._seen(spec, lens, frame, fresh)
        drawn, log, dropped, values = sight.drawn, sight.log, sight.dropped, sight.values
        notes = notes_of(spec, lens, shown, log=log, dropped=dropped)
        head = heading(spec, lens, signs, shown, width, frame.heads, notes)
        if not values:
            return [*head, *_nothing(spec, lens, width, frame.down)]
        self._choose_axis(spec, lens, frame, values, log=log)
        assert self.axis is not None
        self.frame = frame
        grid = self.canvas.draw(frame.across, frame.down, strokes_of(drawn, self.axis, signs, frame.across, frame.down))
        return [*head, *self._body(spec, lens, frame, grid, drawn), *_feet(spec, frame)]

    def _seen(self, spec: ChartSpec, lens: Lens, frame: Frame, fresh: list[Drawn]) -> Sight:
        known = [(each.curve, each.cell, each.lines, each.size) for each in fresh]
        log, dropped = self._scale(spec, lens, fresh, frame)
        values = [end for each in fresh for end in each.extremes]
        return Sight(spec.serial, lens.log_scale, frame, known, fresh, log, dropped, values)

    def _scale(self, spec: ChartSpec, lens: Lens, drawn: Sequence[Drawn], frame: Frame) -> tuple[bool, str]:
        """Whether the y axis is logarithmic, and what it cannot show."""
        if lens.log_scale is None:
            finite = [column for each in drawn for column in each.columns if not math.isnan(column.low)]
            log = spec.may_log and all(column.low > 0 for column in finite) and prefers_log([c.high for c in finite])
            for each in drawn:
                if log:
                    each.use_log()
            return log, ""
        if not lens.log_scale:
            return False, ""
        dropped = dropped_values(drawn, frame.low, frame.high)
        if not any(column.high > 0 for each in drawn for column in each.columns):
            some = any(column.low <= 0 for each in drawn for column in each.columns)
            return False, "linear: no value > 0" if some else ""
        for each in drawn:
            each.use_log()
        return True, dropped

    def _choose_axis(self, spec: ChartSpec, lens: Lens, frame: Frame, values: Sequence[float], *, log: bool) -> None:
        """Keep the y axis while the data fits it, so that old columns stay as they are on the screen."""
        low, high = min(values), max(values)
        if spec.percent and lens.window is None and not log and 0 <= low < WHOLE_BELOW and high <= 1:
            low, high = 0.0, 1.0
        key = (spec.serial, frame, lens.log_scale)
        if self.axis is not None and key == self._axis_key and self.axis.holds(low, high):
            return
        self._axis_key = key
        if spec.from_zero and not log:
            low = min(0.0, low)
        self.axis = value_axis(low, high, log=log, parts=max(2, frame.down // 2))

    def _body(
        self, spec: ChartSpec, lens: Lens, frame: Frame, grid: Sequence[Sequence[Cell]], drawn: Sequence[Drawn]
    ) -> list[Row]:
        assert self.axis is not None
        behind: dict[tuple[int, int], Cell] = spread_cells(drawn, self.axis, frame.across, frame.down)
        for seam in spec.seams:
            if frame.low <= seam <= frame.high:
                column = min(frame.across - 1, frame.column(seam))
                behind |= {(row, column): SEAM for row in range(frame.down)}
        cursor = -1
        if lens.cursor is not None and frame.low <= lens.cursor <= frame.high:
            cursor = min(frame.across - 1, frame.column(lens.cursor))
            behind |= {(row, cursor): CROSSHAIR for row in range(frame.down)}
        by_row: list[list[Cell]] = [list(cells) for cells in grid]
        for (row, column), cell in behind.items():
            if by_row[row][column] == EMPTY:
                by_row[row][column] = cell
        if cursor >= 0:
            for cells in by_row:
                cells[cursor] = (cells[cursor][0], CROSSHAIR[1])
        band = _band(spec, frame)
        labels = y_labels(self.axis, frame.down, spec.percent)
        return [[(label, "muted"), *parts] for label, parts in zip(labels, self._parts(by_row, band), strict=True)]

    def _parts(self, by_row: Sequence[list[Cell]], band: range) -> list[list[Part]]:
        """Each row in runs of one style."""
        known = self._painted if band == self._band else []
        kept = [
            known[at] if at < len(known) and known[at][0] == cells else (cells, _runs(cells, band))
            for at, cells in enumerate(by_row)
        ]
        self._painted, self._band = kept, band
        return [parts for _, parts in kept]


def lens_for(spec: ChartSpec, lens: Lens) -> Lens:
    """A window or a crosshair in another unit than that of the chart's x axis says nothing in it."""
    return lens if spec.x_name == lens.unit else replace(lens, window=None, cursor=None)


def stretch_of(spec: ChartSpec, lens: Lens) -> tuple[float, float]:
    """The stretch of the x axis that is shown."""
    window = lens_for(spec, lens).window
    return window or (0.0, whole_of(spec))


def whole_of(spec: ChartSpec) -> float:
    """The right end of the x axis of the whole run."""
    return x_limit(max((spec.reached, *(curve.reached for curve in spec.curves))), spec.planned)


def _frame(spec: ChartSpec, lens: Lens, width: int, height: int) -> Frame:
    heads = heading_rows(spec, lens, width, height)
    down = height - heads - 1
    marks = bool(spec.marks) and down >= LEAST_FOR_MARKS
    return Frame(*stretch_of(spec, lens), width - GUTTER, down - marks, heads, marks)


def _band(spec: ChartSpec, frame: Frame) -> range:
    """The columns of the canvas that the spec's band takes; none where there is none."""
    if spec.band is None or spec.band[1] < frame.low or spec.band[0] > frame.high:
        return range(0)
    first, last = (min(frame.across - 1, max(0, frame.column(x))) for x in spec.band)
    return range(first, last + 1)


def _feet(spec: ChartSpec, frame: Frame) -> list[Row]:
    """The marks and the labels of the x axis, which share a row where there is none to spare."""
    labels = x_labels(spec.x_name, frame.low, frame.high, frame.across, _band(spec, frame))
    inside = [mark for mark in spec.marks if mark.x <= frame.high and (mark.until or mark.x) >= frame.low]
    if not inside:
        return [[], labels] if frame.marks else [labels]
    marks = marks_row(inside, lambda x: frame.across - 1 if x == frame.high else frame.column(x), frame.across)
    return [marks, labels] if frame.marks else [on_blanks(labels, marks)]


def _nothing(spec: ChartSpec, lens: Lens, width: int, down: int) -> list[Row]:
    some = any(curve.points.x for curve in spec.curves)
    message = spec.empty if not some else "no values here" if lens.window else "no finite value"
    blank: Row = []
    lines = wrap(message, max(8, width - 4), "muted")
    return [*([blank] * ((down - len(lines) + 1) // 2)), *([("  ", "text"), *line] for line in lines)]


def _runs(cells: Sequence[Cell], band: range) -> list[Part]:
    """The cells of a canvas row as runs of one style; those of the band's columns are shaded."""
    parts: list[Part] = []
    for place, shade in (
        (slice(0, band.start), ""),
        (slice(band.start, band.stop), "band-"),
        (slice(band.stop, None), ""),
    ):
        for series, run in groupby(cells[place], key=lambda cell: cell[1]):
            text = "".join(character for character, _ in run)
            parts.append((text, f"{shade}{STYLES_OF_CELLS[series]}"))
    return parts
