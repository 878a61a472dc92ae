"""Whether a run is no better than guessing: the gate that all rules about a net that does not learn share."""

from __future__ import annotations

from training.diagnosis.history import History

LOSS = 0.9
"""Share of the chance loss above which a loss is chance."""
FIRST_LOSS = 0.97
"""The same against the first epoch's loss, where chance is unknown; the first epoch has learned already if it can."""
MARGIN = 0.08
"""Accuracy over the largest class's share that is still chance (curves README, `lr_too_high_flat`)."""
LOOKBACK = 100
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
    return chance is None or not accuracies or max(accuracies) <= chance + MARGIN


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
    """Training accuracy rescaled so that chance is 0 and all right is 1; validation accuracy where it is missing.

    Where chance is unknown, the plain accuracy.
    """
    series = history.train_acc if len(history.train_acc) else history.val_acc
    chance = history.chance_acc
    if not series.y or (chance is not None and chance >= 1):
        return None
    floor = chance or 0.0
    return (series.y[-1] - floor) / (1 - floor)


def gap(history: History) -> float | None:
    """Training minus validation accuracy, mean of the last three validated epochs."""
    pairs = _paired(history, GAP_POINTS)
    return sum(train - val for train, val in pairs) / len(pairs) if pairs else None


def _paired(history: History, points: int) -> list[tuple[float, float]]:
    train = dict(zip(history.train_acc.x[-4 * points :], history.train_acc.y[-4 * points :], strict=True))
    recent = zip(history.val_acc.x[-points:], history.val_acc.y[-points:], strict=True)
    return [(train[x], y) for x, y in recent if x in train]
