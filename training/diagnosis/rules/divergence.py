"""`divergence`: the training loss leaves its own history upwards and does not come back."""

from __future__ import annotations

import math
from itertools import pairwise

from training.diagnosis.history import NEXT_TO_NOTHING, History
from training.diagnosis.rules.rule import Evidence, Rule, figure

RATIO = 3.0
BACK = 0.85
BEGINS = 1.15
LEARNED = 0.7
RUN_UP = 3
BLAST = 10.0
AFTER = 2.0
HALF_WAY = 0.4
LOOKBACK = 100
WORTH_TELLING = 1.5
JUMP = 2.0

CAUSES = (
    "the learning rate is far too high",
    "gradients explode",
    "inputs are not normalised",
)

WHY = (
    "A step that is longer than the loss surface is smooth lands somewhere worse, where the gradient is larger and "
    "the next step longer still. Past a point it no longer comes back: the weights have left the region in which they "
    "knew anything. One batch can start it in mid-run, which is why clipping the gradient comes before a lower rate "
    "there."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: epoch mean of the train loss over the best so far; chance and the untrained net's loss count as one.

    Threshold: RATIO, at a loss of BACK × chance or more: below that a run is still better than guessing and may only
    swing. A gradual growth counts from HALF_WAY × chance on, after RUN_UP rises in a row. It ends when the loss is
    below all of these. An absolute limit (AutoTrainer's 1e3) misses every run that explodes and settles. Where
    validation says at the same epoch that the net is better than guessing, the explosion was over before the epoch was;
    in a first epoch a mean below BLAST × chance is its first steps, unless validation is at AFTER × chance. Needs:
    train_loss alone. Source: curves README, `divergence`.
    """
    losses, scale, best = history.loss, history.scale, history.best_loss
    if not losses.y or scale is None or best is None or best <= 0:
        return None
    now, val = losses.y[-1], history.val_loss.at(history.epoch) if history.train_loss.y else None
    level = now if val is None else min(now, val)
    lost = level >= BACK * scale
    ratio = RATIO if history.train_loss.y else BLAST  # validation alone jumps for other reasons, too
    exploded = now >= ratio * best and lost and not _is_over(history, now, val, scale)
    far = now >= ratio * best and level >= HALF_WAY * scale
    if exploded or (is_open and (lost or far)) or (far and _grows(history)):
        return _evidence(history, now, best, scale)
    return None


def _is_over(history: History, now: float, val: float | None, scale: float) -> bool:
    """Whether the mean of a first epoch is high by its first steps alone, and validation is back at chance."""
    return len(history.loss) == 1 and val is not None and val < AFTER * scale and now < BLAST * scale


def _grows(history: History) -> bool:
    recent = history.loss.last(RUN_UP + 1)
    rising = len(recent) > RUN_UP and all(b > a for a, b in pairwise(recent))
    return rising and not history.lr_fell_within(RUN_UP)


def _evidence(history: History, now: float, level: float, scale: float) -> Evidence:
    losses = history.loss
    lowest = losses.lowest(before_last=1)
    best = lowest if lowest is not None and lowest.y <= LEARNED * scale else None
    base = max(best.y, NEXT_TO_NOTHING * scale) if best else scale
    floor = min(BEGINS * level, BACK * scale)
    name = "Train" if history.train_loss.y else "Validation"
    since, peak, peak_at = history.epoch, now, losses.x[-1]
    for x, y in zip(reversed(losses.x[-LOOKBACK:]), reversed(losses.last(LOOKBACK)), strict=True):
        if y < floor:
            break
        since = x
        if y > peak:
            peak, peak_at = y, x
    before = f"its best, {figure(base)} in epoch {best.x}" if best else f"chance, {figure(base)}"
    blast = f", after a peak of {figure(peak)} in epoch {peak_at}" if peak > WORTH_TELLING * now else ""
    return Evidence(
        since,
        f"{name} loss {figure(now)} is {figure(now / base)}× {before}{blast}{_jump(history, since)}.",
        size(now / base),
        CAUSES,
        "critical",
        title=title(history),
        variant="mid_run" if best else "start",
    )


def _jump(history: History, since: int) -> str:
    """The learning rate's rise just before, where there was one."""
    rates = history.lr
    before, after = rates.upto(since - 1, 1), rates.upto(since, 1)
    if not before or not after or after[0] < JUMP * before[0]:
        return ""
    return f"; the learning rate rose from {figure(before[0])} to {figure(after[0])} in epoch {since}"


def size(ratio: float) -> float:
    """How bad it is: in orders of magnitude, since a loss that explodes moves by a factor every epoch."""
    return 1 + math.log10(max(ratio, 1.0))


def title(history: History) -> str:
    """The rule's title, with its cause where the learning rate lies above the guide's range."""
    position = history.lr_position or 0.0
    return "Training diverged: the learning rate is too high" if position > 1 else ""


RULE = Rule(
    "divergence",
    "loss_diverged",
    "Training diverged",
    check,
    until=1,
    curves=("train_loss", "grad_norm_max"),
    why=WHY,
    guide="3, 11",
)
