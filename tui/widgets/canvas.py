"""A grid of characters with lines on it, put together by plotext: one figure a canvas, never plotext's global one.

Which dots a line takes is worked out here (`raster`): plotext's own lines take the longer the more dots they have, and
a noisy curve of a long run has very many. A figure gets whole cells, and of these only the ones that differ from the
last drawing. Axes, ticks and the screen are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.widgets.raster import DOTS_ACROSS, DOTS_DOWN, Cell, Point, Stroke, raster

__all__ = ["DOTS_ACROSS", "DOTS_DOWN", "EMPTY", "Canvas", "Cell", "Grid", "Point", "Stroke"]

Grid = list[list[Cell]]
EMPTY: Cell = (" ", 0)


class Canvas:
    """A drawing surface of width × height cells."""

    def __init__(self) -> None:
        self.plotted = 0
        """Cells handed to plotext by the last `draw`."""
        self._figure: Any = None
        self._size = (0, 0)
        self._strokes: tuple[Stroke, ...] = ()
        self._cells: dict[int, Cell] = {}
        self._grid: Grid = []

    def draw(self, width: int, height: int, strokes: Sequence[Stroke]) -> Grid:
        """The cells, top row first, left to right; later strokes cover earlier ones. The grid stays ours: read only."""
        strokes = tuple(strokes)
        self.plotted = 0
        if (width, height) != self._size:
            self._size, self._cells = (width, height), {}
            self._grid = [[EMPTY] * width for _ in range(height)]
        elif strokes == self._strokes:
            return self._grid
        self._strokes = strokes
        before, self._cells = self._cells, raster(width, height, strokes)
        for at in before.keys() - self._cells.keys():
            self._grid[at // width][at % width] = EMPTY
        self._place({at: cell for at, cell in self._cells.items() if before.get(at) != cell})
        return self._grid

    def _place(self, cells: Mapping[int, Cell]) -> None:
        """Have plotext put the characters where they belong."""
        if not cells:
            return
        self.plotted = len(cells)
        width, height = self._size
        matrix = self._matrix()
        for at, (character, series) in cells.items():
            row, column = height - 1 - at // width, at % width
            matrix.insert_element(column, row, character, series)
            self._grid[at // width][column] = (matrix.marker[row][column], matrix.fullground[row][column])

    def _matrix(self) -> Any:
        """The cells of the figure. It could build them from points as well, in ten times the time: it would look at
        every setting that a plot may have. textual-plotext, too, makes its figures from `_figure_class`.
        """
        if self._figure is None:
            # Imported where first needed: it takes 60 ms, which a screen without a chart need not spend.
            from plotext._figure import _figure_class

            self._figure = _figure_class()
        matrix = self._figure.monitor.matrix
        if (matrix.cols, matrix.rows) != self._size:
            matrix.set_size(*self._size)
            matrix.set_matrices()
        return matrix
