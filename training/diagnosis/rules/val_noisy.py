"""`val_noisy`: the validation set is too small for its curve to be read."""

from __future__ import annotations

import math
from itertools import pairwise

from training.diagnosis import trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure, percent

WINDOW = 6
STEP = 0.035
TRAIN_SHARE = 2.2
SMALL = 50

CAUSES = (
    "the validation set is too small",
    "batch norm statistics lag behind the weights",
)


def check(history: History, _: bool) -> Evidence | None:
    """Statistic: standard deviation of the epoch-to-epoch changes of val_acc, against that of train_acc.

    Noisy: STEP or more and TRAIN_SHARE × that of the training accuracy, over WINDOW epochs, with two reversals. The
    set's size, where known, gives the expected deviation sqrt(p(1-p)/n); above SMALL images the noise is not the
    set's. Needs: val_acc and train_acc, or n_val. Source: curves README; binomial error of an accuracy.
    """
    val, train = history.val_acc.last(WINDOW), history.train_acc.last(WINDOW)
    size = history.facts.n_val
    if len(val) < WINDOW or len(train) < WINDOW or (size is not None and size > SMALL):
        return None
    moves, train_moves = _deviation_of_changes(val), _deviation_of_changes(train)
    if moves < STEP or moves < TRAIN_SHARE * train_moves or trends.reversals(val) < 2 / (WINDOW - 2):
        return None
    images = f" of {size} images" if size else ""
    return Evidence(
        history.val_acc.x[-WINDOW],
        f"Validation accuracy{images} moves by {100 * moves:.1f} points from epoch to epoch, "
        f"training accuracy by {100 * train_moves:.1f}; the last one is {percent(val[-1])}, give or take "
        f"{figure(100 * math.sqrt(max(val[-1] * (1 - val[-1]), 0.0) / (size or SMALL)))} points.",
        1.0,
        CAUSES,
        "info",
        confidence=0.8 if size else 0.5,
    )


def _deviation_of_changes(values: list[float]) -> float:
    changes = [b - a for a, b in pairwise(values)]
    mean = sum(changes) / len(changes)
    return math.sqrt(sum((change - mean) ** 2 for change in changes) / len(changes))


RULE = Rule("val_noisy", "validation_stalled", "Validation is too noisy to be read", check, until=6)
