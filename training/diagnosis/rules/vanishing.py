"""`vanishing_gradients`: nothing is learned because the early layers receive no gradient."""

from __future__ import annotations

from statistics import median

from training.diagnosis import chance
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure

POINTS = 3
RATIO = 0.03
FIRST = 1e-3
HELD = 0.7
HELD_SKILL = 0.3
EXPLODED = 1.3
BEYOND = 2.0

CAUSES = (
    "saturating activations (sigmoid, tanh) in a deep net",
    "units that died at initialisation, or in the first steps at a high learning rate",
    "no normalisation layers in a deep net",
)

WHY = (
    "On its way back through the layers the gradient is multiplied by each layer's slope. Where these are small, as "
    "for saturated sigmoids and units that are always off, the first layers receive next to nothing and stay as they "
    "were initialised, and the last ones learn from noise."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: gradient norm of the first layer over that of the last one, median of POINTS epochs, in a run at
    chance.

    Threshold: a ratio of RATIO or a first-layer norm below FIRST, or chance.DEAD of a ReLU layer silent, for POINTS
    epochs at chance from the first epoch on, without an explosion before: that one kills units too, and then the
    learning rate is the story. Held until the loss is HELD × chance or the skill HELD_SKILL. Needs: grad_norm_first,
    and grad_norm_last for the ratio, or dead_relu. Source: curves README; Glorot & Bengio (2010).
    """
    first, ratio, dead = (series.last(POINTS) for series in (history.grad_first, history.grad_ratio, history.dead_relu))
    level, losses = history.scale, history.train_loss
    weak = len(first) == POINTS and (median(first) < FIRST or (bool(ratio) and median(ratio) <= RATIO))
    if level is None or not losses.y or not (weak or (len(dead) == POINTS and median(dead) >= chance.DEAD)):
        return None
    # A rate above the range kills units as well, and is the simpler story.
    if (history.lr_position_at_highest or 0.0) > BEYOND:
        return None
    lowest, skill = losses.lowest(), chance.skill(history)
    if losses.highest() > EXPLODED * max(level, history.start_loss or 0.0):
        return None
    if is_open:
        if losses.y[-1] < HELD * level or (skill is not None and skill > HELD_SKILL):
            return None
    elif not chance.at_chance(history, POINTS) or (lowest is not None and lowest.y < chance.LOSS * level):
        return None
    against = f", {figure(median(ratio))} of the last layer's" if ratio else ""
    norm = f"; the first layer's gradient norm is {figure(median(first))}{against}" if first else ""
    return Evidence(
        chance.at_chance_since(history),
        f"Train loss {figure(losses.y[-1])} after {count(history.epoch, 'epoch')}, {chance.reference(history, level)}"
        f"{norm}{chance.dead_units(history)}.",
        1.0,
        CAUSES,
        "critical",
        confidence=0.9,
    )


RULE = Rule(
    "vanishing_gradients",
    "loss_not_decreasing",
    "Vanishing gradients: the early layers do not learn",
    check,
    curves=("grad_norm_first", "train_loss"),
    why=WHY,
)
