"""What a picture is made of, in pixels from its upper left corner: what writes SVG and what writes PNG paints these."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

Spot = tuple[float, float]

GROUND = "#ffffff"
INK = "#22262c"
QUIET_INK = "#5a5f66"
GRID = "#e4e6ea"
FRAME = "#9aa0a8"
WARNING = "#a8003a"
SHADE = "#f3e6c4"
"""The stretch of a finding."""
MARK_INK = {"best": "#1c5f1c", "finding": WARNING}
"""Colours of marks; all others are quiet."""

SERIES = (
    "#7f8691",
    "#b4bac4",
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#b07d00",
    "#6a4fb3",
    "#4d4d4d",
)
"""Colours of the series, from 0; after Okabe and Ito (2008, "Color Universal Design"), the yellows darker on white."""


@dataclass(frozen=True)
class Stroke:
    """A line through points."""

    points: tuple[Spot, ...]
    colour: str
    width: float = 1.0
    dash: tuple[float, float] | None = None
    """Lengths of a dash and of the gap behind it, for a line of two points."""
    opacity: float = 1.0


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[Spot, ...]
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Text:
    """One line of plain text; `at` is on its baseline."""

    at: Spot
    text: str
    size: float
    colour: str = INK
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False


Shape = Stroke | Area | Text


@dataclass
class Scene:
    """A picture: its shapes, the first below the others."""

    width: int
    height: int
    title: str
    """What it is called for who cannot see it."""
    shapes: list[Shape] = field(default_factory=list)


def colour_of(series: int) -> str:
    """Beyond the last colour they begin again, the quiet one left out."""
    return SERIES[series] if series < len(SERIES) else SERIES[2 + (series - 2) % (len(SERIES) - 2)]


def text_width(text: str, size: float) -> float:
    """About how wide a text is: fonts differ, so room is left."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (0.58 * (len(text) - wide) + 1.0 * wide)


def marker(series: int, at: Spot, radius: float, colour: str) -> Area:
    """The sign by which a series is told from others without colour: a shape of its own."""
    corners = _OUTLINES[(series - 2) % len(_OUTLINES)]
    return Area(tuple((at[0] + radius * x, at[1] + radius * y) for x, y in corners), colour)


def _ring(corners: int, first: float = -90.0, radii: tuple[float, ...] = (1.0,)) -> tuple[Spot, ...]:
    """A polygon around the middle; `first` is where its first corner lies, in degrees from the right, clockwise."""
    spots = []
    for index in range(corners):
        angle = math.radians(first + 360 * index / corners)
        radius = radii[index % len(radii)]
        spots.append((radius * math.cos(angle), radius * math.sin(angle)))
    return tuple(spots)


def _cross(turn: float) -> tuple[Spot, ...]:
    arm, half = 1.25, 0.35
    plus = [
        (-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half),
        (half, arm), (-half, arm), (-half, half), (-arm, half), (-arm, -half), (-half, -half),
    ]  # fmt: skip
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return tuple((x * cos - y * sin, x * sin + y * cos) for x, y in plus)


_OUTLINES = (
    _ring(20),
    tuple((0.88 * x, 0.88 * y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))),
    _ring(3, radii=(1.3,)),
    _ring(4, radii=(1.25,)),
    _ring(3, first=90.0, radii=(1.3,)),
    _cross(0.0),
    _cross(45.0),
    _ring(10, radii=(1.4, 0.6)),
)
