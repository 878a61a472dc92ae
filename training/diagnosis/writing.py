"""How numbers are written in findings."""

from __future__ import annotations

import math


def figure(value: float) -> str:
    """A loss or a ratio as people write it: three significant digits, no needless exponent."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or 0.001 <= abs(value) < 10_000:
        return f"{value:#.3g}".removesuffix(".") if abs(value) < 1000 else f"{value:.0f}"
    return f"{value:.1e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


def percent(share: float) -> str:
    """An accuracy as a percentage with at most one decimal."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
