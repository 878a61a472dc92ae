"""`val_noisy`: the validation set is too small for its curve to be read."""

from __future__ import annotations

import math
from itertools import pairwise

from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure, percent
from training.diagnosis.rules.stories import BORNE

POINTS = 5
WINDOW = 8
TURNS = 2
STEP = 0.035
TRAIN_SHARE = 1.8
SMALL = 50
FEW_FOR_A_START = 30
LARGEST_GRID = 60
ON_GRID = 0.02
DISTINCT = 3
WHOLE_PERCENT = 1e-6
LOOKBACK = 20

CAUSES = (
    "the validation set is too small",
    "batch norm statistics lag behind the weights",
)
WHY = (
    "An accuracy counted on n images has a standard error of sqrt(p (1 - p) / n): 10 points at 20 images and 80 % "
    "right. Ups and downs of that size say nothing about the net, yet early stopping, the schedule and the choice of "
    "the best epoch all follow them."
)


def check(history: History, _: bool) -> Evidence | None:
    """Statistic: the number of validation images; standard deviation of the epoch-to-epoch changes of val_acc, against
    that of train_acc.

    The number is that of the facts, or shows in the accuracies: of n images they are multiples of 1 / n, so the
    smallest n up to LARGEST_GRID on which DISTINCT values lie (within ON_GRID of the spacing, finer than they are
    rounded) is taken. Few: SMALL at most. It is worth a warning once it shows: changes of STEP or more and TRAIN_SHARE
    × those of the training accuracy, over POINTS to WINDOW epochs, with TURNS turns. From more images such a curve
    tells of the net (batch norm, the learning rate), not of the set. Needs: n_val or val_acc. Source: binomial error of
    an accuracy; curves README.
    """
    images = history.facts.n_val or _images(history)
    if images is None or images > SMALL:
        return None
    val, train = history.val_acc.last(WINDOW), history.train_acc.last(WINDOW)
    moves, train_moves = _deviation_of_changes(val), _deviation_of_changes(train)
    shows = len(val) >= POINTS and moves >= STEP and moves >= TRAIN_SHARE * train_moves and _turns(val) >= TURNS
    if not shows and (images > FEW_FOR_A_START or len(val) >= POINTS):
        return None
    if not shows:
        share = figure(100 / images)
        return Evidence(
            0,
            f"Validation has {count(images, 'image')}: one of them is {share} points of accuracy.",
            0.0,
            CAUSES[:1],
            "info",
            confidence=0.6,
            variant=BORNE,
            title=f"Few validation images: {images}",
        )
    now = history.val_acc.y[-1]
    against = f", training accuracy by {100 * train_moves:.1f}" if len(train) >= POINTS else ""
    return Evidence(
        history.val_acc.x[-len(val)],
        f"Validation accuracy of {count(images, 'image')} moves by {100 * moves:.1f} points from epoch to epoch"
        f"{against}; the last one is {percent(now)}, give or take "
        f"{figure(100 * math.sqrt(max(now * (1 - now), 0.25 / images) / images))} points.",
        1.0,
        CAUSES,
        confidence=0.9,
    )


def _images(history: History) -> int | None:
    """How many images the accuracies were counted on, as far as the values tell."""
    values = {y for y in history.val_acc.last(LOOKBACK) if 0 < y < 1}
    if len(values) < DISTINCT or all(abs(100 * y - round(100 * y)) < WHOLE_PERCENT for y in values):
        return None  # whole percents may be no more than rounded
    for images in range(2, LARGEST_GRID + 1):
        places = {round(y * images) for y in values}
        if len(places) >= DISTINCT and all(abs(y * images - round(y * images)) <= ON_GRID for y in values):
            return images
    return None


def _turns(values: list[float]) -> int:
    """How often the curve turns; epochs that repeat a value are no turn, and are many on a coarse grid."""
    moves = [b - a for a, b in pairwise(values) if a != b]
    return sum(a * b < 0 for a, b in pairwise(moves))


def _deviation_of_changes(values: list[float]) -> float:
    changes = [b - a for a, b in pairwise(values)]
    if not changes:
        return 0.0
    mean = sum(changes) / len(changes)
    return math.sqrt(sum((change - mean) ** 2 for change in changes) / len(changes))


RULE = Rule(
    "val_noisy",
    "validation_stalled",
    "Validation is too noisy to be read",
    check,
    until=8,
    curves=("val_acc", "val_loss"),
    why=WHY,
    from_facts=True,
)
