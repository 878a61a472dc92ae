"""`divergence`: the training loss leaves its own history upwards and does not come back."""

from __future__ import annotations

from itertools import pairwise

from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure

RATIO = 3.0
RISING_RATIO = 3.0
BACK = 0.85
RUN_UP = 3
HALF_WAY = 0.4

CAUSES = (
    "the learning rate is far too high",
    "gradients explode",
    "inputs are not normalised",
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: epoch mean of the train loss over the best so far; chance and the untrained net's loss count as one.

    Threshold: RATIO, at a loss of BACK × chance or more: below that a run is still better than guessing and may only
    swing. A gradual growth counts from RISING_RATIO on, after RUN_UP rises in a row, at HALF_WAY × chance or more.
    It ends when the loss is below BACK × chance again. An absolute limit (AutoTrainer's 1e3) misses every run that
    explodes and settles. Where validation says at the same epoch that the net is better than guessing, the explosion
    was over before the epoch was. Needs: train_loss alone. Source: curves README, `divergence`.
    """
    losses, scale, best = history.train_loss, history.scale, history.best_loss
    now = losses.at(history.epoch)
    if now is None or scale is None or best is None:
        return None
    val = history.val_loss.at(history.epoch)
    lost = now >= BACK * scale and (val is None or val >= BACK * scale)
    if is_open and lost:
        return _evidence(history, now, best)
    exploded = now >= RATIO * best and lost
    recent = losses.last(RUN_UP + 1)
    growing = len(recent) > RUN_UP and all(b > a for a, b in pairwise(recent))
    if exploded or (
        growing and now >= RISING_RATIO * best and now >= HALF_WAY * scale and not history.lr_fell_within(3)
    ):
        return _evidence(history, now, best)
    return None


def _evidence(history: History, now: float, best: float) -> Evidence:
    losses = history.train_loss
    lowest = losses.lowest(before_last=1)
    scale = history.scale or now
    since = history.epoch
    for x, y in zip(reversed(losses.x), reversed(losses.y), strict=True):
        if y < 1.15 * best:
            break
        since = x
    learned = lowest >= 0 and losses.y[lowest] <= 0.7 * scale
    peak_at = max(range(max(0, len(losses) - 50), len(losses)), key=lambda i: losses.y[i])
    peak = losses.y[peak_at]
    before = (
        f"its best, {figure(losses.y[lowest])} in epoch {losses.x[lowest]}" if learned else f"chance, {figure(scale)}"
    )
    base = losses.y[lowest] if learned else scale
    sentence = f"Train loss {figure(now)} is {figure(now / base)}× {before}"
    if peak > 1.5 * now:
        sentence += f", after a peak of {figure(peak)} in epoch {losses.x[peak_at]}"
    return Evidence(since, sentence + ".", now / base, CAUSES, "critical", variant="mid_run" if learned else "start")


RULE = Rule("divergence", "loss_diverged", "Training diverged", check, until=1)
