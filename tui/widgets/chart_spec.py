"""What a chart shows, as plain data: curves, where they lie, and what stands beside them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from tui.widgets.decimation import Column, Points, Pyramid, columns, first_after, first_from
from tui.widgets.placing import Linear, Placing
from tui.widgets.raster import Stroke
from tui.widgets.smoothing import PART, Smoothed

BEHIND = 1
"""The series of what lies behind the others, in a quiet colour."""
MOST_SERIES = 9
_serials = count()

MarkKind = Literal["best", "checkpoint", "lr", "override", "finding"]


@dataclass(frozen=True)
class Mark:
    """Something that happened at a place of the x axis, or went on until another."""

    x: float
    kind: MarkKind
    label: str = ""
    """Its name in a few words; "" for none."""
    until: float | None = None


@dataclass
class Curve:
    """One series in a chart; a point lies at scale · x + offset on the chart's x axis, or where `place` says."""

    name: str
    points: Points
    series: int
    """From 1; later ones cover earlier ones. Series 1 is the muted one, for what lies behind."""
    scale: float = 1.0
    offset: float = 0.0
    pyramid: Pyramid = field(default_factory=Pyramid)
    low: Points | None = None
    """With `high` the band around the curve, at the same x."""
    high: Points | None = None
    place: Placing | None = None
    unit: str = ""
    """What the x of its points counts: step or epoch; "" where that is what the axis counts."""
    again: int = 0
    """How many curves before it have its series: where colours run out, markers tell curves apart."""
    lines: dict[bool, tuple[object, list[list[tuple[int, float]]]]] = field(default_factory=dict, repr=False)
    """As they were drawn the last time, and of what; by whether the y axis was logarithmic."""
    strokes: tuple[object, object, list[Stroke]] | None = field(default=None, repr=False)
    """The same on the canvas."""
    _positive: Pyramid = field(default_factory=lambda: Pyramid(positive=True), repr=False)
    _smooth: Curve | None = field(default=None, repr=False)
    _bounds: tuple[Curve, Curve] | None = field(default=None, repr=False)
    _seen: dict[bool, tuple[object, list[Column]]] = field(default_factory=dict, repr=False)

    @property
    def placing(self) -> Placing:
        """From its points to the chart's x axis."""
        return self.place or Linear(self.scale, self.offset)

    @property
    def reached(self) -> float:
        """The right end of the curve on the chart's x axis."""
        return self.placing.on_axis(self.points.x[-1]) if self.points.x else 0.0

    @property
    def smooth(self) -> Smoothed | None:
        """What it is smoothed to at the moment."""
        points = self._smooth.points if self._smooth else None
        return points if isinstance(points, Smoothed) else None

    def smoothed(self, weight: float) -> Curve:
        """The curve without its noise, as far as that is known: see `Smoothed.follow`."""
        if self._smooth is None or self.smooth is None or self.smooth.weight != weight:
            made = Smoothed(self.points, weight)
            self._smooth = Curve(
                self.name, made, self.series, self.scale, self.offset, place=self.place, again=self.again
            )
        self._smooth.place = self.place
        return self._smooth

    def smooth_until(self, over: float) -> bool:
        """Smooth what is not smoothed yet, until `time.perf_counter` says so; whether all of it is."""
        made, points = self._smooth, self.smooth
        if made is None or points is None:
            return True
        while not points.done and time.perf_counter() < over:
            points.follow(PART)
            made.pyramid.follow(points)
        return points.done

    def plain(self) -> None:
        """Forget what it was smoothed to: of a long run it takes as much memory as the curve."""
        self._smooth = None

    @property
    def bounds(self) -> tuple[Curve, Curve] | None:
        """The lower and the upper edge of its band."""
        if self.low is None or self.high is None:
            return None
        if self._bounds is None or self._bounds[0].points is not self.low or self._bounds[1].points is not self.high:
            made = [
                Curve(self.name, points, self.series, self.scale, self.offset, place=self.place)
                for points in (self.low, self.high)
            ]
            self._bounds = (made[0], made[1])
        return self._bounds

    def columns(self, low: float, high: float, count: int, *, positive: bool = False) -> list[Column]:
        """What the curve shows in `count` columns from x = low to x = high; of a curve that grew, only the end is new.

        With `positive`, of its values above 0 alone.
        """
        placing = self.placing
        grid = (low, high, count, self.points.rewinds, placing.version)
        before, found = self._seen.get(positive, (None, []))
        if grid != before:
            found = []
            self._seen[positive] = (grid, found)
        last = found.pop() if found else None
        first = last.at if last else 0
        edges = [placing.of_points(low + (high - low) * index / count) for index in range(first, count)]
        end = math.inf if high >= self.reached else math.nextafter(placing.of_points(high), math.inf)
        pyramid = self._positive if positive else self.pyramid
        found += columns(self.points, pyramid, [*edges, end], first, last.start if last else None)
        return found

    def within(self, low: float, high: float) -> range:
        """The indices of the points between two places of the x axis, both included."""
        placing, x, length = self.placing, self.points.x, len(self.points.y)
        first = first_from(x, _nudged(placing.of_points(low), -1), 0, length)
        return range(first, max(first, first_after(x, _nudged(placing.of_points(high), 1), 0, length)))

    def at(self, place: float) -> int | None:
        """The index of its value at a place of the x axis: the last one there or left of it, within its own spacing."""
        x = self.points.x
        index = self.within(-math.inf, place).stop - 1
        if index < 0:
            return None
        if index + 1 < len(self.points.y):
            return index
        here, before = (self.placing.on_axis(x[max(0, each)]) for each in (index, index - 1))
        near = place - here <= max(here - before, 1e-9 * abs(here))
        return index if near or index == 0 else None

    def beside(self, low: float, high: float) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
        """The (place, value) of the points next to that stretch, left and right; None where there is no finite one."""
        inside = self.within(low, high)
        return self._point(inside.start - 1), self._point(inside.stop)

    def _point(self, index: int) -> tuple[float, float] | None:
        if not 0 <= index < len(self.points.y) or not math.isfinite(self.points.y[index]):
            return None
        return self.placing.on_axis(self.points.x[index]), self.points.y[index]


def _nudged(x: float, direction: int) -> float:
    """A little further: a place on the axis went through a division, and may come back beside its point."""
    return x + direction * 1e-9 * max(1.0, abs(x)) if math.isfinite(x) else x


@dataclass
class ChartSpec:
    """What a chart shows."""

    title: str
    curves: list[Curve]
    x_name: str = "epoch"
    """What the x axis counts: epoch, step or, in seconds, time."""
    planned: float = 0.0
    """Where the x axis ends if all goes to plan; 0 where that is not known."""
    percent: bool = False
    from_zero: bool = False
    """Whether a linear y axis begins at 0: what falls slowly should not look as if it fell to nothing."""
    may_log: bool = False
    """Whether the y axis turns logarithmic by itself where an exploding curve would squeeze the rest."""
    smooths: bool = True
    """Whether there may be noise in it; what is set, as a learning rate, is shown as it is."""
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
    group: str = ""
    """What a chart of this kind is called among all (`training.story.charts.group_of`), by which it is chosen."""
    band: tuple[float, float] | None = None
    """The stretch of the x axis to point at."""
    band_label: str = ""
    """Its name in the heading; "" for none."""
    marks: tuple[Mark, ...] = ()
    """What happened where, under the curves."""
    serial: int = field(default_factory=lambda: next(_serials), compare=False, repr=False)
    """Tells it from every other spec, for a chart that is given one after the other."""

    def fingerprint(self) -> tuple[object, ...]:
        """Changes whenever there may be something else to draw."""
        sizes = tuple(_size(curve) for curve in self.curves)
        pointed = (self.seams, self.band, self.band_label, self.marks)
        return self.serial, sizes, self.reached, self.planned, self.empty, *pointed


def _size(curve: Curve) -> tuple[object, ...]:
    smooth = curve.smooth
    points = [curve.points, *(bound for bound in (curve.low, curve.high) if bound is not None)]
    return (
        *((id(each), len(each.y), each.rewinds) for each in points),
        len(smooth.y) if smooth else 0,
        curve.series,
        curve.placing.version,
    )


def finest(curves: Iterable[Curve], low: float, high: float) -> Curve | None:
    """The curve with the most points in that stretch; None where none has any."""
    found: Iterator[tuple[int, Curve]] = ((len(curve.within(low, high)), curve) for curve in curves)
    most, curve = max(found, key=lambda each: each[0], default=(0, None))
    return curve if most else None
