"""`lr_too_high_flat`: the net is stuck at chance because its steps were, or are, too large."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from training.diagnosis import chance, trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure, percent
from training.diagnosis.series import Series

POINTS = 3
SURE_POINTS = 2
EXPLODED = 1.3
ABOVE = 1.01
FALLING = 0.002
LEARNED = 0.8
BEYOND = 2.0
FAR_BEYOND = 10.0
RECENT = 5
FAR_ABOVE = 5.0
LOOKBACK = 20

CAUSES = (
    "the learning rate is too high: steps overshoot, or killed the units in the first ones",
    "inputs are not normalised",
    "the model is too simple for the data",
)

WHY = (
    "The first steps were so large that they overshot every useful direction or pushed units to where they answer the "
    "same to every image. What is left is a constant answer, whose loss is that of guessing; from there no small step "
    "helps, and lowering the rate now revives nothing: it takes a new start."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: epochs in a row at chance (see chance.py), and which side the learning rate errs on.

    Too high is told by any of: a loss of EXPLODED × chance before; something learned and lost (LEARNED × chance); a
    median loss of ABOVE × chance from which neither loss falls, since a net at rest sits at chance and not above it; a
    learning rate BEYOND × the guide's range, if neither falls. Threshold: POINTS epochs, SURE_POINTS at a rate
    FAR_BEYOND the range, counted after an explosion in the first one. Needs: train_loss; accuracy, chance level and
    learning rate make it surer. Source: guide 3; curves README.
    """
    losses, level = history.train_loss, history.scale
    if level is None or not losses.y:
        return None
    # A start above chance is the mark of unnormalised inputs or a careless initialisation; falling from it is no blast.
    start = max(level, history.start_loss or 0.0)
    exploded = losses.highest() >= EXPLODED * start
    first, lowest = losses.first, losses.lowest()
    first_exploded = first is not None and first.y >= EXPLODED * start
    position = history.lr_position or 0.0
    points = SURE_POINTS if position >= FAR_BEYOND else POINTS
    if not chance.at_chance(history, 1 if is_open else points + first_exploded):
        return None
    if median(losses.last(RECENT)) > FAR_ABOVE * start:  # it has not come back: that is a divergence
        return None
    falling = _falls(losses, level) or _falls(history.val_loss, level)
    above = median(losses.last(RECENT)) >= ABOVE * level and position >= 0 and not falling
    lost = lowest is not None and lowest.y < LEARNED * level
    votes = [exploded, lost, above and not history.lr_rose_within(POINTS), position >= BEYOND and not falling]
    if not is_open and not any(votes):
        return None
    return Evidence(
        chance.at_chance_since(history),
        _sentence(history, level, exploded),
        1.0,
        CAUSES,
        "critical",
        confidence=round(min(0.95, 0.5 + 0.2 * sum(votes[:3]) + 0.2 * (position >= BEYOND)), 2),
    )


def _falls(series: Series, level: float) -> bool:
    """Down by FALLING × chance an epoch, or without a single rise: the mark of a rate that is low, not high."""
    recent = series.last(RECENT)
    steady = len(recent) > 2 and all(b < a for a, b in pairwise(recent))
    return steady or trends.slope(recent) < -FALLING * level


def _sentence(history: History, level: float, exploded: bool) -> str:
    losses = history.train_loss
    since = chance.at_chance_since(history)
    span = min(losses.count_since(since), LOOKBACK)
    text = f"Train loss {figure(losses.y[-1])} after {count(history.epoch, 'epoch')}, "
    text += chance.reference(history, level)
    accuracy = (history.train_acc if history.train_acc.y else history.val_acc).last(1)
    if accuracy:
        classes = f" with {history.facts.classes} classes" if history.facts.classes else ""
        text += f"; accuracy {percent(accuracy[0])}{classes}"
    if exploded:
        text += f"; the loss peaked at {figure(losses.highest())}"
    changes = [b > a for a, b in pairwise(losses.last(span))]
    if changes:
        text += f"; it rose in {sum(changes)} of the last {count(len(changes), 'epoch')}"
    return text + chance.dead_units(history) + "."


RULE = Rule(
    "lr_too_high_flat",
    "loss_not_decreasing",
    "Learning rate too high: the net is stuck at chance",
    check,
    why=WHY,
    guide="3, 11",
)
