"""`imbalance_collapse`: the net gives up on a rare class."""

from __future__ import annotations

from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure, percent
from training.diagnosis.series import Series

RECALL = 0.06
RATIO = 5.0
STEEP = 20.0
POINTS = 3
PATIENT_POINTS = 6
LEARNED = 0.9
MAJORITY = 0.003
LEAST_MAJORITY = 0.7

CAUSES = (
    "the loss counts every image alike, so that the rare class is worth no effort",
    "too few images of the rare class",
    "the model is too simple to tell the rare class apart",
)
WHY = (
    "Where one class has many times the images of another, always naming the large one is nearly always right: the "
    "loss and the accuracy look fine while one class is never recognised. Weighting the classes makes its mistakes "
    "count."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: validation recall of the weakest class; without it, the distance of the validation accuracy from the
    share of the largest class.

    Collapsed: a recall of RECALL or less for POINTS epochs, PATIENT_POINTS where the largest class has less than STEEP
    × the images of the smallest; once the loss is LEARNED × chance, since a net that has learned nothing yet recognises
    no class in particular. Accuracy alone: within MAJORITY of a largest share of LEAST_MAJORITY. Classes nearer than
    RATIO are no imbalance. Needs: the class ratio; val_recall_min, or val_acc with the largest share. Source: guide 6;
    He & Garcia (2009), "Learning from imbalanced data"; curves README.
    """
    ratio, level = history.facts.class_ratio, history.chance_loss
    if ratio is None or ratio < RATIO:
        return None
    points = 1 if is_open else POINTS if ratio >= STEEP else PATIENT_POINTS
    recalls, losses = history.val_recall_min, history.train_loss
    if losses.y and level is not None and losses.y[-1] > LEARNED * level:
        return None
    if recalls.y:
        weak = recalls.last(points)
        if len(weak) < points or max(weak) > RECALL:
            return None
        seen, since = f"The weakest class has a validation recall of {percent(weak[-1])}", _since(recalls, RECALL)
    else:
        majority, accuracies = history.facts.chance_acc, history.val_acc.last(points)
        if majority is None or majority < LEAST_MAJORITY or len(accuracies) < points:
            return None
        if max(abs(accuracy - majority) for accuracy in accuracies) > MAJORITY:
            return None
        seen = f"Validation accuracy stays at the share of the largest class, {percent(majority)}"
        since = history.val_acc.x[-points]
    span = history.epoch - since + 1
    accuracy = f", while accuracy is {percent(history.val_acc.y[-1])}" if recalls.y and history.val_acc.y else ""
    return Evidence(
        since,
        f"{seen} for {count(span, 'epoch')}{accuracy}; the largest class has {figure(ratio)}× the images of the "
        "smallest.",
        1.0,
        CAUSES,
        confidence=0.9 if recalls.y else 0.6,
    )


def _since(recalls: Series, most: float) -> int:
    """First epoch of the unbroken stretch of such recalls, as far back as they are kept."""
    since = recalls.x[-1]
    for x, y in zip(reversed(recalls.x), reversed(recalls.y), strict=True):
        if y > most:
            break
        since = x
    return since


RULE = Rule(
    "imbalance_collapse",
    "underfitting",
    "A rare class is never recognised",
    check,
    curves=("val_recall_min", "val_acc"),
    why=WHY,
    guide="6",
)
