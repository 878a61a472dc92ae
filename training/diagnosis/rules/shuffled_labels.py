"""`shuffled_labels`: what the net learns of the training images tells it nothing about others."""

from __future__ import annotations

from training.diagnosis import chance, trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure, percent

POINTS = 6
WINDOW = 9
TREND = 2.2
FALL = 0.002
SHARED = 0.3
ABOVE_CHANCE = 0.09
TIMES_CHANCE = 1.5
LUCK = 0.03
LOWEST_VAL = 0.97
MOST_IMBALANCE = 0.6
PATIENT = 8

CAUSES = (
    "labels do not belong to their images: a list was sorted or shuffled without the other",
    "training and validation number the classes differently",
    "the images do not show what the labels name",
)
WHY = (
    "A net can learn any labels by heart, but only true ones help it with images that it has not seen. Here the "
    "training loss falls steadily while validation has not once been better than guessing, not even at the start, "
    "where an overfitted run is at its best: what is learned is the pairing itself, and the pairing is arbitrary."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: trends of both losses over WINDOW epochs (Mann–Kendall), and how much of the fall they share
    (Theil–Sen); the best validation accuracy of the whole run.

    Shuffled: the train loss falls by TREND (z) and FALL × chance at least, to as much below chance, the validation loss
    by no more than SHARED of that; validation was never better than chance (its loss LOWEST_VAL × chance, its accuracy
    ABOVE_CHANCE over the largest class, or TIMES_CHANCE × it and LUCK); for PATIENT epochs, unless train accuracy has
    left chance. A rate that is too low moves both losses alike; an overfitted run was better than chance once; a class
    of MOST_IMBALANCE hides what is learned. Needs: both losses and the level of chance. Source: Zhang et al. (2017),
    "Understanding deep learning requires rethinking generalization"; curves README.
    """
    level, share = history.chance_loss, history.chance_acc
    train, val = history.train_loss.last(WINDOW), history.val_loss.last(WINDOW)
    if level is None or min(len(train), len(val)) < POINTS or (share is not None and share > MOST_IMBALANCE):
        return None
    lowest, best = history.val_loss.lowest(), history.val_acc.highest()
    if lowest is None or lowest.y < LOWEST_VAL * level or (share is not None and best > _most(share)):
        return None
    if history.train_loss.highest() > 2 * level:  # what came down from an explosion has not learned
        return None
    fall, shared = -trends.slope(train) * (len(train) - 1), -trends.slope(val) * (len(val) - 1)
    if train[-1] > (1 - FALL) * level:  # where the rate falls, the noise around chance does, too
        return None
    if fall < FALL * level or shared > SHARED * fall or (not is_open and -trends.rising(train) < TREND):
        return None
    left = share is not None and bool(history.train_acc.y) and history.train_acc.y[-1] > share + ABOVE_CHANCE
    if history.epoch < PATIENT and not left and not is_open:
        return None
    accuracies = ""
    if history.train_acc.y and history.val_acc.y:
        accuracies = (
            f"; train accuracy {percent(history.train_acc.y[-1])}, the best validation accuracy {percent(best)}"
        )
        accuracies += f" where guessing gives {percent(share)}" if share is not None else ""
    return Evidence(
        history.train_loss.x[-len(train)],
        f"In {count(len(train), 'epoch')} the train loss fell by {figure(fall)}, the validation loss "
        f"{'fell' if shared > 0 else 'rose'} by {figure(abs(shared))} and was never better than {figure(lowest.y)}, "
        f"{chance.reference(history, level)}{accuracies}.",
        1.0,
        CAUSES,
        "critical",
        confidence=0.85 if left else 0.6,
    )


def _most(chance: float) -> float:
    """The accuracy that guessing reaches by luck; with many classes that is a multiple, not a distance."""
    return min(chance + ABOVE_CHANCE, TIMES_CHANCE * chance + LUCK)


RULE = Rule(
    "shuffled_labels",
    "loss_not_decreasing",
    "The labels seem not to belong to their images",
    check,
    after=2,
    until=3,
    curves=("val_loss", "val_acc", "train_loss"),
    why=WHY,
    guide="11",
)
