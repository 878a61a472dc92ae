"""`es_too_early`: early stopping ended a run that was still getting better."""

from __future__ import annotations

from collections.abc import Sequence

from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure
from training.diagnosis.series import Series

WINDOW = 4
GAIN = 0.015
VAL_FALL = 0.04
TRAIN_FALL = 0.06
NEAR = 1.10
LATE = 0.9
NOISE = 2
SOLVED_LOSS = 0.03

CAUSES = (
    "the patience is shorter than the noise of the validation loss",
    "the schedule had no time to lower the learning rate",
    "the validation set is small, and its loss jumps",
)
WHY = (
    "Early stopping counts the epochs since the best validation loss. That loss is a measurement with noise: where "
    "the patience is as short as its ups and downs, a single bad epoch ends a run that was still on its way."
)


def check(history: History, _: bool) -> Evidence | None:
    """Statistic: at the stop, how much the best of either loss fell over the last WINDOW epochs.

    Too early: the train loss by TRAIN_FALL, the validation loss by VAL_FALL or its accuracy up by GAIN, with more than
    a tenth of the planned epochs to go and an accuracy that leaves more than 1.5 × GAIN to win, or without one a loss
    of SOLVED_LOSS × chance: beyond it there is hardly anything left to win. More than NOISE epochs after the best, the
    validation loss has to be NEAR × that still; fewer are a jump that says nothing. Needs: both losses, and that the
    run was stopped early. Source: Prechelt (1998), "Early stopping: but when?"; guide 4, 5; curves README.
    """
    planned = history.settings.get("epochs")
    losses, val = history.train_loss, history.val_loss
    if (
        not history.stopped_early
        or min(len(val), len(losses)) < 2
        or (planned is not None and history.epoch >= LATE * planned)
    ):
        return None
    back = min(WINDOW, len(val), len(losses)) - 1
    if val.x[-1] - val.x[-1 - back] > 2 * back:  # validated so rarely that the window says nothing of the end
        return None
    best, before = val.lowest(), val.lowest(before_last=back)
    if best is None or before is None or best.y <= 0 or _is_solved(history, best.y):
        return None
    gained = _gain(history.val_acc.y, back)
    if len(val) - 1 - best.place > NOISE and val.y[-1] > NEAR * best.y and gained < GAIN:
        return None
    val_fall, train_fall = 1 - best.y / before.y, _fall(losses, back)
    if train_fall < TRAIN_FALL or (val_fall < VAL_FALL and gained < GAIN):
        return None
    patience = history.settings.get("es_patience")
    accuracy = f", and the best validation accuracy rose by {100 * gained:.1f} points" if history.val_acc.y else ""
    moved = f"fell by {100 * val_fall:.0f} %, to" if val_fall >= 0.005 else "stayed at"
    waited = f" after a patience of {patience}" if patience is not None else ""
    plan = f" of {planned}" if planned is not None else ""
    return Evidence(
        before.x,
        f"Early stopping ended the run at epoch {history.epoch}{plan}{waited}, while over "
        f"{count(back + 1, 'epoch')} the best validation loss {moved} {figure(best.y)}, "
        f"the best train loss by {100 * train_fall:.0f} %{accuracy}.",
        1.0,
        CAUSES,
        confidence=0.7,
    )


def _is_solved(history: History, loss: float) -> bool:
    """Whether there is hardly anything left to win: by the accuracy, or by the loss where there is none."""
    if history.val_acc.y:
        return 1 - history.val_acc.highest() <= 1.5 * GAIN
    return history.is_low(loss, SOLVED_LOSS)


def _gain(accuracies: Sequence[float], back: int) -> float:
    """How much the best of the accuracies rose over the last so many epochs."""
    return max(accuracies) - max(accuracies[:-back]) if 0 < back < len(accuracies) else 0.0


def _fall(losses: Series, back: int) -> float:
    """Share by which the lowest value fell over the last so many epochs; a single bad epoch does not hide it."""
    best, before = losses.lowest(), losses.lowest(before_last=back)
    return 1 - best.y / before.y if best is not None and before is not None and before.y > 0 else 0.0


RULE = Rule(
    "es_too_early",
    "validation_stalled",
    "Early stopping came too early",
    check,
    curves=("val_loss", "train_loss"),
    why=WHY,
    guide="4, 5, 11",
)
