"""How two sides differ after so many epochs: by more than chance does, and in which direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.runs.seeds import Spread, spread
from training.story.versus import noise
from training.story.versus.track import Track

FACTOR = 2.0
"""Of two values with that noise, 4.6 % differ by more for no reason."""

Kind = Literal["better", "worse", "differs", "same", "unclear"]
"""`differs` is better or worse, and nobody knows which; `unclear` a difference that may be chance."""


@dataclass(frozen=True)
class Difference:
    """Ours beside theirs."""

    kind: Kind
    ours: Spread | None
    theirs: Spread | None
    noise: float
    """Standard deviation of the difference, as far as it is known."""
    lost: tuple[int, int] = (0, 0)
    """Runs of each side that are no longer finite."""


def difference(ours: Sequence[Track], theirs: Sequence[Track], count: int) -> Difference:
    """How the sides differ after the first `count` of their epochs."""
    sides = (ours, theirs)
    sound = [[track for track in side if math.isfinite(track.smoothed(count))] for side in sides]
    told = [_told(side, count) for side in sides]
    lost = (len(ours) - len(sound[0]), len(theirs) - len(sound[1]))
    lost_more = lost[0] * len(theirs) - lost[1] * len(ours)
    if not all(sound):
        return Difference(_by_loss(lost_more, "same"), told[0], told[1], 0.0, lost)
    kind, deviation = _of_finite(sound[0], sound[1], count)
    return Difference(_by_loss(lost_more, kind), told[0], told[1], deviation, lost)


def _told(side: Sequence[Track], count: int) -> Spread | None:
    values = [track.sign * track.smoothed(count) for track in side]
    return spread(values) or Spread(values[0], None, 1)


def _by_loss(lost_more: int, kind: Kind) -> Kind:
    """What becomes of a verdict on the finite ones when a larger part of ours (> 0) or theirs (< 0) is not finite.

    That is worse; where the rest is better, neither outweighs the other.
    """
    if not lost_more:
        return kind
    by_loss: Kind = "worse" if lost_more > 0 else "better"
    return by_loss if kind in ("same", by_loss) else "unclear"


def _of_finite(ours: Sequence[Track], theirs: Sequence[Track], count: int) -> tuple[Kind, float]:
    """The same of runs that are finite, and the noise of their figures there."""
    figures = [[[track.smoothed(count) for track in side] for side in (ours, theirs)]]
    tracks = [*ours, *theirs]
    if tracks[0].directed:
        figures.append([[track.best(count) for track in side] for side in (ours, theirs)])
    finest = max(track.finest(count) for track in tracks)
    by_images = [track.of_images(count) for track in tracks]
    pair = len(tracks) == 2
    if pair:
        alone = math.hypot(*(max(track.of_epochs(count), e or 0.0) for track, e in zip(tracks, by_images, strict=True)))
        limits = [(FACTOR * alone + finest, alone)] * len(figures)
    else:
        limits = [_welch(a, b, finest) for a, b in figures]
    found = [_beyond(a, b, limit) for (a, b), (limit, _) in zip(figures, limits, strict=True)]
    deviation = limits[0][1]
    if not found[0] or any(side != found[0] for side in found):
        return "same", deviation
    if pair and None in by_images:
        return "unclear", deviation
    if not tracks[0].directed:
        return "differs", deviation
    return ("better" if found[0] > 0 else "worse"), deviation


def _beyond(ours: Sequence[float], theirs: Sequence[float], limit: float) -> int:
    """1 where ours is less by more than that, -1 where theirs is, 0 where neither is."""
    apart = _mean(theirs) - _mean(ours)
    if not abs(apart) > limit:  # a limit that is not a number is none that can be passed
        return 0
    return 1 if apart > 0 else -1


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _welch(a: Sequence[float], b: Sequence[float], least: float) -> tuple[float, float]:
    """The difference of means that seeds alone do not make in 95 of 100 cases, and its standard deviation.

    `least` is the smallest standard deviation of one seed that is believed.
    """
    told = [(spread(values), len(values)) for values in (a, b)]
    stds = [max(least, one.std) for one, _ in told if one is not None and one.std is not None]
    if len(stds) < 2:  # a single run: it is taken to vary as the others do
        std = stds[0] if stds else 0.0
        deviation = std * math.sqrt(1 / len(a) + 1 / len(b))
        return noise.t_95(len(a) + len(b) - 2) * deviation, deviation
    shares = [std * std / n for std, (_, n) in zip(stds, told, strict=True)]
    total = sum(shares)
    if not 0 < total < math.inf:
        return total, total
    freedom = total * total / sum(share * share / (n - 1) for share, (_, n) in zip(shares, told, strict=True))
    deviation = math.sqrt(total)
    return noise.t_95(freedom) * deviation, deviation
