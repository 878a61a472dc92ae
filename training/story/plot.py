"""A small chart in plain characters, for reports, terminals and wherever else only text goes.

ASCII marks and box lines only: they stand where they should in every font that a report is read in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

MARKS = "*o+x#."
GUTTER = 8
SQUEEZED = 50.0
"""The y axis is logarithmic where the largest value is this many times the typical one."""
TINY = 1e-12


@dataclass(frozen=True)
class Line:
    """One curve; x ascends, y may be nan or inf."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    mark: str = ""
    """Its character; one that no other line has where it is empty."""


def plot(
    lines: Sequence[Line],
    *,
    width: int = 72,
    height: int = 10,
    stretch: tuple[float, float] | None = None,
    unit: str = "epoch",
    percent: bool = False,
    log: bool | None = None,
) -> list[str]:
    """The curves in `height` rows of marks, with a legend above and an axis below; `stretch` is bracketed there.

    `log` is whether the y axis is logarithmic, where all values are positive; None leaves it to the data.
    """
    across = max(8, width - GUTTER)
    finite = [y for line in lines for y in line.y if math.isfinite(y)]
    marked = list(_marked(lines))
    legend = "  ".join(f"{mark} {line.name}" for mark, line in marked)
    if not finite:
        return [legend, "no finite value"]
    scale = _Scale.of(finite, height, log)
    left, right = min(line.x[0] for line in lines if len(line.x)), max(line.x[-1] for line in lines if len(line.x))

    def column(x: float) -> int:
        return min(across - 1, max(0, round((across - 1) * (x - left) / (right - left)))) if right > left else 0

    grid = [[" "] * across for _ in range(height)]
    for mark, line in marked:
        for at, row in _cells(line, column, scale):
            grid[row][at] = mark
    labels = {row: _label(scale.value(row), percent) for row in (0, height // 2, height - 1)}
    body = [
        f"{labels.get(row, ''):>{GUTTER - 2}} {'┤' if row in labels else '│'}{''.join(cells).rstrip()}"
        for row, cells in enumerate(grid)
    ]
    ends = None if stretch is None else (column(max(stretch[0], left)), column(min(max(stretch), right)))
    notes = [note for line in lines if (note := _not_finite(line, unit))]
    return [
        legend + ("  (log scale)" if scale.log else ""),
        *body,
        f"{'':>{GUTTER - 1}}└{_axis(across, ends)}",
        _x_labels(across, left, right, stretch, ends, unit),
        *notes,
    ]


def _marked(lines: Sequence[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with its mark, as far as there are marks."""
    taken = {line.mark for line in lines}
    free = iter([mark for mark in MARKS if mark not in taken])
    for line in lines:
        if mark := line.mark or next(free, ""):
            yield mark, line


@dataclass(frozen=True)
class _Scale:
    """Values to rows, the top row first."""

    low: float
    high: float
    rows: int
    log: bool

    @classmethod
    def of(cls, values: Sequence[float], rows: int, wanted: bool | None = None) -> _Scale:
        low, high = min(values), max(values)
        log = low > 0 and (high > SQUEEZED * median(values) if wanted is None else wanted)
        if high - low <= TINY * max(abs(low), abs(high), TINY):
            low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
        return cls(low, high, rows, log)

    def row(self, value: float) -> int:
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:  # halves first: the ends may lie further apart than a float reaches
            share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return self.rows - 1 - round((self.rows - 1) * min(1.0, max(0.0, share)))

    def value(self, row: int) -> float:
        share = 1 - row / max(1, self.rows - 1)
        if self.log:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low * (1 - share) + self.high * share


def _cells(line: Line, column: Callable[[float], int], scale: _Scale) -> Iterator[tuple[int, int]]:
    """The (column, row) of every mark: the points, and what joins two of them."""
    places = [(column(x), scale.row(y)) if math.isfinite(y) else None for x, y in zip(line.x, line.y, strict=True)]
    yield from (place for place in places if place is not None)
    for before, after in pairwise(places):
        if before is None or after is None:
            continue
        (x, y), (x2, y2) = before, after
        for at in range(x, x2 + 1):
            share = (at - x) / (x2 - x) if x2 > x else 0.0
            yield at, round(y + share * (y2 - y))
        if x == x2:
            yield from ((x, row) for row in range(min(y, y2), max(y, y2) + 1))


def _axis(across: int, ends: tuple[int, int] | None) -> str:
    if ends is None:
        return "─" * across
    first, last = ends
    if first == last:
        return "─" * first + "╋" + "─" * (across - first - 1)
    return "─" * first + "┝" + "━" * (last - first - 1) + "┥" + "─" * (across - last - 1)


def _x_labels(
    across: int,
    left: float,
    right: float,
    stretch: tuple[float, float] | None,
    ends: tuple[int, int] | None,
    unit: str,
) -> str:
    """The ends of the stretch and of the axis under their places, the former first where not all fit."""
    row = [" "] * (GUTTER + across)
    row[: len(unit)] = unit
    wanted = [(0, left), (across - 1, right)] if right > left else [(0, left)]
    if stretch is not None and ends is not None:
        wanted = [(ends[0], max(stretch[0], left)), (ends[1], min(max(stretch), right)), *wanted]
    for at, value in wanted:
        text = f"{value:g}"
        start = max(GUTTER, min(GUTTER + at - len(text) // 2, len(row) - len(text)))
        around = row[max(GUTTER - 1, start - 1) : start + len(text) + 1]
        if all(character == " " for character in around):
            row[start : start + len(text)] = text
    return "".join(row).rstrip()


def _label(value: float, percent: bool) -> str:
    if percent:
        return f"{100 * value:.0f} %"
    spelled = f"{value:.3g}"
    spelled = spelled if len(spelled) <= GUTTER - 2 else f"{value:.0e}"
    return spelled.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def _not_finite(line: Line, unit: str) -> str:
    bad = next((x for x, y in zip(line.x, line.y, strict=True) if not math.isfinite(y)), None)
    return "" if bad is None else f"{line.name} is not finite at {unit} {bad:g}"
