"""`es_too_early`: early stopping ended a run that was still getting better."""

from __future__ import annotations

from training.diagnosis import trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure

WINDOW = 4
VAL_FALL = 0.04
TRAIN_FALL = 0.06
NEAR = 1.10
LATE = 0.9
NOISE = 2
SOLVED = 0.978

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
    """Statistic: at the stop, how much the best validation loss and the train loss fell over the last WINDOW epochs.

    Too early: the best by VAL_FALL, the train loss by TRAIN_FALL (Theil–Sen), with more than a tenth of the planned
    epochs to go and an accuracy below SOLVED: above it there is hardly anything left to win. More than NOISE epochs
    after the best, the validation loss has to be NEAR × that still; fewer are a jump that says nothing. Needs: both
    losses, and that the run was stopped early. Source: Prechelt (1998), "Early stopping: but when?"; guide 4, 5;
    curves README.
    """
    planned = history.settings.get("epochs")
    losses, val = history.train_loss, history.val_loss
    if not history.stopped_early or len(val) < WINDOW or (planned is not None and history.epoch >= LATE * planned):
        return None
    if history.val_acc.y and history.val_acc.highest() >= SOLVED:
        return None
    best, before, recent = val.lowest(), val.lowest(before_last=WINDOW - 1), losses.last(WINDOW)
    if best is None or before is None or best.y <= 0:
        return None
    if len(val) - 1 - best.place > NOISE and val.y[-1] > NEAR * best.y:
        return None
    val_fall = 1 - best.y / before.y
    train_fall = -trends.slope(recent) * (len(recent) - 1) / recent[0] if recent and recent[0] > 0 else 0.0
    if val_fall < VAL_FALL or train_fall < TRAIN_FALL:
        return None
    patience = history.settings.get("es_patience")
    waited = f" after a patience of {patience}" if patience is not None else ""
    plan = f" of {planned}" if planned is not None else ""
    return Evidence(
        before.x,
        f"Early stopping ended the run at epoch {history.epoch}{plan}{waited}, while over {count(WINDOW, 'epoch')} the "
        f"best validation loss fell by {100 * val_fall:.0f} %, to {figure(best.y)}, and the train loss by "
        f"{100 * train_fall:.0f} %.",
        1.0,
        CAUSES,
        confidence=0.7,
    )


RULE = Rule(
    "es_too_early",
    "validation_stalled",
    "Early stopping came too early",
    check,
    curves=("val_loss", "train_loss"),
    why=WHY,
    guide="4, 5, 11",
)
