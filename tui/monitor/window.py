"""Zooming and panning: which stretch of the x axis is shown. Numbers in, numbers out; None is the whole run."""

from __future__ import annotations

from collections.abc import Callable

Window = tuple[float, float]

ZOOM = 2.0
"""What a key makes of the width."""
WHEEL = 1.25
PAN = 0.25
"""Of the width, that a key moves by; a window that follows a live run moves by half of that, so that it is drawn
anew now and then and not with each value."""


def zoomed(window: Window | None, whole: float, factor: float, around: float) -> Window | None:
    """A window `factor` times narrower, in which `around` stays where it is; None where that shows the whole again."""
    low, high = window or (0.0, whole)
    around = min(high, max(low, around))
    return inside((around - (around - low) / factor, around + (high - around) / factor), whole)


def at_end(width: float, whole: float, newest: float) -> Window | None:
    """So wide a window at the newest value, with a little room for those to come."""
    high = newest + width * PAN / 2
    return inside((high - width, high), whole)


def panned(window: Window | None, whole: float, by: float) -> Window | None:
    """Moved by so much of the x axis, as far as there is any."""
    return None if window is None else inside((window[0] + by, window[1] + by), whole)


def inside(window: Window, whole: float) -> Window | None:
    """The window moved, and where it must be cut, to lie on the axis."""
    low, high = window
    width = high - low
    if not width < whole * (1 - 1e-9):
        return None
    low = max(0.0, min(low, whole - width))
    return low, low + width


def following(window: Window | None, before: float, reached: float) -> Window | None:
    """A window that showed the newest point shows the new newest one."""
    if window is None or not window[0] <= before <= window[1] or reached <= window[1]:
        return window
    width = window[1] - window[0]
    high = reached + width * PAN / 2
    return high - width, high


def holding(window: Window | None, whole: float, at: float) -> Window | None:
    """Moved just as far as it takes to show a place."""
    if window is None or window[0] <= at <= window[1]:
        return window
    width = window[1] - window[0]
    low = at - width * PAN / 2 if at < window[0] else at - width * (1 - PAN / 2)
    return inside((low, low + width), whole)


def carried(window: Window | None, carry: Callable[[float], float], whole: float) -> Window | None:
    """The same stretch of the run on another x axis."""
    if window is None:
        return None
    low, high = carry(window[0]), carry(window[1])
    return inside((low, high), whole) if low < high else None
