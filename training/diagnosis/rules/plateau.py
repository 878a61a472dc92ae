"""`plateau`: training has stalled on the noise floor of a learning rate that never falls."""

from __future__ import annotations

from statistics import fmean

from training.diagnosis import trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure

SPAN = 6
MEAN = 3
HOLD = 1.5
IMPROVEMENT = 0.10
NOISE = 0.04
LOW_NOISE = 0.10
HIGH = 0.10
SOLVED = 0.97

CAUSES = (
    "the learning rate needs to fall for training to go on",
    "no schedule lowers the learning rate",
    "the patience of the schedule is longer than the stall",
)

WHY = (
    "At a constant rate the loss sinks to where the noise of the steps throws it up as often as the gradient takes it "
    "down, and stays there. The jitter is the sign: a net that is merely too small settles without it. A lower rate "
    "lowers that floor within a few epochs."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: mean of three train losses against the three SPAN epochs earlier; the swing tells noise floor from
    capacity.

    Plateau: improved by less than IMPROVEMENT at a constant learning rate, with a swing of NOISE, or LOW_NOISE below
    HIGH × chance: a net that is too small, or has converged, stalls smoothly. Not where nothing is left to win: a train
    accuracy of SOLVED, or without one a loss below HIGH × chance. Needs: train_loss, and lr or a schedule that is
    known. Source: curves README; Bengio (2012) on the noise floor of SGD.
    """
    span = history.span(SPAN)
    losses = history.train_loss.last(span + MEAN)
    if len(losses) < span + MEAN or not _constant_rate(history, span + MEAN) or (history.lr_position or 0.0) < 0:
        return None
    before, now = fmean(losses[:MEAN]), fmean(losses[-MEAN:])
    if before <= 0:
        return None
    improvement = 1 - now / before
    if (
        improvement >= (HOLD if is_open else 1.0) * IMPROVEMENT
        or _is_done(history, now)
        or trends.swing(losses) < (LOW_NOISE if history.is_low(now, HIGH) else NOISE)
    ):
        return None
    moved = f"{abs(100 * improvement):.0f} % {'better' if improvement >= 0 else 'worse'}"
    return Evidence(
        history.train_loss.x[-span],
        f"Train loss (mean of {MEAN}) went from {figure(before)} to {figure(now)} in {span} epochs at a constant "
        f"learning rate, {moved}, while it jitters by {100 * trends.swing(losses):.0f} %.",
        1.0,
        CAUSES,
        confidence=0.6,
    )


def _is_done(history: History, loss: float) -> bool:
    """Whether there is nothing left to win: by the training accuracy, or by the loss where there is none."""
    accuracies = history.train_acc.last(MEAN)
    return fmean(accuracies) >= SOLVED if accuracies else history.is_low(loss, HIGH)


def _constant_rate(history: History, points: int) -> bool:
    """Whether the learning rate is known not to have moved over the span."""
    if not history.lr.y:
        return bool(history.settings.get("lr_strategy") == "Constant")
    return not (history.lr_fell_within(points) or history.lr_rose_within(points))


RULE = Rule(
    "plateau",
    "validation_stalled",
    "Training has stalled: the learning rate needs to fall",
    check,
    after=2,
    until=3,
    why=WHY,
    guide="4, 11",
)
