"""An SVG of ours read back: what its axes say is used to turn pixels into data again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from training.story.export.scene import GRID, QUIET_INK

NAMESPACE = "{http://www.w3.org/2000/svg}"
Spot = tuple[float, float]


@dataclass(frozen=True)
class ReadSvg:
    """The parts of a picture of one chart."""

    root: ElementTree.Element

    @classmethod
    def of(cls, data: bytes) -> ReadSvg:
        return cls(ElementTree.fromstring(data))

    @property
    def texts(self) -> list[str]:
        return [element.text or "" for element in self.root.iter(f"{NAMESPACE}text")]

    def lines(self, colour: str) -> list[list[Spot]]:
        """The polylines of that colour, in pixels; those of the legend are level and come first."""
        found = self.root.iter(f"{NAMESPACE}polyline")
        return [spots(element.get("points", "")) for element in found if element.get("stroke") == colour]

    def axes(self, log: Callable[[float], float] = lambda value: value) -> tuple[Callable[[float], float], ...]:
        """From pixels to data, across and down, by the ticks and their labels; `log` of what the y axis is even in."""
        labels = [
            (float(element.get("x", "")), float(element.get("y", "")), float((element.text or "").rstrip("%")), anchor)
            for element in self.root.iter(f"{NAMESPACE}text")
            if (anchor := element.get("text-anchor"))
            and element.get("fill") == QUIET_INK
            and is_number((element.text or "").rstrip("%"))
        ]
        rows = sorted(points[0][1] for points in self.lines(GRID))
        down = sorted(log(value) for _, _, value, anchor in labels if anchor == "end")
        across = sorted((x, value) for x, _, value, anchor in labels if anchor == "middle")
        return through(*across[0], *across[-1]), through(rows[-1], down[0], rows[0], down[-1])


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def spots(points: str) -> list[Spot]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def through(x: float, y: float, x2: float, y2: float) -> Callable[[float], float]:
    """The straight line through two points."""
    return lambda at: y + (at - x) * (y2 - y) / (x2 - x)
