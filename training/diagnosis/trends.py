"""Plain statistics of short stretches of a curve; lists of finite floats in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul
from statistics import fmean, median


def slope(y: Sequence[float]) -> float:
    """Theil–Sen slope per point: the median of all pairwise slopes, so that one outlier does not tilt it.

    0.0 for fewer than two points. Quadratic in the length: for windows, not for whole runs.
    """
    if len(y) < 2:
        return 0.0
    return median((y[j] - y[i]) / (j - i) for i in range(len(y)) for j in range(i + 1, len(y)))


def detrended_deviation(y: Sequence[float]) -> float:
    """Standard deviation around the least-squares straight line, same unit as `y`; 0.0 for fewer than three points."""
    n = len(y)
    if n < 3:
        return 0.0
    places, spread = _centred(n)
    mean = fmean(y)
    off = [value - mean for value in y]
    tilt = sum(map(mul, places, off)) / spread
    return math.sqrt(sum([(value - tilt * place) ** 2 for place, value in zip(places, off, strict=True)]) / n)


@lru_cache(maxsize=64)
def _centred(n: int) -> tuple[tuple[float, ...], float]:
    """The places 0 to n - 1 around their mean, and the sum of their squares."""
    places = tuple(place - (n - 1) / 2 for place in range(n))
    return places, sum(place**2 for place in places)


def swing(y: Sequence[float]) -> float:
    """The detrended deviation divided by the mean; 0.0 where the mean is not positive."""
    mean = fmean(y) if y else 0.0
    return detrended_deviation(y) / mean if mean > 0 else 0.0


def reversals(y: Sequence[float]) -> float:
    """Share of successive changes whose sign differs from the change before, 0 to 1; a coin toss gives 2/3."""
    changes = [b - a for a, b in pairwise(y)]
    if len(changes) < 2:
        return 0.0
    return sum(a * b < 0 for a, b in pairwise(changes)) / (len(changes) - 1)


def noise(y: Sequence[float]) -> float:
    """Robust noise scale: 1.4826 × median absolute second difference / √6, blind to level and straight trends."""
    if len(y) < 3:
        return 0.0
    second = [abs(a - 2 * b + c) for a, b, c in zip(y, y[1:], y[2:], strict=False)]
    return 1.4826 * median(second) / math.sqrt(6)


def rising(y: Sequence[float]) -> float:
    """Mann–Kendall z score of an upward trend: about 1.6 at the 5 % level; blind to how far, sure about whether."""
    n = len(y)
    if n < 3:
        return 0.0
    score = sum((b > a) - (b < a) for i, a in enumerate(y) for b in y[i + 1 :])
    return (score - (score > 0) + (score < 0)) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
