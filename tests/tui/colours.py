"""Measuring colours: contrast after WCAG 2, distance in CIELAB, and what a colour deficiency leaves of them."""

from __future__ import annotations

import math

from rich.color import ColorSystem
from textual.color import Color

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

# Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# IEEE TVCG 15(6), doi:10.1109/TVCG.2009.113: severity 1.0, for linear RGB.
DEFICIENCIES: dict[str, Matrix] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
# sRGB (D65) to CIE XYZ, IEC 61966-2-1.
_TO_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Vector = (0.95047, 1.0, 1.08883)


def linear(colour: Color) -> Vector:
    """Red, green and blue as shares of light, 0 to 1."""

    def decoded(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return decoded(colour.r), decoded(colour.g), decoded(colour.b)


def contrast(one: Color, other: Color) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    light, dark = sorted((_times(_TO_XYZ, linear(colour))[1] for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def distance(one: Color, other: Color, deficiency: str = "") -> float:
    """CIE 1976 ΔE of two colours as seen with that deficiency; 2.3 is just noticeable."""
    return math.dist(_lab(_seen(one, deficiency)), _lab(_seen(other, deficiency)))


def in_256_colours(colour: Color) -> Color:
    """What a terminal without true colour shows of it."""
    triplet = colour.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return Color(triplet.red, triplet.green, triplet.blue)


def _seen(colour: Color, deficiency: str) -> Vector:
    light = linear(colour)
    if not deficiency:
        return light
    red, green, blue = (min(1.0, max(0.0, share)) for share in _times(DEFICIENCIES[deficiency], light))
    return red, green, blue


def _lab(light: Vector) -> Vector:
    def curve(share: float) -> float:
        return share ** (1 / 3) if share > (6 / 29) ** 3 else share / (3 * (6 / 29) ** 2) + 4 / 29

    x, y, z = (curve(value / white) for value, white in zip(_times(_TO_XYZ, light), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: Matrix, vector: Vector) -> Vector:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third
