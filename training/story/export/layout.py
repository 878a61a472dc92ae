"""Where everything of a figure lies in a picture: heading, legend, axes with their ticks, curves, marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from training.story.axes import Axis, prefers_log, tick_labels, ticks, time_labels, time_ticks, value_axis
from training.story.export.figure import BEHIND, Figure, FigureCurve, Point, band_of, first_bad, lines_of
from training.story.export.scene import (
    FRAME,
    GRID,
    GROUND,
    INK,
    MARK_INK,
    QUIET_INK,
    SHADE,
    WARNING,
    Area,
    Scene,
    Spot,
    Stroke,
    Text,
    colour_of,
    marker,
    text_width,
)

SMALLEST, LARGEST = 120, 8000
"""Pixels of a side that a picture may have."""
WHOLE_BELOW = 0.75
"""As on the screen: a curve in percent that comes from below is shown on the whole range."""
X_NAMES = {"time": "training time"}
MARKER_EVERY = 90
"""Pixels between two markers on a curve with many points."""
LEGEND_LINES = 3
ELLIPSIS = "…"


@dataclass(frozen=True)
class Frame:
    """The rectangle inside the axes, and what maps data to it."""

    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis

    def at(self, point: Point) -> Spot:
        return (
            self.left + (self.right - self.left) * self.x.position(point[0]),
            self.bottom - (self.bottom - self.top) * self.y.position(point[1]),
        )


def compose(figures: Sequence[Figure], width: int, height: int) -> Scene:
    """The figures one above the other in a picture of that size."""
    titles = ", ".join(figure.title for figure in figures)
    runs = next((figure.runs for figure in figures if figure.runs), "")
    scene = Scene(width, height, f"{titles}: {runs}" if runs else titles)
    scene.shapes.append(Area(((0, 0), (width, 0), (width, height), (0, height)), GROUND))
    part = height / max(1, len(figures))
    for index, figure in enumerate(figures):
        Panel(scene, figure, index * part, width, part).draw()
    return scene


class Panel:
    """One figure in its part of a picture."""

    def __init__(self, scene: Scene, figure: Figure, top: float, width: float, height: float) -> None:
        self.add = scene.shapes.append
        self.figure = figure
        self.top, self.width, self.height = top, width, height
        self.scale = max(0.6, min(2.5, width / 1000, height / 420))
        """Of letters and lines, so that they are read as well in a large picture as in a small one."""
        self.size = 13 * self.scale

    def draw(self) -> None:
        figure, size = self.figure, self.size
        left, right = 5.2 * size, self.width - 1.6 * size
        bottom = self.top + self.height - 3.4 * size
        across = max(2, int(right - left))
        x = x_axis(figure)
        lines = [lines_of(curve, x.low, x.high, across) for curve in figure.curves]
        values = [y for each in lines for line in each for _, y in line]
        bands = [band_of(curve, x.low, x.high, across) for curve in figure.curves]
        values += [y for each in bands for piece in each for _, *ends in piece for y in ends]
        log = is_log(figure, values)
        below = self._heading([*scale_notes(figure, values, log=log), *figure.notes])
        top = below + (1.9 * size if any(mark.label for mark in figure.marks) else 0.6 * size)
        if not values or bottom - top < size:
            some = any(len(curve.x) for curve in figure.curves)
            message = "no finite value" if some else "no values yet"
            self._text((self.width / 2, (below + bottom) / 2), message, QUIET_INK, anchor="middle")
            return
        frame = Frame(left, top, right, bottom, x, y_axis(figure, values, self._rows(bottom - top), log=log))
        self._axes(frame)
        self._marks(frame)
        for curve, band in zip(figure.curves, bands, strict=True):
            self._band(frame, curve, band)
        for curve, drawn in zip(figure.curves, lines, strict=True):
            self._curve(frame, curve, drawn)

    # Above the axes

    def _heading(self, said: Sequence[str]) -> float:
        """Title, notes and legend; returns where they end."""
        figure, size = self.figure, self.size
        base = self.top + 2.0 * size
        notes = " · ".join(said)
        notes_width = text_width(notes, size)
        room = self.width - 3.2 * size - (notes_width + size if notes else 0)
        title = fitting(figure.title, room, 1.35 * size)
        self._text((1.6 * size, base), title, INK, scaled=1.35, bold=True)
        taken = text_width(title, 1.42 * size) + size
        runs = fitting(figure.runs, room - taken, 1.1 * size)
        self._text((1.6 * size + taken, base), runs, QUIET_INK, scaled=1.1)
        self._text((self.width - 1.6 * size, base), notes, QUIET_INK, anchor="end")
        bad = first_bad(figure)
        base = self._legend(base + 1.8 * size)
        if bad:
            base += 1.5 * size
            self._text((1.6 * size, base), f"! {bad}", WARNING)
        return base + 0.5 * size

    def _legend(self, base: float) -> float:
        """Line, marker and name of each curve; returns the baseline of its last line."""
        size, margin = self.size, 1.6 * self.size
        named = [curve for curve in self.figure.curves if curve.name and len(curve.x)]
        at, line = margin, 0
        if self.figure.stretch is not None and self.figure.stretch_label:
            name = fitting(self.figure.stretch_label, self.width / 2, size)
            above, below = base - 0.85 * size, base + 0.15 * size
            right = self.width - margin - text_width(name, size)
            swatch = ((right - 1.6 * size, above), (right - 0.6 * size, above))
            self.add(Area((*swatch, *((x, below) for x, _ in reversed(swatch))), SHADE))
            self._text((right, base), name, WARNING)
        for index, curve in enumerate(named):
            name = fitting(curve.name, self.width - 2 * margin - 3 * size, size)
            needed = 3.6 * size + text_width(name, size)
            if at > margin and at + needed > self.width - margin:
                at, line = margin, line + 1
            if line == LEGEND_LINES:
                self._text((self.width - margin, base), f"and {len(named) - index} more", QUIET_INK, anchor="end")
                break
            y = base + 1.5 * size * line
            colour = colour_of(curve.series)
            middle = y - 0.35 * size
            self.add(Stroke(((at, middle), (at + 2 * size, middle)), colour, 1.8 * self.scale))
            if curve.series > BEHIND:
                self.add(marker(curve.series, (at + size, middle), 0.32 * size, colour))
            self._text((at + 2.4 * size, y), name, INK)
            at += needed
        return base + 1.5 * size * min(line, LEGEND_LINES - 1)

    # The axes

    def _axes(self, frame: Frame) -> None:
        figure, size = self.figure, self.size
        if figure.stretch is not None:
            first, last = (frame.at((x, frame.y.low))[0] for x in figure.stretch)
            last = max(last, first + 1)
            self.add(Area(((first, frame.top), (last, frame.top), (last, frame.bottom), (first, frame.bottom)), SHADE))
        values = ticks(frame.y, self._rows(frame.bottom - frame.top))
        labels = tick_labels(values, log=frame.y.log, percent=figure.percent)
        for value, label in zip(values, labels, strict=True):
            y = frame.at((frame.x.low, value))[1]
            self.add(Stroke(((frame.left, y), (frame.right, y)), GRID, self.scale))
            self._text((frame.left - 0.6 * size, y + 0.35 * size), label, QUIET_INK, anchor="end")
        corner = ((frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom))
        self.add(Stroke(corner, FRAME, self.scale))
        count = max(2, int((frame.right - frame.left) / (6 * size)))
        spread = time_ticks(frame.x, count) if figure.x_name == "time" else ticks(frame.x, count)
        names = time_labels(spread) if figure.x_name == "time" else tick_labels(spread)
        for value, label in zip(spread, names, strict=True):
            x = frame.at((value, frame.y.low))[0]
            self.add(Stroke(((x, frame.bottom), (x, frame.bottom + 0.4 * size)), FRAME, self.scale))
            self._text((x, frame.bottom + 1.5 * size), label, QUIET_INK, anchor="middle")
        name = X_NAMES.get(figure.x_name, figure.x_name)
        self._text(((frame.left + frame.right) / 2, frame.bottom + 2.9 * size), name, QUIET_INK, anchor="middle")

    def _marks(self, frame: Frame) -> None:
        """A line at each, and above it its name where that does not touch another; those without a name are ticks."""
        size = self.size
        free = 0.0
        for mark in sorted(self.figure.marks, key=lambda mark: mark.x):
            if not frame.x.low <= mark.x <= frame.x.high:
                continue
            x = frame.at((mark.x, frame.y.low))[0]
            colour = MARK_INK.get(mark.kind, QUIET_INK)
            if not mark.label:
                self.add(Stroke(((x, frame.bottom), (x, frame.bottom - 0.6 * size)), colour, 1.5 * self.scale))
                continue
            line = ((x, frame.top), (x, frame.bottom))
            self.add(Stroke(line, colour, self.scale, (4 * self.scale, 3 * self.scale)))
            point = ((x - 0.4 * size, frame.top - 0.6 * size), (x + 0.4 * size, frame.top - 0.6 * size), (x, frame.top))
            self.add(Area(point, colour))
            label = fitting(mark.label, frame.right - frame.left, size)
            half = text_width(label, size) / 2
            middle = min(max(x, frame.left + half), frame.right - half)
            if middle - half >= free:
                self._text((middle, frame.top - 0.9 * size), label, colour, anchor="middle")
                free = middle + half + size

    # The curves

    def _band(self, frame: Frame, curve: FigureCurve, pieces: Sequence[Sequence[tuple[float, float, float]]]) -> None:
        for piece in pieces:
            above = [frame.at((x, high)) for x, _, high in piece]
            below = [frame.at((x, low)) for x, low, _ in reversed(piece)]
            if len(piece) > 1:
                self.add(Area((*above, *below), colour_of(curve.series), 0.18))
            else:
                self.add(Stroke((above[0], below[0]), colour_of(curve.series), 2 * self.scale, opacity=0.4))

    def _curve(self, frame: Frame, curve: FigureCurve, lines: Sequence[Sequence[Point]]) -> None:
        quiet = curve.series <= BEHIND
        colour, width = colour_of(curve.series), (1.0 if quiet else 1.8) * self.scale
        free = frame.left
        for line in lines:
            spots = [spot for spot, _ in groupby(frame.at(point) for point in line)]
            if len(spots) > 1:
                self.add(Stroke(tuple(spots), colour, width))
            for spot in spots:
                alone = len(spots) == 1
                if alone or (not quiet and spot[0] >= free):
                    self.add(marker(max(2, curve.series), spot, 0.32 * self.size, colour))
                    free = spot[0] + MARKER_EVERY * self.scale

    def _rows(self, pixels: float) -> int:
        """Labels that have room beside the y axis."""
        return max(2, int(pixels / (2.6 * self.size)))

    def _text(
        self,
        at: Spot,
        text: str,
        colour: str,
        *,
        scaled: float = 1.0,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        if text:
            self.add(Text(at, text, self.size * scaled, colour, anchor, bold))  # type: ignore[arg-type]


def x_axis(figure: Figure) -> Axis:
    """From 0 to where the curves end, or the window."""
    if figure.window is not None and figure.window[1] > figure.window[0]:
        return Axis(*figure.window)
    reached = max((curve.reached for curve in figure.curves), default=0.0)
    return Axis(0.0, reached if math.isfinite(reached) and reached > 0 else 1.0)


def is_log(figure: Figure, values: Sequence[float]) -> bool:
    """Whether the y axis is logarithmic: as was wanted, else as the data asks for; never where a value is not
    positive.
    """
    if not values or min(values) <= 0:
        return False
    return (figure.may_log and prefers_log(values)) if figure.log_scale is None else figure.log_scale


def scale_notes(figure: Figure, values: Sequence[float], *, log: bool) -> list[str]:
    """What there is to say of the y axis, or of one that was wanted and cannot be."""
    if log:
        return ["log scale"]
    return ["not logarithmic: a value is not positive"] if figure.log_scale and values else []


def y_axis(figure: Figure, values: Sequence[float], parts: int, *, log: bool) -> Axis:
    """By the rules of the screen's charts."""
    low, high = min(values), max(values)
    if figure.percent and 0 <= low < WHOLE_BELOW and high <= 1:
        low, high = 0.0, 1.0
    if figure.from_zero and not log:
        low = min(0.0, low)
    return value_axis(low, high, log=log, parts=parts)


def fitting(text: str, room: float, size: float) -> str:
    """As much of the text as fits."""
    if text_width(text, size) <= room:
        return text
    kept = text
    while kept and text_width(kept + ELLIPSIS, size) > room:
        kept = kept[:-1]
    return kept + ELLIPSIS if kept else ""
