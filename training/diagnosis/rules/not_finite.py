"""`nan`: a loss that is not finite."""

from __future__ import annotations

from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure
from training.diagnosis.series import Series

LEARNED = 0.7

CAUSES = (
    "the learning rate is far too high: the weights overflow",
    "gradients explode",
    "the data hold values that are not finite, or the loss takes log or division of zero",
)
VALIDATION_CAUSES = (
    "the validation data hold values that are not finite",
    "the validation loss takes log or division of zero, or an empty batch",
)

WHY = (
    "Once a weight or a loss is no number, everything computed from it is none either, so nothing that follows in "
    "this run can mend it. Either the steps grew until a value overflowed, or a number that is not finite came in "
    "with the data."
)


def check(history: History, _: bool) -> Evidence | None:
    """Statistic: is the latest train_loss or val_loss finite. Threshold: none; one value is enough.

    A validation loss that is not finite beside a sound training loss points at the validation, not at the training.
    Needs: either loss. Source: UMLAUT (CHI 2021) and every trainer since.
    """
    train, val = history.not_finite["train_loss"], history.not_finite["val_loss"]
    if _latest(train, history.train_loss):
        since = train[-1][0]
        return Evidence(since, _sentence(history, "train", since), 1.0, CAUSES, "critical", variant=_variant(history))
    if _latest(val, history.val_loss):
        since = val[-1][0]
        if not history.train_loss.y:
            return Evidence(since, _sentence(history, "validation", since), 1.0, CAUSES, "critical", variant="start")
        return Evidence(
            since,
            f"The validation loss is not finite since epoch {since}; "
            f"the training loss is sound at {figure(history.train_loss.y[-1])}.",
            0.5,
            VALIDATION_CAUSES,
            title="Validation loss is not finite",
            variant="validation",
        )
    return None


def _latest(stretches: list[tuple[int, int]], series: Series) -> bool:
    """Whether the last value that was logged is not finite; epochs that log none change nothing."""
    return bool(stretches) and (not series.x or stretches[-1][1] > series.x[-1])


def _sentence(history: History, which: str, since: int) -> str:
    series = history.train_loss if which == "train" else history.val_loss
    before = f"; the last finite one was {figure(series.y[-1])} in epoch {series.x[-1]}" if series.y else ""
    return f"The {which} loss is not finite since epoch {since}{before}."


def _variant(history: History) -> str:
    """A run that had learned something broke in mid-run; one that had not was wrong from the start."""
    best, scale = history.best_loss, history.scale
    return "mid_run" if best is not None and scale is not None and best < LEARNED * scale else "start"


RULE = Rule("nan", "loss_diverged", "The loss is not a number", check, curves=("train_loss", "val_loss"), why=WHY)
