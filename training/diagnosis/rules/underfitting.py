"""`underfitting`: training has settled, smoothly, at a poor level on both splits."""

from __future__ import annotations

from training.diagnosis import chance, trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure, percent
from training.guide.decay import decay_range

POINTS = 6
STALL = 0.04
SWING = 0.03
VAL_STALL = 0.06
VAL_SWING = 0.06
HIGH = 0.5
SKILL = 0.5
POOR_SKILL = 0.36
GAP = 0.07
HEAVY_DECAY = 10.0
HEAVY_DROPOUT = 0.6
HOLD = 1.5

DECAY_CAUSES = (
    "the weight decay is far too strong: it pulls the weights to zero",
    "the learning rate is too low by now",
    "the model is too small for the data",
)
CAUSES = (
    "the model is too small for the data",
    "too much regularisation: weight decay or dropout",
    "the learning rate is too low by now",
)

WHY = (
    "The loss has stopped falling, smoothly, while both accuracies are low and close together: the net has found the "
    "best that it can express under its restraints. More data will not help it; more freedom will."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: Theil–Sen fall of the train loss over POINTS epochs; its level against chance; the accuracies.

    Underfitting: the loss falls by at most STALL, swings by at most SWING, and stays at HIGH × chance or more, with a
    training skill (accuracy rescaled so that chance is 0) of at most SKILL and a gap of at most GAP, and validation has
    come to rest, too (VAL_STALL, VAL_SWING). A net at chance has not settled, it has not begun: that is for the rules
    of `loss_not_decreasing`, unless its weight decay is HEAVY_DECAY × the guide's upper end, which is cause enough. It
    is a warning where the net has fewer parameters than images, or heavy decay or dropout (HEAVY_DROPOUT): one that
    could learn the images by heart may have settled at what the data allow. Needs: train_loss. Source: curves README;
    guide 10.
    """
    points = history.span(POINTS)
    window, level = history.train_loss.last(points), history.scale
    if len(window) < points or level is None or window[-1] < HIGH * level:
        return None
    if history.chance_loss is None and window[-1] < chance.LOWEST:
        return None
    if history.lr_rose_within(points):
        return None
    decay = history.settings.decay
    heavy = decay is not None and decay > HEAVY_DECAY * decay_range(history.settings.config.optimizer)[1]
    if not heavy and chance.at_chance(history, 1):
        return None
    skill, gap = chance.skill(history), chance.gap(history)
    if (skill is not None and skill > SKILL) or (gap is not None and gap > GAP):
        return None
    fall = -trends.slope(window) * (points - 1) / window[-1]
    ease = HOLD if is_open else 1.0
    if (
        fall > ease * STALL
        or trends.swing(window) > ease * SWING
        or not _is_settled(history.val_loss.last(points), ease)
    ):
        return None
    accuracies = [
        f"{name} accuracy {percent(series.y[-1])}"
        for name, series in (("train", history.train_acc), ("validation", history.val_acc))
        if series.y
    ]
    return Evidence(
        history.train_loss.x[-points],
        f"Train loss {figure(window[-1])} moved by {100 * abs(fall):.1f} % in {points} epochs, "
        f"{chance.reference(history, level)}"
        + (f"; {', '.join(accuracies)}" if accuracies else "")
        + (f"; the weight decay is {figure(decay)}." if heavy and decay is not None else "."),
        1.0,
        DECAY_CAUSES if heavy else CAUSES,
        confidence=0.9 if heavy else 0.7,
        severity="warning" if heavy or _is_restrained(history, skill) else "info",
        variant="decay" if heavy else "",
    )


def _is_restrained(history: History, skill: float | None) -> bool:
    """Whether the net could not learn the images by heart: too small for that, or held back.

    One that could has no reason to settle but its data, where classes may look alike or labels be wrong. Where its size
    is not known, an accuracy far below half has to do.
    """
    facts, dropout = history.facts, history.settings.dropout
    if facts.parameters is None or facts.n_train is None:
        return facts.chance_loss is not None or (skill is not None and skill <= POOR_SKILL)
    if facts.parameters < facts.n_train:
        return True
    return dropout is not None and dropout >= HEAVY_DROPOUT


def _is_settled(val: list[float], ease: float) -> bool:
    """Whether validation has come to rest, too; a curve that still jumps or falls tells of the rate, not the model."""
    if len(val) < POINTS:
        return True
    fall = -trends.slope(val) * (len(val) - 1) / val[-1] if val[-1] > 0 else 0.0
    return fall <= ease * VAL_STALL and trends.swing(val) <= ease * VAL_SWING


RULE = Rule(
    "underfitting",
    "underfitting",
    "Underfitting: training has settled at a poor level",
    check,
    until=4,
    curves=("train_loss", "train_acc"),
    why=WHY,
    guide="10, 11",
)
