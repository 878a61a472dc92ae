"""`overfitting`: the validation loss rises from its minimum while the training loss keeps falling."""

from __future__ import annotations

from training.diagnosis import chance, trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure

RISE = 1.07
HELD_RISE = 1.04
LEAST = 0.05
NOISES = 2.0
GAP = 0.09
HELD_GAP = 0.06
SINCE_MINIMUM = 3
TRAIN_FALL = 0.95
TREND = 1.6
LONGEST = 20

CAUSES = (
    "too little regularisation for the amount of data",
    "the model is too large for the data",
    "training goes on too long",
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: running mean of the validation loss over its minimum, since the minimum; the training loss
    meanwhile.

    Overfitting: RISE × the minimum, by LEAST and by NOISES × the noise of the validation loss, SINCE_MINIMUM
    validations or more after it, the training loss at TRAIN_FALL of what it was there. Accuracies agree by a gap of
    GAP; where there are not two, the rise is a trend by Mann–Kendall (z of TREND over LONGEST points at most), since
    a swinging run comes up from its minimum too. Never the gap alone: dropout, L2 and augmentation offset it. Held by
    HELD_RISE and HELD_GAP. Needs: train_loss and val_loss. Source: Prechelt (1998), "Early stopping: but when?"; Mann
    (1945); curves README.
    """
    smooth, losses = history.val_smooth, history.train_loss
    lowest = smooth.lowest()
    if lowest < 0 or smooth.x[-1] != history.epoch or losses.at(history.epoch) is None:
        return None
    minimum, now = smooth.y[lowest], smooth.y[-1]
    if minimum <= 0 or len(smooth) - 1 - lowest < SINCE_MINIMUM:
        return None
    if now < (HELD_RISE if is_open else RISE) * minimum or now - minimum < LEAST * (0.5 if is_open else 1.0):
        return None
    if not is_open and now - minimum < NOISES * trends.noise(history.val_loss.last(12)):
        return None
    at_minimum = _train_loss_at(history, smooth.x[lowest])
    train_now = min(losses.last(3))
    gap = chance.gap(history)
    if at_minimum is None or train_now > TRAIN_FALL * at_minimum:
        return None
    if gap is not None and gap < (HELD_GAP if is_open else GAP):
        return None
    if gap is None and not is_open and trends.rising(history.val_loss.last(min(len(smooth) - lowest, LONGEST))) < TREND:
        return None
    return Evidence(
        smooth.x[lowest],
        _sentence(history, minimum, now, at_minimum, gap),
        now / minimum,
        CAUSES,
        confidence=0.9 if gap is not None else 0.7,
    )


def _train_loss_at(history: History, epoch: int) -> float | None:
    losses = history.train_loss
    for x, y in zip(reversed(losses.x), reversed(losses.y), strict=True):
        if x <= epoch:
            return y
    return None


def _sentence(history: History, minimum: float, now: float, at_minimum: float, gap: float | None) -> str:
    smooth = history.val_smooth
    place = smooth.x[smooth.lowest()]
    text = (
        f"Validation loss (mean of 3) rose from {figure(minimum)} in epoch {place} to {figure(now)}, "
        f"{figure(now / minimum)}×, "
        f"while the train loss fell from {figure(at_minimum)} to {figure(history.train_loss.y[-1])}"
    )
    return text + (f"; train accuracy is {100 * gap:.0f} points above validation." if gap is not None else ".")


RULE = Rule("overfitting", "overfitting", "Overfitting: validation gets worse while training improves", check, until=3)
