"""Where things lie in a chart: axes, ranges that grow in jumps, ticks and their labels. Numbers in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LARGEST = 1e300
"""Values beyond it are drawn at it: sums and differences of two such values still are finite."""
SQUEEZED = 50.0
"""An automatic axis is logarithmic where the largest value is this many times the typical one."""
_JUMPS = (1.0, 2.0, 5.0, 10.0)
LABEL_CELLS = 6
"""That a label beside an axis may take."""


@dataclass(frozen=True)
class Axis:
    """The range that a chart shows, in data units; `log` spaces it by ratios and needs low > 0."""

    low: float
    high: float
    log: bool = False

    def position(self, value: float) -> float:
        """Where the value lies: 0 at the low end, 1 at the high end, outside clipped to them."""
        if self.log:
            if value <= self.low:
                return 0.0
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, share))

    def holds(self, low: float, high: float) -> bool:
        """Whether both values lie within."""
        return self.low <= low and high <= self.high


def nice_step(span: float, parts: int) -> float:
    """The smallest of 1, 2, 5 × 10^k that cuts `span` into at most `parts` parts."""
    raw = span / max(1, parts)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(jump * power for jump in _JUMPS if jump * power >= raw * (1 - 1e-9))


def linear_axis(low: float, high: float, parts: int = 5) -> Axis:
    """The range around the data whose ends are round numbers; a constant gets room on both sides."""
    low, high = (min(LARGEST, max(-LARGEST, value)) for value in (low, high))
    largest = max(abs(low), abs(high))
    if largest < 1 / LARGEST:
        low, high = 0.0, 1.0
    elif high - low <= 1e-9 * largest:
        low, high = sorted((0.0, 2 * low))
    step = nice_step(high - low, parts)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)


def log_axis(low: float, high: float) -> Axis:
    """The range around positive data, from 1, 2 or 5 times a power of ten to such another."""
    low, high = (min(LARGEST, max(1 / LARGEST, value)) for value in (low, high))
    bottom, top = _round_down(low), _round_up(high)
    return Axis(bottom, top if top > bottom else bottom * 10, log=True)


def value_axis(low: float, high: float, *, log: bool, parts: int = 5) -> Axis:
    """The axis for data between two finite values."""
    return log_axis(low, high) if log and low > 0 else linear_axis(low, high, parts)


def x_limit(reached: float, planned: float = 0.0) -> float:
    """The right end of an x axis that starts at 0 and has to show `reached`: 1, 2, 5, 10, 20, ... or the planned end.

    It jumps, so that most updates of a growing curve only touch its newest columns.
    """
    if planned and reached >= planned:
        # The last step of so many lies at the end of the last epoch, but for the rounding of its share.
        return planned if reached <= planned * (1 + 1e-9) else x_limit(reached)
    limit = _round_up(max(1.0, reached))
    return min(limit, planned) if planned else limit


def prefers_log(values: Sequence[float]) -> bool:
    """Whether a few large values would squeeze the rest of a linear axis into one line (an exploding loss)."""
    if not values or min(values) <= 0:
        return False
    ordered = sorted(values)
    return ordered[-1] > SQUEEZED * ordered[len(ordered) // 2]


def ticks(axis: Axis, count: int) -> list[float]:
    """At most about `count` round values on the axis, ascending."""
    if axis.log:
        return _log_ticks(axis, count)
    step = nice_step(axis.high - axis.low, count)
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def _log_ticks(axis: Axis, count: int) -> list[float]:
    first, last = math.ceil(math.log10(axis.low) - 1e-9), math.floor(math.log10(axis.high) + 1e-9)
    decades = last - first + 1
    if decades * 3 <= count + 1:
        finer = [factor * 10.0**power for power in range(first - 1, last + 1) for factor in (1, 2, 5)]
        return [value for value in finer if axis.low * (1 - 1e-9) <= value <= axis.high * (1 + 1e-9)]
    stride = max(1, math.ceil(decades / max(1, count)))
    return [10.0**power for power in range(first, last + 1) if (power - first) % stride == 0]


_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
"""Seconds between two ticks of a time axis; below and above, round numbers of seconds and of days."""
DAY = 86400.0
_UNITS = ((DAY, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


def time_ticks(axis: Axis, count: int) -> list[float]:
    """At most about `count` round times on an axis of seconds, ascending."""
    raw = (axis.high - axis.low) / max(1, count)
    if raw <= _TIMES[0]:
        return ticks(axis, count)
    if raw > _TIMES[-1]:
        return [DAY * value for value in ticks(Axis(axis.low / DAY, axis.high / DAY), count)]
    step = next(step for step in _TIMES if step >= raw * (1 - 1e-9))
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    return [float(index * step) for index in range(first, last + 1)]


def time_labels(values: Sequence[float]) -> list[str]:
    """Labels for the ticks of a time axis, all in the largest unit that says them exactly: `15 s`, `1.5 h`."""
    largest = max((abs(value) for value in values), default=0.0)
    step = min((b - a for a, b in pairwise(values)), default=1e-3)
    unit, name = next(each for each in _UNITS if each[0] == 1 or (largest >= 2 * each[0] and _tenths(values, each[0])))
    step /= unit
    most = min(12, max(0, 3 - math.floor(math.log10(step)))) if step > 0 else 0
    decimals = decimals_of([value / unit for value in values], step, most)
    return [f"{_plain(value / unit, decimals)} {name}" if value else "0" for value in values]


def _tenths(values: Sequence[float], unit: float) -> bool:
    """Whether each of them is so many tenths of the unit."""
    return all(abs(10 * value / unit - round(10 * value / unit)) < 1e-6 for value in values)


def decimals_of(values: Sequence[float], step: float, most: int) -> int:
    """The fewest that say the values exactly, as far as the step between them asks for it; at most so many."""
    room = 1e-6 * abs(step) + 1e-15 * max(map(abs, values), default=0.0)
    exact = (few for few in range(most) if all(abs(value - round(value, few)) <= room for value in values))
    return next(exact, most)


def _plain(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if abs(value) < 1e12 else short(value)


def tick_labels(values: Sequence[float], *, log: bool = False, percent: bool = False) -> list[str]:
    """Labels for the ticks of one axis, with as many digits as tell them apart."""
    if percent:
        return [f"{label}%" for label in tick_labels([100 * value for value in values])]
    if not values:
        return []
    largest = max(abs(value) for value in values)
    if log:
        return [short(value) for value in values]
    step = min((b - a for a, b in pairwise(values)), default=largest) or 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals == 5 and largest < 1 and min(values) >= 0:
        return [f"{value:.5f}".removeprefix("0") for value in values]
    if largest >= 1e5 or decimals > 4:
        labels = [short(value) for value in values]
        return labels if max(map(len, labels)) <= LABEL_CELLS else [_scientific(value) for value in values]
    return [f"{value:.{decimals}f}" for value in values]


def short(value: float) -> str:
    """A number in about six characters: 0.1234, 1.5e-05, 2.3e30, NaN, inf."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e5:
        return _scientific(value)
    return (
        f"{value:.{max(0, 3 - math.floor(math.log10(abs(value))))}f}".rstrip("0").rstrip(".")
        if (value != int(value))
        else str(int(value))
    )


def _scientific(value: float) -> str:
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}" if value else "0"


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next((jump * power for jump in _JUMPS if jump * power >= value * (1 - 1e-9)), 10 * power)


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next((jump * power for jump in reversed(_JUMPS) if jump * power <= value * (1 + 1e-9)), power)
