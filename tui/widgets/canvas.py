"""Lines on a grid of braille dots, drawn by plotext: one figure a canvas, never plotext's global one.

plotext draws the dots and nothing else; axes, ticks and the screen are ours. Where a drawing differs from the last one
only in some columns (a growing curve), only these are drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[int, int]
Cell = tuple[str, int]
"""A character and the series it belongs to; 0 where nothing is drawn."""
Grid = list[list[Cell]]
EMPTY: Cell = (" ", 0)

DOTS_ACROSS, DOTS_DOWN = 2, 4
"""Braille dots in a cell."""
MARKERS: dict[str, str] = {"braille": "⣿", "dot": "•", "x": "x", "+": "+"}
"""plotext's names of the markers that we use, and what a legend shows for them."""


@dataclass(frozen=True)
class Stroke:
    """A line through points given in dots: x from the left, ascending; y from the bottom."""

    points: tuple[Point, ...]
    series: int
    marker: str = "braille"


class Canvas:
    """A drawing surface of width × height cells."""

    def __init__(self) -> None:
        self.plotted = 0
        """Points handed to plotext by the last `draw`."""
        self._figure: Any = None
        self._size = (0, 0)
        self._strokes: tuple[Stroke, ...] = ()
        self._grid: Grid = []

    def draw(self, width: int, height: int, strokes: Sequence[Stroke]) -> Grid:
        """The cells, top row first, left to right; later strokes cover earlier ones. The grid stays ours: read only."""
        strokes = tuple(strokes)
        self.plotted = 0
        if (width, height) != self._size or len(strokes) != len(self._strokes):
            self._size = (width, height)
            self._grid = self._plot(0, width, strokes)
        elif window := _changed_cells(self._strokes, strokes):
            first, last = window
            clipped, start = _clip(strokes, first, last)
            part = self._plot(start, last + 1, clipped)
            for row, new in zip(self._grid, part, strict=True):
                row[first : last + 1] = new[first - start :]
        self._strokes = strokes
        return self._grid

    def _plot(self, start: int, end: int, strokes: Sequence[Stroke]) -> Grid:
        """The cells of columns start to end, freshly drawn."""
        width, height = end - start, self._size[1]
        if not any(stroke.points for stroke in strokes):
            return [[EMPTY] * width for _ in range(height)]
        figure = self._prepared(width, height)
        for stroke in strokes:
            if stroke.points:
                self.plotted += len(stroke.points)
                xs = [x - DOTS_ACROSS * start for x, _ in stroke.points]
                figure.plot(xs, [y for _, y in stroke.points], marker=stroke.marker, color=stroke.series)
        figure._set_sizes()
        figure._build_matrix()
        matrix = figure.monitor.matrix
        return [
            [
                (character, series) if isinstance(series, int) else EMPTY
                for character, series in zip(characters, colours, strict=True)
            ]
            for characters, colours in zip(reversed(matrix.marker), reversed(matrix.fullground), strict=True)
        ]

    def _prepared(self, width: int, height: int) -> Any:
        """The empty figure; one dot is one unit. textual-plotext, too, makes its figures from `_figure_class`."""
        if self._figure is None:
            # Imported where first needed: it takes 60 ms, which a screen without a chart need not spend.
            from plotext._figure import _figure_class

            self._figure = _figure_class()
            self._figure._limit_size(False, False)
            self._figure.frame(False)
            for frequency in (self._figure.xfrequency, self._figure.yfrequency):
                frequency(0)
        figure = self._figure
        figure.clear_data()
        figure.plot_size(width, height)
        figure.xlim(0, DOTS_ACROSS * width - 1)
        figure.ylim(0, DOTS_DOWN * height - 1)
        return figure


def _changed_cells(old: Sequence[Stroke], new: Sequence[Stroke]) -> tuple[int, int] | None:
    """First and last column of cells in which the two drawings may differ; None where they are the same."""
    spans = [_changed_dots(a, b) for a, b in zip(old, new, strict=True) if a != b]
    if not spans:
        return None
    return min(start for start, _ in spans) // DOTS_ACROSS, max(end for _, end in spans) // DOTS_ACROSS


def _changed_dots(old: Stroke, new: Stroke) -> tuple[int, int]:
    a, b = old.points, new.points
    shared = 0
    if (old.series, old.marker) == (new.series, new.marker):
        while shared < min(len(a), len(b)) and a[shared] == b[shared]:
            shared += 1
    # The line that leads from the last shared point to the first new one changes, too.
    tails = [*a[max(0, shared - 1) :], *b[max(0, shared - 1) :]]
    xs = [x for x, _ in tails]
    return min(xs, default=0), max(xs, default=0)


def _clip(strokes: Sequence[Stroke], first: int, last: int) -> tuple[list[Stroke], int]:
    """The strokes between two columns with the points that lead there and away, and the column where these begin.

    The lines have to start where they really start, so that a part is drawn dot for dot as the whole would be.
    """
    clipped = []
    start = first
    for stroke in strokes:
        xs = [x // DOTS_ACROSS for x, _ in stroke.points]
        begin = next((index for index, x in enumerate(xs) if x >= first), len(xs))
        end = next((index for index, x in enumerate(xs) if x > last), len(xs) - 1) + 1
        begin = begin - 1 if 0 < begin < len(xs) else begin
        kept = stroke.points[begin:end]
        if kept:
            start = min(start, kept[0][0] // DOTS_ACROSS)
        clipped.append(Stroke(kept, stroke.series, stroke.marker))
    return clipped, start
