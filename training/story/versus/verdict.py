"""Whether a run is better than another one, or nothing can be told: at equal epochs, against the noise of both.

Two runs. What is compared are the medians of their last SMOOTHED epochs at the last epoch that both have behind them,
and their bests up to there. A run is better where both differ by more than FACTOR times the noise, which is

- for a share (accuracy, F1) the larger of the binomial standard error that the number of validation images gives it,
  and the spread from epoch to epoch;
- for a loss the larger of the same spread and the error that the number of wrong images gives it (`noise.of_loss`),

of both runs, added as independent. That claims too little rather than too much, since both are validated on the same
images. One run a side says nothing of other seeds but by that margin.

Several seeds a side. The spread between the seeds takes the place of that noise: Welch's test (1947), two-sided 95 %;
of a single run beside a group the group's spread is assumed. What is compared is the same.

A run that is no longer finite is worse than one that is. `since` is the first epoch from which on the verdict stood.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from training.runs.seeds import Spread, spread
from training.story.versus import noise
from training.story.versus.measured import ACCURACY, Measured, common_epochs, higher_is_better, is_share
from training.story.versus.words import sentence

Kind = Literal["better", "worse", "same", "early", "incomparable"]
FACTOR = 2.0
"""Of two values with that noise, 4.6 % differ by more for no reason."""
LEAST_EPOCHS = 3
LOOK_BACK = 500
"""Epochs; a verdict that stood for longer is said to have stood for so long."""
CROSS_ENTROPY = "val_ce"


@dataclass(frozen=True)
class Verdict:
    """What is thought of a run, or several seeds of one, beside the baseline."""

    kind: Kind
    metric: str = ""
    epoch: int = 0
    """The last that both have behind them."""
    ours: Spread | None = None
    theirs: Spread | None = None
    noise: float = 0.0
    """Standard deviation of the difference."""
    since: int | None = None
    """Of better and worse: the first epoch from which on it stood."""
    why: str = ""
    """What is in the way of a verdict, or limits it."""
    accuracy: Verdict | None = None
    """The verdict by accuracy, where this one goes by something else."""

    @property
    def sentence(self) -> str:
        """Such as `better: val_acc 91.2 % against 88.9 % at epoch 20, noise ±1.1 %, since epoch 7`."""
        return sentence(self)


def judge(ours: Sequence[Measured], theirs: Sequence[Measured]) -> Verdict:
    """What is to be thought of a run (or of runs that differ in the seed alone) against the baseline `theirs`."""
    if reason := not_comparable(ours, theirs):
        return Verdict("incomparable", why=reason)
    ours, theirs = far_enough(ours), far_enough(theirs)
    metric, note = metric_for(ours, theirs)
    if not metric:
        return Verdict("incomparable", why=note)
    verdict = _by(metric, ours, theirs, note)
    if metric == ACCURACY or not common_epochs([*ours, *theirs], ACCURACY):
        return verdict
    return _with_accuracy(verdict, _by(ACCURACY, ours, theirs, ""))


def not_comparable(ours: Sequence[Measured], theirs: Sequence[Measured]) -> str:
    """Why two figures cannot be set beside each other; empty where they can, as far as is known.

    Groups of seeds may each have validated on images of their own: that is part of their spread.
    """
    a, b = ours[0], theirs[0]
    if a.data and b.data and a.data != b.data:
        return f"{a.name} is trained on {a.data}, {b.name} on {b.data}"
    if a.n_val is not None and b.n_val is not None and a.n_val != b.n_val:
        return f"{a.name} is validated on {a.n_val} images, {b.name} on {b.n_val}"
    several = len(ours) > 1 and len(theirs) > 1
    if not several and a.validation and b.validation and a.validation != b.validation:
        return f"{a.name} is validated on other images than {b.name}"
    return ""


def far_enough(side: Sequence[Measured]) -> Sequence[Measured]:
    """The seeds that a side is judged by: not those that have only begun while others are far ahead, since all are
    compared at an epoch that each has behind it. `figure` says how many they were.
    """
    reached = [max(map(len, run.epochs.values()), default=0) for run in side]
    kept = [
        run
        for run, epochs in zip(side, reached, strict=True)
        if epochs >= LEAST_EPOCHS and not (run.live and 2 * epochs < max(reached))
    ]
    return kept or side


def metric_for(ours: Sequence[Measured], theirs: Sequence[Measured]) -> tuple[str, str]:
    """The metric to judge by: the baseline's monitor where all have it and it means the same, else what comes next.

    With why it is another one, or why there is none.
    """
    everybody = [*ours, *theirs]
    wanted = theirs[0].monitor
    note = ""
    if wanted == "val_loss" and len({run.loss for run in everybody if run.loss}) > 1:
        wanted, note = CROSS_ENTROPY, "their losses are different measures"
    for metric in (wanted, ACCURACY, "val_loss" if not note else ACCURACY):
        if all(run.at(metric) for run in everybody):
            return metric, note
    waiting = any(run.live and not run.epochs for run in everybody)
    if waiting or any(not run.epochs for run in everybody):
        return wanted, note
    return "", note or "they have no validation metric in common"


def _by(metric: str, ours: Sequence[Measured], theirs: Sequence[Measured], note: str) -> Verdict:
    everybody = [*ours, *theirs]
    epochs = common_epochs(everybody, metric)
    if len(epochs) < LEAST_EPOCHS:
        return Verdict("early", metric, epochs[-1] if epochs else 0, why=_too_few(everybody, metric, len(epochs)))
    same = len({run.validation for run in everybody}) == 1 and bool(everybody[0].validation)
    sides = [[_Track(run, metric, epochs, same_images=same) for run in side] for side in (ours, theirs)]
    last = len(epochs)
    found = _difference(sides[0], sides[1], last)
    kind: Kind = "same"
    since = None
    if found.side:
        kind = "better" if found.side > 0 else "worse"
        first = last
        while first - 1 >= max(LEAST_EPOCHS, last - LOOK_BACK) and (
            _difference(sides[0], sides[1], first - 1).side == found.side
        ):
            first -= 1
        since = epochs[first - 1]
    return Verdict(kind, metric, epochs[-1], found.ours, found.theirs, found.noise, since, note)


def _with_accuracy(verdict: Verdict, accuracy: Verdict) -> Verdict:
    told = verdict.__dict__ | {"accuracy": accuracy}
    return Verdict(**told)


def _too_few(runs: Sequence[Measured], metric: str, common: int) -> str:
    """Who has too few epochs behind it."""
    shortest = min(runs, key=lambda run: len(run.at(metric)))
    number = len(shortest.at(metric))
    if number < LEAST_EPOCHS:
        done = "has" if shortest.live else "ended with"
        return f"{shortest.name} {done} {_epochs(number)} behind it, {LEAST_EPOCHS} are needed"
    return f"they have {_epochs(common)} in common, {LEAST_EPOCHS} are needed"


def _epochs(number: int) -> str:
    return f"{number or 'no'} epoch{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class _Difference:
    """How two sides differ at an epoch; `side` is 1 where ours is better, -1 where it is worse, 0 where neither is."""

    side: int
    ours: Spread | None
    theirs: Spread | None
    noise: float


class _Track:
    """One run's metric at the common epochs, turned so that less is better and the worst is infinite."""

    def __init__(self, run: Measured, metric: str, epochs: Sequence[int], *, same_images: bool) -> None:
        self.sign = -1.0 if higher_is_better(metric) else 1.0
        self.metric = metric
        self.n_val = run.n_val
        self.same_images = same_images
        self.resolution = 0.5 / run.n_val if is_share(metric) and run.n_val else 0.0
        """Half of what one image makes: seeds that agree to it need not be the same."""
        values, shares = run.at(metric), run.at(ACCURACY)
        self.values = [_turned(self.sign * values[epoch]) for epoch in epochs]
        self.shares = [shares.get(epoch, math.nan) for epoch in epochs]
        self.bests: list[float] = []
        best = math.inf
        for value in self.values:
            best = min(best, value)
            self.bests.append(best)

    def smoothed(self, count: int) -> float:
        """The median of the last epochs among the first `count`."""
        return median(self.values[max(0, count - noise.SMOOTHED) : count])

    def best(self, count: int) -> float:
        return self.bests[count - 1]

    def noise(self, count: int) -> float:
        """The standard deviation of one figure, by what is known of the validation and of the epochs."""
        of_epochs = noise.of_epochs(self.values[max(0, count - noise.WINDOW - 1) : count])
        if self.n_val is None:
            return of_epochs
        here = self.smoothed(count)
        if is_share(self.metric):
            return max(of_epochs, noise.of_share(self.sign * here, self.n_val))
        seen = [share for share in self.shares[max(0, count - noise.SMOOTHED) : count] if math.isfinite(share)]
        if not seen:
            return of_epochs
        return max(of_epochs, noise.of_loss(here, median(seen), self.n_val, same_images=self.same_images))


def _turned(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _difference(ours: Sequence[_Track], theirs: Sequence[_Track], count: int) -> _Difference:
    """How the sides differ after the first `count` common epochs."""
    smoothed = [[track.smoothed(count) for track in side] for side in (ours, theirs)]
    bests = [[track.best(count) for track in side] for side in (ours, theirs)]
    pair = len(ours) == len(theirs) == 1
    alone = math.hypot(ours[0].noise(count), theirs[0].noise(count)) if pair else 0.0
    finest = max(track.resolution for track in (*ours, *theirs))
    sides, noises = zip(*(_beyond(a, b, alone if pair else None, finest) for a, b in (smoothed, bests)), strict=True)
    broken = [any(not math.isfinite(value) for value in values) for values in smoothed]
    # What is no longer finite is worse, however good its best was.
    side = sides[0] if sides[0] == sides[1] or (sides[0] and any(broken)) else 0
    sign = ours[0].sign
    told = [spread(sign * value for value in values) or Spread(sign * values[0], None, 1) for values in smoothed]
    return _Difference(side, told[0], told[1], noises[0])


def _beyond(
    ours: Sequence[float], theirs: Sequence[float], alone: float | None, resolution: float
) -> tuple[int, float]:
    """Which side is better by more than the noise, and that noise; with less being better.

    `alone` is the noise of two single runs; None where the seeds tell it, to that resolution.
    """
    finite = [[value for value in side if math.isfinite(value)] for side in (ours, theirs)]
    if not finite[0] or not finite[1]:
        return (bool(finite[0]) - bool(finite[1])), alone or 0.0
    if len(finite[0]) < len(ours) or len(finite[1]) < len(theirs):
        return 0, alone or 0.0  # some of the seeds broke down: a mean of the others would hide that
    difference = _mean(finite[1]) - _mean(finite[0])
    limit, deviation = (FACTOR * alone, alone) if alone is not None else _welch(finite[0], finite[1], resolution)
    return (0 if abs(difference) <= limit else 1 if difference > 0 else -1), deviation


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
    shares = [std**2 / n for std, (_, n) in zip(stds, told, strict=True)]
    total = sum(shares)
    if total == 0:
        return 0.0, 0.0
    freedom = total**2 / sum(share**2 / (n - 1) for share, (_, n) in zip(shares, told, strict=True))
    deviation = math.sqrt(total)
    return noise.t_95(freedom) * deviation, deviation
