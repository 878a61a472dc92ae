"""Whether a run is no better than guessing: the gate that all rules about a net that does not learn share."""

from __future__ import annotations

import math

from training.diagnosis.history import History
from training.diagnosis.writing import figure

LOSS = 0.9
"""Share of the chance loss above which a loss is chance."""
FIRST_LOSS = 0.97
"""The same against the first epoch's loss, where chance is unknown; the first epoch has learned already if it can."""
MARGIN = 0.08
"""Accuracy over the largest class's share that is still chance (curves README, `lr_too_high_flat`)."""
LOOKBACK = 100
DEAD = 0.9
GAP_POINTS = 3
"""Validated epochs over which a gap between the accuracies is the mean."""
LOWEST = 0.55
"""No classification problem has a chance loss below ln 2; where chance is unknown, less than this is learned."""


def at_chance(history: History, points: int) -> bool:
    """Whether each of the last so many epochs was at chance, by loss and, where there is one, by training accuracy."""
    losses = history.train_loss.last(points)
    level = chance_level(history)
    if len(losses) < points or level is None or min(losses) < level:
        return False
    if history.chance_loss is None and min(losses) < LOWEST:
        return False
    chance = history.chance_acc
    accuracies = (history.train_acc if len(history.train_acc) else history.val_acc).last(points)
    if not accuracies:
        return True
    if chance is None:  # of K classes a guess is right once in K times, and its loss is ln K
        return max(accuracies) <= max(math.exp(-loss) for loss in losses) + MARGIN
    return max(accuracies) <= chance + MARGIN


def reference(history: History, level: float) -> str:
    """The loss to compare with, in words."""
    return f"chance is {figure(level)}" if history.chance_loss is not None else f"it began at {figure(level)}"


def chance_level(history: History) -> float | None:
    """The training loss from which on a run counts as no better than chance."""
    if history.chance_loss is not None:
        return LOSS * history.chance_loss
    return FIRST_LOSS * history.scale if history.scale is not None else None


def at_chance_since(history: History) -> int:
    """First epoch of the stretch at chance that lasts until now, as far as LOOKBACK epochs tell."""
    losses, level = history.train_loss, chance_level(history)
    since = history.epoch
    for x, y in zip(reversed(losses.x[-LOOKBACK:]), reversed(losses.last(LOOKBACK)), strict=True):
        if level is None or y < level:
            break
        since = x
    return since


def skill(history: History) -> float | None:
    """The better of training and validation accuracy, rescaled so that chance is 0 and all right is 1.

    Dropout and augmentation hold the training accuracy down. Where chance is unknown, the plain accuracy.
    """
    known = [series.y[-1] for series in (history.train_acc, history.val_acc) if series.y]
    chance = history.chance_acc
    if not known or (chance is not None and chance >= 1):
        return None
    floor = chance or 0.0
    return (max(known) - floor) / (1 - floor)


def is_guess(history: History) -> bool:
    """Whether the latest epoch does no better than guessing, where there are accuracies by the better of them."""
    known, share = history.train_acc.last(1) + history.val_acc.last(1), history.chance_acc
    if known and share is not None:
        return max(known) <= share + MARGIN
    return at_chance(history, 1)


def dead_units(history: History) -> str:
    """A clause on units that answer nothing to any image, where nearly all of a layer's do; else nothing."""
    share = history.dead_relu.last(1)
    if not share or share[0] < DEAD:
        return ""
    return f"; {100 * share[0]:.0f} % of a ReLU layer's units are zero for every image"


def gap(history: History) -> float | None:
    """Training minus validation accuracy, mean of the last three validated epochs."""
    recent = zip(history.val_acc.x[-GAP_POINTS:], history.val_acc.y[-GAP_POINTS:], strict=True)
    gaps = [train - val for x, val in recent if (train := history.train_acc.value_at(x)) is not None]
    return sum(gaps) / len(gaps) if gaps else None
