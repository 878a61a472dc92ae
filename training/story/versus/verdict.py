"""Whether a run is better than another one, or nothing can be told: at equal epochs, against the noise of both.

Two runs. What is compared are the medians of their last SMOOTHED epochs at the last epoch that both have behind them,
and their bests up to there. A run is better where both differ by more than FACTOR times the noise, which is

- for a share (accuracy, F1) the larger of the binomial standard error that the number of validation images gives it,
  and the spread from epoch to epoch;
- for a loss the larger of the same spread and the error that the number of wrong images gives it (`noise.of_loss`),

of both runs, added as independent. That claims too little rather than too much, since both are validated on the same
images. One run a side says nothing of other seeds but by that margin. Where nobody knows how many images validate, the
spread between epochs is all there is: it is far smaller than that between seeds, so that a difference beyond it is told
as `unclear`, and nothing is claimed.

Several seeds a side. The spread between the seeds takes the place of that noise: Welch's test (1947), two-sided 95 %;
of a single run beside a group the group's spread is assumed. What is compared is the same. Runs of one seed are one.

A run that is no longer finite is worse than one that is, and a side of which more are; where its others are better, it
is `unclear`. A metric of which nobody knows what is better `differs`. What two runs have in common, since one of them
forked from the other, is left out. `since` is the first epoch from which on the verdict stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from training.runs.seeds import Spread
from training.story.versus.aligned import telling
from training.story.versus.difference import Difference, difference
from training.story.versus.measured import ACCURACY, Measured, common_epochs
from training.story.versus.track import CROSS_ENTROPY, LOSSES, Track, broke_down
from training.story.versus.words import sentence

Kind = Literal["better", "worse", "differs", "same", "unclear", "early", "incomparable"]
LEAST_EPOCHS = 3
LOOK_BACK = 500
"""Epochs; a verdict that stood for longer is said to have stood for so long."""


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
    """Of better, worse and differs: the first epoch from which on it stood."""
    why: str = ""
    """What is in the way of a verdict, or of the metric that it would go by."""
    limit: str = ""
    """What else has to be known of it, such as that a seed broke down."""
    accuracy: Verdict | None = None
    """The verdict by accuracy, where this one goes by something else."""

    @property
    def sentence(self) -> str:
        """Such as `better: val_acc 91.2 % against 88.9 % at epoch 20 (medians of 5), noise ±1.1 %, since epoch 7`."""
        return sentence(self)


def judge(ours: Sequence[Measured], theirs: Sequence[Measured]) -> Verdict:
    """What is to be thought of a run (or of runs that differ in the seed alone) against the baseline `theirs`."""
    if reason := not_comparable(ours, theirs):
        return Verdict("incomparable", why=reason)
    metric, note = metric_for(ours, theirs)
    if not metric:
        return Verdict("incomparable", why=note)
    verdict = _by(metric, ours, theirs, note)
    if metric == ACCURACY or not all(run.at(ACCURACY) for run in _begun(ours, theirs)):
        return verdict
    return replace(verdict, accuracy=_by(ACCURACY, ours, theirs, ""))


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


def distinct(side: Sequence[Measured]) -> list[Measured]:
    """One run a seed, the one that is furthest; of runs whose seed nobody knows, one of those with equal curves."""
    if len(side) == 1:
        return list(side)
    kept: dict[object, Measured] = {}
    for run in side:
        curves = sorted((name, tuple(series.x), tuple(series.y)) for name, series in run.epochs.items())
        key = tuple(curves) if run.seed is None else run.seed
        if key not in kept or _reached(run) > _reached(kept[key]):
            kept[key] = run
    return list(kept.values())


def far_enough(side: Sequence[Measured], metric: str) -> Sequence[Measured]:
    """The seeds that a side is judged by: not those that have only begun while others are far ahead, since all are
    compared at an epoch that each has behind it. `figure` says how many they were. Those that broke down count.
    """
    furthest = max(map(_reached, side))
    kept = [
        run
        for run in side
        if broke_down(run, metric)
        or (_reached(run) >= LEAST_EPOCHS and not (run.live and 2 * _reached(run) < furthest))
    ]
    return kept or side


def _reached(run: Measured) -> int:
    return max(map(len, run.epochs.values()), default=0)


def metric_for(ours: Sequence[Measured], theirs: Sequence[Measured]) -> tuple[str, str]:
    """The metric to judge by: the baseline's monitor where all have it and it means the same, else what comes next.

    With why it is another one, or why there is none. Runs that have no epoch yet, but some beside them do, are passed
    over.
    """
    everybody = _begun(ours, theirs)
    wanted = theirs[0].monitor
    note = ""
    if wanted == "val_loss" and len({run.loss for run in everybody if run.loss}) > 1:
        wanted, note = CROSS_ENTROPY, "their losses are different measures"
    for metric in (wanted, ACCURACY, "val_loss" if not note else ACCURACY):
        if all(run.at(metric) for run in everybody):
            return metric, note
    others = [name for name in telling(everybody) if name.startswith("val_") and name not in LOSSES]
    for metric in others:
        if all(run.at(metric) for run in everybody):
            return metric, note
    if not all(map(_reached, everybody)):
        return wanted, note
    return "", note or "they have no validation metric in common"


def _begun(ours: Sequence[Measured], theirs: Sequence[Measured]) -> list[Measured]:
    """The runs that have an epoch behind them, and all of a side of which none has."""
    return [run for side in (ours, theirs) for run in (list(filter(_reached, side)) or side)]


def _by(metric: str, all_ours: Sequence[Measured], all_theirs: Sequence[Measured], note: str) -> Verdict:
    sides = [far_enough(distinct(side), metric) for side in (all_ours, all_theirs)]
    everybody = [run for side in sides for run in side]
    # What broke down may have ended long before the others: it is counted, and they are compared where they are.
    sound = [run for side in sides for run in ([one for one in side if not broke_down(one, metric)] or side)]
    shared = shared_epochs(metric, *sides)
    common = common_epochs(sound, metric)
    epochs = [epoch for epoch in common if epoch > shared]
    if len(epochs) < LEAST_EPOCHS:
        return Verdict("early", metric, common[-1] if common else 0, why=_too_few(sound, metric, len(epochs), shared))
    same = len({run.validation for run in everybody}) == 1 and bool(everybody[0].validation)
    ours, theirs = ([Track(run, metric, epochs, same_images=same) for run in side] for side in sides)
    last = len(epochs)
    found = difference(ours, theirs, last)
    since = None
    if found.kind in ("better", "worse", "differs"):
        first = last
        while (
            first - 1 >= max(LEAST_EPOCHS, last - LOOK_BACK) and difference(ours, theirs, first - 1).kind == found.kind
        ):
            first -= 1
        since = epochs[first - 1]
    limit = _limit(found, sides, metric)
    return Verdict(found.kind, metric, epochs[-1], found.ours, found.theirs, found.noise, since, note, limit)


def shared_epochs(metric: str, ours: Sequence[Measured], theirs: Sequence[Measured]) -> int:
    """The last epoch that is in both histories, since one of them forked from the other, or both from a third run."""
    last = 0
    for a in ours:
        for b in theirs:
            if not (parted := max(a.forked_at, b.forked_at)):
                continue
            here, there = a.at(metric), b.at(metric)
            for epoch in sorted(here.keys() & there.keys()):
                equal = here[epoch] == there[epoch] or (here[epoch] != here[epoch] and there[epoch] != there[epoch])
                if epoch > parted or not equal:
                    break
                last = max(last, epoch)
    return last


def _limit(found: Difference, sides: Sequence[Sequence[Measured]], metric: str) -> str:
    """What keeps the verdict from saying more."""
    whose = zip(found.lost, sides, ("", "of the baseline"), strict=True)
    broken = [_broken(lost, len(side), of) for lost, side, of in whose if lost]
    if broken:
        return "; ".join(broken)
    if found.kind != "unclear":
        return ""
    if any(not run.n_val for side in sides for run in side):
        return "one run each, and the size of the validation set is not known"
    return f"one run each, and how far {metric} varies by chance is not known"


def _broken(lost: int, number: int, of: str) -> str:
    if number == 1:
        return f"{'the baseline' if of else 'it'} is no longer finite"
    whose = " ".join(part for part in (f"{lost} of {number} seeds", of) if part)
    return f"{whose} {'is' if lost == 1 else 'are'} no longer finite"


def _too_few(runs: Sequence[Measured], metric: str, common: int, shared: int) -> str:
    """Who has too few epochs behind it."""
    if shared and not common:
        return f"both share epoch{f's 1–{shared}' if shared > 1 else ' 1'}"
    if shared:
        return f"they have {_epochs(common)} in common after the {shared} that they share, {LEAST_EPOCHS} are needed"
    shortest = min(runs, key=lambda run: len(run.at(metric)))
    number = len(shortest.at(metric))
    if number < LEAST_EPOCHS:
        done = "has" if shortest.live else "ended with"
        return f"{shortest.name} {done} {_epochs(number)} behind it, {LEAST_EPOCHS} are needed"
    return f"they have {_epochs(common)} in common, {LEAST_EPOCHS} are needed"


def _epochs(number: int) -> str:
    return f"{number or 'no'} epoch{'' if number == 1 else 's'}"
