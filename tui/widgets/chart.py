"""One chart: curves over training, on axes that grow in jumps, in lines that repaint only where they changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby

from tui.widgets.canvas import DOTS_ACROSS, DOTS_DOWN, EMPTY, MARKERS, Canvas, Cell, Stroke
from tui.widgets.decimation import Column, Points, Pyramid, columns, polylines
from tui.widgets.geometry import Axis, prefers_log, tick_labels, ticks, value_axis, x_limit
from tui.widgets.rows import Part, Row, between, fitting, joined, width_of, wrap
from tui.widgets.spans import SpanView

GUTTER = 7
"""Cells left of the canvas: a label of six and the axis."""
WHOLE_BELOW = 0.75
"""A curve in percent that comes from below gets the whole range: noise at chance should not look like a trend."""
SERIES_STYLES = ("text", "series1", "series2", "series3", "series4", "track")
SEAM: Cell = ("┊", 5)
"""A line from top to bottom, behind the curves."""
BAND_ENDS, BAND_LINE, BAND_POINT = "┝┥", "━", "▲"
"""On the x axis, where colours may be missing; behind the curves the band is a shade."""
NO_COLOUR_MARKERS = ("braille", "braille", "dot", "x", "+")
"""Markers that tell the series (from 1) apart without colours."""
_serials = count()


@dataclass
class Curve:
    """One series in a chart; a point lies at scale · x + offset on the chart's x axis."""

    name: str
    points: Points
    series: int
    """From 1; later ones cover earlier ones. Series 1 is the muted one, for what lies behind."""
    scale: float = 1.0
    offset: float = 0.0
    pyramid: Pyramid = field(default_factory=Pyramid)
    _grid: tuple[object, ...] = ()
    _found: list[Column] = field(default_factory=list)

    @property
    def reached(self) -> float:
        """The right end of the curve on the chart's x axis."""
        return self.scale * self.points.x[-1] + self.offset if self.points.x else 0.0

    def columns(self, limit: float, count: int) -> list[Column]:
        """What the curve shows in `count` columns between 0 and `limit`; of a curve that grew, only the end is new."""
        grid = (limit, count, self.points.rewinds)
        if grid != self._grid:
            self._grid, self._found = grid, []
        first = self._found.pop().at if self._found else 0
        edges = [(limit * index / count - self.offset) / self.scale for index in range(first, count)]
        self._found += columns(self.points, self.pyramid, [*edges, math.inf], first)
        return self._found


@dataclass
class ChartSpec:
    """What a chart shows."""

    title: str
    curves: list[Curve]
    x_name: str = "epoch"
    planned: float = 0.0
    """Where the x axis ends if all goes to plan; 0 where that is not known."""
    percent: bool = False
    from_zero: bool = False
    """Whether a linear y axis begins at 0: what falls slowly should not look as if it fell to nothing."""
    may_log: bool = False
    """Whether the y axis turns logarithmic by itself where an exploding curve would squeeze the rest."""
    reached: float = 0.0
    """How far the run is, so that its charts share their x axis."""
    empty: str = "no values yet"
    """What stands in a chart without values."""
    seams: tuple[float, ...] = ()
    """Where on the x axis a line stands: the run went on after an interruption, or something may happen."""
    seam_label: str = ""
    """Its name in the heading; "" for none."""
    metrics: frozenset[str] = frozenset()
    """The names of what it shows in the log of the run."""
    band: tuple[float, float] | None = None
    """The stretch of the x axis to point at."""
    band_label: str = ""
    """Its name in the heading; "" for none."""
    serial: int = field(default_factory=lambda: next(_serials), compare=False, repr=False)
    """Tells it from every other spec, for a chart that is given one after the other."""

    def fingerprint(self) -> tuple[object, ...]:
        """Changes whenever there may be something else to draw."""
        sizes = tuple((len(curve.points.x), curve.points.rewinds) for curve in self.curves)
        return self.serial, sizes, self.reached, self.planned, self.empty, self.seams, self.band, self.band_label


class Chart(SpanView):
    """Draws a ChartSpec. `log_scale` overrides the choice of the y axis: None leaves it to the data."""

    def __init__(self, spec: ChartSpec | None = None, *, id: str | None = None) -> None:
        super().__init__(self.lines, id=id)
        self.spec = spec
        self.log_scale: bool | None = None
        self.canvas = Canvas()
        self.axis: Axis | None = None
        self.limit = 0.0
        self._axis_key: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()

    def forget(self) -> None:
        super().forget()
        # News may have drawn the chart at its new size before it was told of it.
        self._drawn = ()

    def update_rows(self) -> None:
        """Draw again, unless there is nothing else to draw than the last time."""
        content = (self.content_size, self.log_scale, self.spec.fingerprint() if self.spec else None)
        if content != self._drawn:
            self._drawn = content
            super().update_rows()

    def lines(self, width: int, height: int) -> list[Row]:
        """The chart's rows: a title with the legend, the canvas with its y axis, the labels of the x axis."""
        if self.spec is None:
            return []
        spec, across, down = self.spec, width - GUTTER, height - 2
        if across < 4 or down < 1:
            return [self._heading(spec, width)]
        self.limit = x_limit(max((spec.reached, *(curve.reached for curve in spec.curves))), spec.planned)
        found = [curve.columns(self.limit, across * DOTS_ACROSS) for curve in spec.curves]
        drawn = [column for each in found for column in each if not math.isnan(column.low)]
        if not drawn:
            return [self._heading(spec, width), *self._nothing(spec, width, down)]
        self._choose_axis(spec, drawn, down, (width, height, self.limit, self.log_scale))
        assert self.axis is not None
        strokes = self._strokes(spec, found, self.axis, down)
        grid = self.canvas.draw(across, down, strokes)
        labels = self._y_labels(self.axis, down, spec.percent)
        seams = {min(across - 1, int(across * seam / self.limit)) for seam in spec.seams}
        band = self._band(spec, across)
        body = [
            [(label, "muted"), *_runs(_behind(cells, seams), band)] for label, cells in zip(labels, grid, strict=True)
        ]
        return [self._heading(spec, width), *body, self._x_labels(spec, across, band)]

    def _band(self, spec: ChartSpec, across: int) -> range:
        """The columns of the canvas that the spec's band takes; none where there is none."""
        if spec.band is None:
            return range(0)
        first, last = (min(across - 1, max(0, int(across * x / self.limit))) for x in spec.band)
        return range(first, last + 1)

    def _choose_axis(self, spec: ChartSpec, drawn: Sequence[Column], down: int, key: tuple[object, ...]) -> None:
        """Keep the y axis while the data fits it, so that old columns stay as they are on the screen."""
        low, high = min(column.low for column in drawn), max(column.high for column in drawn)
        if spec.percent and 0 <= low < WHOLE_BELOW and high <= 1:
            low, high = 0.0, 1.0
        key = (spec.serial, *key)
        if self.axis is not None and key == self._axis_key and self.axis.holds(low, high):
            return
        self._axis_key = key
        automatic = spec.may_log and prefers_log([column.high for column in drawn])
        log = automatic if self.log_scale is None else self.log_scale
        if spec.from_zero and not log:
            low = min(0.0, low)
        self.axis = value_axis(low, high, log=log, parts=max(2, down // 2))

    def _strokes(self, spec: ChartSpec, found: Sequence[Sequence[Column]], axis: Axis, down: int) -> list[Stroke]:
        top = down * DOTS_DOWN - 1
        strokes = []
        for curve, each in zip(spec.curves, found, strict=True):
            for line in polylines(each):
                dots = [(x, round(top * axis.position(value))) for x, value in line]
                points = tuple(dot for dot, _ in groupby(dots))
                # A single braille dot is easily missed.
                marker = "dot" if len(points) == 1 else self._marker(curve)
                strokes.append(Stroke(points, curve.series, marker))
        return strokes

    def _marker(self, curve: Curve) -> str:
        return NO_COLOUR_MARKERS[curve.series] if self.app.no_color else "braille"

    def _heading(self, spec: ChartSpec, width: int) -> Row:
        legend: list[list[Part]] = [[(spec.title, "title")]]
        for curve in spec.curves:
            if curve.points.x:
                legend.append([(f"{MARKERS[self._marker(curve)]} {curve.name}", SERIES_STYLES[curve.series])])
        notes = self._notes(spec)
        room = max(8, width - len(notes) - 1)
        marks = []
        if spec.band_label:
            marks.append((BAND_LINE, spec.band_label, spec.band_label.rpartition(" ")[2], "key"))
        if spec.seams and spec.seam_label:
            marks.append((SEAM[0], spec.seam_label, "resumed", "muted"))
        for sign, whole, short, style in marks:
            fits = width_of(joined([*legend, [(f"{sign} {whole}", style)]])) <= room
            legend.append([(f"{sign} {whole if fits else short}", style)])
        return between(fitting(legend, room), [(notes, "warning")] if notes else [], width)

    def _notes(self, spec: ChartSpec) -> str:
        notes = ["log"] if self.axis is not None and self.axis.log else []
        for curve in spec.curves:
            if (bad := curve.pyramid.first_bad) is not None:
                value = "NaN" if math.isnan(curve.points.y[bad]) else "inf"
                unit = spec.x_name if curve.scale == 1 and curve.offset == 0 else "step"
                notes.append(f"{curve.name} {value} at {unit} {curve.points.x[bad]:.0f}")
                break
        return " · ".join(notes)

    @staticmethod
    def _nothing(spec: ChartSpec, width: int, down: int) -> list[Row]:
        some = any(curve.points.x for curve in spec.curves)
        message = "no finite value" if some else spec.empty
        blank: Row = []
        lines = wrap(message, max(8, width - 4), "muted")
        return [*([blank] * ((down - len(lines) + 1) // 2)), *([("  ", "text"), *line] for line in lines)]

    @staticmethod
    def _y_labels(axis: Axis, down: int, percent: bool) -> list[str]:
        """One string a row, top row first, GUTTER cells wide."""
        values = ticks(axis, max(2, down // 2))
        labels = [" " * (GUTTER - 1) + "│"] * down
        for value, label in zip(values, tick_labels(values, log=axis.log, percent=percent), strict=True):
            row = down - 1 - round((down * DOTS_DOWN - 1) * axis.position(value)) // DOTS_DOWN
            labels[row] = f"{label[: GUTTER - 1]:>{GUTTER - 1}}┤"
        return labels

    def _x_labels(self, spec: ChartSpec, across: int, band: range) -> Row:
        """The labels under the canvas; each is centred on its tick and left out where it would touch another.

        The band is a line between two brackets; a label may stand inside, but not on a bracket.
        """
        name = spec.x_name[: GUTTER - 2]
        line = list(f"{name:>{GUTTER - 1}} " + " " * across)
        free = GUTTER
        for column in band:
            line[GUTTER + column] = BAND_LINE
        ends = [GUTTER + column for column in (band[0], band[-1])] if band else []
        for end, mark in zip(ends, BAND_ENDS if len(band) > 1 else 2 * BAND_POINT, strict=False):
            line[end] = mark
        values = ticks(Axis(0.0, self.limit), max(2, across // 8))
        for value, label in zip(values, tick_labels(values), strict=True):
            at = GUTTER + round((across - 1) * value / self.limit) - len(label) // 2
            at = min(max(at, GUTTER), len(line) - len(label))
            if at >= free and not any(at - 1 <= end <= at + len(label) for end in ends):
                line[at : at + len(label)] = label
                free = at + len(label) + 1
        text = "".join(line)
        if not ends:
            return [(text, "muted")]
        return [(text[: ends[0]], "muted"), (text[ends[0] : ends[1] + 1], "key"), (text[ends[1] + 1 :], "muted")]


def _behind(cells: Sequence[Cell], seams: Iterable[int]) -> list[Cell]:
    """The cells of a canvas row with the seams in those columns where nothing is drawn."""
    marked = list(cells)
    for column in seams:
        if marked[column] == EMPTY:
            marked[column] = SEAM
    return marked


def _runs(cells: Sequence[Cell], band: range) -> list[Part]:
    """The cells of a canvas row as runs of one style; those of the band's columns are shaded."""
    parts: list[Part] = []
    for place, shade in (
        (slice(0, band.start), ""),
        (slice(band.start, band.stop), "band-"),
        (slice(band.stop, None), ""),
    ):
        for series, run in groupby(cells[place], key=lambda cell: cell[1]):
            parts.append(("".join(character for character, _ in run), f"{shade}{SERIES_STYLES[series]}"))
    return parts
