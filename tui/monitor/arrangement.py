"""Which panels stand on a screen of which size, and what tab shows next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CHART_ROWS = 8
"""Rows below which a chart is too flat to read a trend from."""
MOST_CHARTS = 3
CHARTS = "charts"
"""What stands among the panels of a small screen, where a chart takes all the room."""
ENDING = "ending"
"""What stands among the panels where the console is to be read beside the diagnosis, and there is little room."""
SIDES = {"classes": ("classes", "confusion"), "devices": ("devices",), "config": ("config", "environment")}
"""Panels behind one key each: pressed again, it shows the next side."""
WHOLE = frozenset({"confusion"})
"""Panels that take the whole side, the diagnosis's part too."""
TABLES = frozenset({"classes", "confusion", "devices", "config", "environment"})
"""Panels for looking things up."""


@dataclass(frozen=True)
class Arrangement:
    """How many charts stand on the left, and which panels on the right; a side takes all where the other is empty."""

    charts: int
    side: tuple[str, ...] = ()

    @property
    def panel(self) -> str:
        """The one that was chosen, and that the keys for scrolling are for."""
        return self.side[-1] if self.side else CHARTS


def is_small(width: int, height: int) -> bool:
    """Whether there is room for one panel only; `height` is that of the body, without status and keys."""
    return width < 60 or height < 14


def is_wide(width: int, height: int) -> bool:
    """Whether the diagnosis and another panel fit beside the charts."""
    return width >= 100 and height >= 26


def arrangement_with(width: int, height: int, panel: str) -> Arrangement:
    """How that panel is shown."""
    if is_small(width, height):
        return Arrangement(1) if panel == CHARTS else Arrangement(0, (panel,))
    charts = max(1, min(MOST_CHARTS, height // CHART_ROWS))
    if panel == ENDING:
        return Arrangement(charts, ("diagnosis", "console"))
    alone = not is_wide(width, height) or panel in WHOLE or panel == "diagnosis"
    return Arrangement(charts, (panel,) if alone else ("diagnosis", panel))


def panels(width: int, height: int, *, console_first: bool, more: Sequence[str] = ()) -> list[str]:
    """What tab goes through, the first shown first: `more` are the panels that have something to say.

    The console leads where it tells how a run ended badly.
    """
    if is_small(width, height):
        first = ["console", CHARTS, "diagnosis", "log"] if console_first else [CHARTS, "diagnosis", "log", "console"]
    elif is_wide(width, height):
        first = ["console", "log"] if console_first else ["log", "console"]
    else:
        first = [ENDING, "log", "console"] if console_first else ["diagnosis", "log", "console"]
    return [*first, *more]


def arrangements(width: int, height: int, *, console_first: bool, more: Sequence[str] = ()) -> list[Arrangement]:
    """What tab cycles through, as it is shown."""
    found = panels(width, height, console_first=console_first, more=more)
    return [arrangement_with(width, height, panel) for panel in found]


def next_side(shown: str, key: str) -> str:
    """What that key shows while `shown` is there: its first side, the next one, or "" after the last."""
    sides = SIDES[key]
    if shown not in sides:
        return sides[0]
    at = sides.index(shown) + 1
    return sides[at] if at < len(sides) else ""


def front(panel: str) -> str:
    """The side of it that stands among those that tab goes through."""
    return next((key for key, sides in SIDES.items() if panel in sides), panel)
