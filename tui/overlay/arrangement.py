"""What stands on an overlay of which size: charts on the left, the runs and one of the tables on the right."""

from __future__ import annotations

from dataclasses import dataclass

from tui.monitor.arrangement import CHART_ROWS, MOST_CHARTS, is_small

TABLES = ("settings", "metrics", "verdict")
MOST_LISTED = 0.45
"""Of the side's height that the list of runs may take."""


@dataclass(frozen=True)
class Arrangement:
    """`view` is charts or runs on a small screen, else a table; `listed` are the rows of the list of runs."""

    charts: int
    listed: int
    table: str


def views(width: int, height: int) -> list[str]:
    """What tab goes through; `height` is that of the body."""
    return ["charts", "runs", *TABLES] if is_small(width, height) else list(TABLES)


def arrangement(width: int, height: int, view: str, sides: int) -> Arrangement:
    """How that view is shown, with so many sides to list."""
    if is_small(width, height):
        if view == "charts":
            return Arrangement(1, 0, "")
        return Arrangement(0, height, "") if view == "runs" else Arrangement(0, 0, view)
    charts = max(1, min(MOST_CHARTS, height // CHART_ROWS))
    listed = max(3, min(sides + 1, int(MOST_LISTED * height)))
    return Arrangement(charts, listed, view)
