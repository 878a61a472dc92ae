"""Which panels stand on a screen of which size, and what tab shows next."""

from __future__ import annotations

from dataclasses import dataclass

CHART_ROWS = 8
"""Rows below which a chart is too flat to read a trend from."""
MOST_CHARTS = 3


@dataclass(frozen=True)
class Arrangement:
    """How many charts stand on the left, and which panels on the right; a side takes all where the other is empty."""

    charts: int
    side: tuple[str, ...] = ()


def is_small(width: int, height: int) -> bool:
    """Whether there is room for one panel only; `height` is that of the body, without status and keys."""
    return width < 60 or height < 14


def arrangements(width: int, height: int, *, console_first: bool) -> list[Arrangement]:
    """What tab cycles through; the first is shown first. The console leads where it tells how a run ended badly."""
    if is_small(width, height):
        views = [Arrangement(1), *(Arrangement(0, (panel,)) for panel in ("diagnosis", "log", "console"))]
        return [views[3], *views[:3]] if console_first else views
    charts = max(1, min(MOST_CHARTS, height // CHART_ROWS))
    if width >= 100 and height >= 26:
        sides: list[tuple[str, ...]] = [("diagnosis", "log"), ("diagnosis", "console")]
        return [Arrangement(charts, side) for side in (sides[::-1] if console_first else sides)]
    first = ("diagnosis", "console") if console_first else ("diagnosis",)
    return [Arrangement(charts, side) for side in (first, ("log",), ("console",))]
