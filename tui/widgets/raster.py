"""Lines as characters in a grid: braille dots, quarters of a block, or one character a cell. Numbers in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

Point = tuple[int, int]
Cell = tuple[str, int]
"""A character and the series it belongs to; 0 where nothing is drawn."""

DOTS_ACROSS, DOTS_DOWN = 2, 4
"""Dots in a cell, whatever the marker: coarser markers merge them."""
BRAILLE, BLOCK = "braille", "block"
"""Names of the markers finer than a cell; every other marker is its own character."""

_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Of the dots of a cell: left and right column, from the bottom."""
_SPANS = [[[sum(bits[low : high + 1]) for high in range(4)] for low in range(4)] for bits in _BITS]
"""The dots of a column of a cell from one row to another."""
_QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By bits: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
_HALVES = (0x01 | 0x02, 0x08 | 0x10, 0x04 | 0x40, 0x20 | 0x80)
_GLYPHS = {
    BRAILLE: [chr(0x2800 + mask) for mask in range(256)],
    BLOCK: [_QUARTERS[sum(bool(mask & half) << place for place, half in enumerate(_HALVES))] for mask in range(256)],
}


@dataclass(frozen=True)
class Stroke:
    """A line through points given in dots: x from the left, ascending; y from the bottom."""

    points: tuple[Point, ...]
    series: int
    marker: str = BRAILLE


def raster(width: int, height: int, strokes: Sequence[Stroke]) -> dict[int, Cell]:
    """The cells with ink by row · width + column, the top row first; later strokes cover earlier ones of other series.

    Takes time for the columns that the strokes cross, and next to none for the rows.
    """
    cells: dict[int, Cell] = {}
    for (series, marker), group in groupby(strokes, key=lambda stroke: (stroke.series, stroke.marker)):
        masks: dict[int, int] = {}
        for stroke in group:
            for x, low, high in _runs(stroke.points):
                _ink(masks, x, low, high, width, height)
        glyphs = _GLYPHS.get(marker)
        if glyphs is None:
            cells.update(dict.fromkeys(masks, (marker, series)))
        else:
            cells.update({at: (glyphs[mask], series) for at, mask in masks.items()})
    return cells


def _ink(masks: dict[int, int], x: int, low: int, high: int, width: int, height: int) -> None:
    """A vertical run of dots."""
    if not 0 <= x < width * DOTS_ACROSS:
        return
    low, high = max(0, low), min(height * DOTS_DOWN - 1, high)
    spans = _SPANS[x & 1]
    bottom, top = low >> 2, high >> 2
    at = (height - 1 - bottom) * width + (x >> 1)
    for row in range(bottom, top + 1):
        mask = spans[low & 3 if row == bottom else 0][high & 3 if row == top else 3]
        masks[at] = masks.get(at, 0) | mask
        at -= width


def _runs(points: Sequence[Point]) -> list[tuple[int, int, int]]:
    """The line through the points as vertical runs of dots: (x, lowest, highest)."""
    if len(points) == 1:
        return [(points[0][0], points[0][1], points[0][1])]
    runs: list[tuple[int, int, int]] = []
    for (x0, y0), (x1, y1) in pairwise(points):
        across, up = x1 - x0, y1 - y0
        if across == 0 or up == 0 == across - 1:
            runs.append((x0, min(y0, y1), max(y0, y1)))
            if across:
                runs.append((x1, y1, y1))
        elif abs(up) <= across:
            # Flat: one dot a column.
            runs += [(x0 + step, y, y) for step in range(across + 1) for y in [y0 + _rounded(up * step, across)]]
        else:
            runs += _steep(x0, y0, x1, y1)
    return runs


def _steep(x0: int, y0: int, x1: int, y1: int) -> list[tuple[int, int, int]]:
    """Steep: one dot a row, so that each column gets a run of them."""
    across, up = x1 - x0, y1 - y0
    sign = 1 if up > 0 else -1
    runs = []
    done = 0
    for step in range(across + 1):
        # Rows up to the one that lies half way to the next column.
        until = abs(up) if step == across else (2 * step + 1) * abs(up) // (2 * across)
        first, last = y0 + sign * done, y0 + sign * until
        if until >= done:
            runs.append((x0 + step, min(first, last), max(first, last)))
        done = until + 1
    return runs


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
