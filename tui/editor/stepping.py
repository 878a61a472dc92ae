"""The next larger and the next smaller value of a number, as a person would pick it."""

from __future__ import annotations

import math
from typing import Any

from training.config.fields import Field

# Where a step leads from a value that is no number (null, auto).
_STARTS: dict[str, float] = {"1-2-5": 1.0, "nines": 0.999, "powers of two": 32.0}
_NINES = (0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99995, 0.99999)
_LADDER = (1.0, 2.0, 5.0, 10.0)
# The first step up from zero on the ladder 1, 2, 5, and the last before zero.
_SMALLEST = 1e-6
_SHARE_STEP, _SHARE_LEAP = 0.05, 0.1


def stepped(entry: Field, now: Any, by: int, *, leap: bool = False) -> Any:
    """The value `by` steps up (or down); a leap is ten times, twice the batch, or ten steps. Stays within the bounds.

    How a field steps is its `steps`: "1-2-5" (5e-4, 1e-3, 2e-3), "powers of two", "nines" (0.99, 0.999); else whole
    numbers go by a step that suits their size, and shares by 0.05.
    """
    if isinstance(now, bool) or not isinstance(now, int | float):
        start = _STARTS.get(entry.steps, entry.minimum or 1)
        return _bounded(entry, start)
    up = by > 0
    value: float = now
    for _ in range(abs(by)):
        value = _next(entry, value, up, leap)
    new = _bounded(entry, value)
    # Between an end that is open and the value there may be no step left.
    return new if (new > now) == up else now


def _next(entry: Field, value: float, up: bool, leap: bool) -> float:
    if entry.steps == "1-2-5":
        return _on_ladder(value, up, leap, to_zero=not entry.exclusive_minimum)
    if entry.steps == "powers of two":
        return _power_of_two(value, up)
    if entry.steps == "nines":
        return _nine(value, up)
    if entry.kind == "int":
        return _whole(value, up, leap)
    share = 100.0 if entry.maximum == 100 else 10.0 if value > 1 or (up and value == 1) else 1.0
    return _multiple(value, share * (_SHARE_LEAP if leap else _SHARE_STEP), up)


def _on_ladder(value: float, up: bool, leap: bool, to_zero: bool) -> float:
    if value <= 0:
        return _SMALLEST if up else 0.0
    if not up and to_zero and value <= _SMALLEST * (1 + 1e-9):
        return 0.0
    return _six_digits(value * (10 if up else 0.1)) if leap else _rung(value, up)


def _rung(value: float, up: bool) -> float:
    """The next of 1, 2, 5 × 10^k."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    share = value / power
    if up:
        return _six_digits(power * next(rung for rung in _LADDER if rung > share * (1 + 1e-9)))
    below = [rung for rung in _LADDER[:3] if rung < share * (1 - 1e-9)]
    return _six_digits(power * below[-1] if below else power / 2)


def _power_of_two(value: float, up: bool) -> float:
    if value < 1:
        return 1
    exponent = math.log2(value)
    return float(2 ** (math.floor(exponent) + 1 if up else math.ceil(exponent) - 1))


def _nine(value: float, up: bool) -> float:
    if up:
        return next((nine for nine in _NINES if nine > value), _NINES[-1])
    return next((nine for nine in reversed(_NINES) if nine < value), None) or _rung(value, up=False)


def _whole(value: float, up: bool, leap: bool) -> int:
    below = value if up else value - 1
    step = 1 if below < 20 else 5 if below < 100 else 10 if below < 1000 else 100
    step *= 10 if leap else 1
    return (int(value) // step + 1) * step if up else (-(-int(value) // step) - 1) * step


def _multiple(value: float, step: float, up: bool) -> float:
    """The next multiple of the step."""
    count = value / step
    return _six_digits(step * (math.floor(count + 1e-9) + 1 if up else math.ceil(count - 1e-9) - 1))


def _six_digits(value: float) -> float:
    return float(f"{value:.6g}")


def _bounded(entry: Field, value: float) -> Any:
    """Within the field's bounds, as its type; beyond an end that is open itself, one small step inside it."""
    low, high = entry.minimum, entry.maximum
    inside = _SHARE_STEP * (100 if high == 100 else 1)
    if low is not None and (value < low or (value == low and entry.exclusive_minimum)):
        value = low + inside if entry.exclusive_minimum else low
    if high is not None and (value > high or (value == high and entry.exclusive_maximum)):
        value = _six_digits(high - inside) if entry.exclusive_maximum else high
    return round(value) if entry.kind == "int" else float(value)
