"""`overfitting`: the validation loss rises from its minimum while the training loss keeps falling."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from training.diagnosis import chance, trends
from training.diagnosis.history import SMOOTHING, History, Minimum
from training.diagnosis.rules.rule import Evidence, Rule, figure

RISE = 1.04
RISE_OF_LOSSES_ALONE = 1.07
HELD_RISE = 1.02
LEAST = 0.05
NOISES = 2.0
GAP = 0.09
HELD_GAP = 0.06
STILL_BETTER = 0.02
WIDE = 0.2
SINCE_MINIMUM = 3
TRAIN_FALL = 0.95
TREND = 1.6
LONGEST = 20
LEAP = 3.0
BEFORE = 6
NOISE_POINTS = 12

CAUSES = (
    "too little regularisation for the amount of data",
    "the model is too large for the data",
    "training goes on too long",
)

WHY = (
    "From its best epoch on the net improves on the images that it is trained on and gets worse on others: it learns "
    "them by heart. A gap between the accuracies alone is no harm; a validation loss that rises is."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: running mean of the validation loss over its minimum; the training loss since that minimum.

    Overfitting: RISE × the minimum, by LEAST and by NOISES × the noise of the validation loss, SINCE_MINIMUM
    validations or more after it, the training loss at TRAIN_FALL of what it was there; a leap of LEAP × of either loss
    is another story. Accuracies have to agree, since a loss can rise by overconfidence alone: a gap of GAP, and a
    validation accuracy that is not STILL_BETTER than at the minimum, or with a gap of WIDE, than six validations ago.
    Where there are not two, the rise is RISE_OF_LOSSES_ALONE and a trend by Mann–Kendall (z of TREND over LONGEST
    points at most), since a swinging run comes up from its minimum too. Never the gap alone: dropout, L2 and
    augmentation offset it. Held by HELD_RISE, half of LEAST and HELD_GAP. Needs: train_loss and val_loss. Source:
    Prechelt (1998), "Early stopping: but when?"; Mann (1945); curves README.
    """
    smooth, losses, lowest = history.val_smooth, history.train_loss, history.minimum
    if lowest is None or len(smooth) - 1 - lowest.val_loss.place < SINCE_MINIMUM:
        return None
    minimum, now, train_then = lowest.val_loss.y, smooth.y[-1], lowest.train_loss
    if minimum <= 0 or min(losses.last(SMOOTHING)) > TRAIN_FALL * train_then or losses.y[-1] > LEAP * train_then:
        return None
    gap = chance.gap(history)
    agrees = _held(minimum, now, gap) if is_open else _rises(history, minimum, now, gap)
    if not agrees or (not is_open and _leaps(history.val_loss.last(SMOOTHING + 1))):
        return None
    return Evidence(
        lowest.val_loss.x,
        _sentence(history, lowest, now, gap),
        now / minimum,
        CAUSES,
        confidence=0.9 if gap is not None else 0.7,
    )


def _leaps(recent: Sequence[float]) -> bool:
    """Whether the last value is LEAP × the median of those before: a net that blew up, which is another story."""
    return len(recent) > 1 and recent[-1] > LEAP * median(recent[:-1])


def _held(minimum: float, now: float, gap: float | None) -> bool:
    return now >= HELD_RISE * minimum and now - minimum >= LEAST / 2 and (gap is None or gap >= HELD_GAP)


def _rises(history: History, minimum: float, now: float, gap: float | None) -> bool:
    val = history.val_loss
    rise = RISE if gap is not None else RISE_OF_LOSSES_ALONE
    if now < rise * minimum or now - minimum < max(LEAST, NOISES * trends.noise(val.last(NOISE_POINTS))):
        return False
    if gap is None:
        since = len(val) - (history.minimum.val_loss.place if history.minimum else 0)
        return trends.rising(val.last(min(since, LONGEST))) >= TREND
    return gap >= GAP and not _accuracy_still_improves(history, gap)


def _accuracy_still_improves(history: History, gap: float) -> bool:
    """Whether the accuracy is better than at the minimum of the loss; with a WIDE gap, whether it still rises now."""
    lowest, recent = history.minimum, history.val_acc.last(SMOOTHING)
    if gap >= WIDE:
        around = fmean(history.val_acc.last(SMOOTHING + BEFORE)[:SMOOTHING])
    elif lowest is not None and lowest.val_acc is not None:
        around = lowest.val_acc
    else:
        return False
    return fmean(recent) >= around + STILL_BETTER


def _sentence(history: History, lowest: Minimum, now: float, gap: float | None) -> str:
    minimum, place = lowest.val_loss.y, lowest.val_loss.x
    text = (
        f"Validation loss (running mean) rose from {figure(minimum)} in epoch {place} to {figure(now)}, "
        f"{figure(now / minimum)}×, "
        f"while the train loss fell from {figure(lowest.train_loss)} to "
        f"{figure(min(history.train_loss.last(SMOOTHING)))}"
    )
    return text + (f"; train accuracy is {100 * gap:.0f} points above validation." if gap is not None else ".")


RULE = Rule(
    "overfitting",
    "overfitting",
    "Overfitting: validation gets worse while training improves",
    check,
    until=3,
    curves=("val_loss", "train_loss", "val_acc"),
    why=WHY,
    guide="5, 10, 11",
)
