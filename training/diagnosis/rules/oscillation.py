"""`oscillation`: the losses swing widely from epoch to epoch; the steps are too large to settle."""

from __future__ import annotations

from statistics import fmean

from training.diagnosis import trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure

WINDOW = 8
REVERSALS = 0.4
SWING = 0.10
DEVIATION = 0.03
VAL_SWING = 0.20
VAL_DEVIATION = 0.06
TRAIN_ALONG = 0.04
VAL_ALONG = 0.04
HOLD = 0.7
CONVERGED = 0.05
PROGRESS = 0.75

CAUSES = (
    "the learning rate is too high to settle",
    "no schedule lowers the learning rate",
    "the batch is too small for this learning rate",
)

WHY = (
    "Near a minimum the useful step is as long as the valley is wide. Longer ones cross from side to side: the loss "
    "goes up and down instead of settling, and the best epoch is a matter of luck. Some noise is normal; this is "
    "more."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: over WINDOW epochs, the share of changes that reverse and the deviation around a straight line over
    the mean.

    Oscillation: REVERSALS and a train swing of SWING (at least DEVIATION), or a validation swing of VAL_SWING (at least
    VAL_DEVIATION) with the training loss swinging along by TRAIN_ALONG: a validation saw-tooth over a smooth train
    curve is another story, and so is a train curve that jumps under a validation that does not (VAL_ALONG): MixUp and
    augmentation do that. A curve whose later half averages less than PROGRESS × its earlier one is still on its way
    down; below CONVERGED × chance it is the noise of a run that is done. Held by HOLD × the swings. Needs: train_loss.
    Source: curves README; AutoTrainer (ICSE 2021) for amplitude over sign changes alone.
    """
    train = history.train_loss.last(WINDOW)
    if len(train) < WINDOW or history.is_low(fmean(train), CONVERGED) or history.lr_fell_within(WINDOW):
        return None
    ease = HOLD if is_open else 1.0
    train_swing, val = trends.swing(train), history.val_loss.last(WINDOW)
    on_train = (
        not _gets_on(train)
        and (len(val) < WINDOW or trends.swing(val) >= VAL_ALONG)
        and trends.reversals(train) >= ease * REVERSALS
        and train_swing >= ease * SWING
        and trends.detrended_deviation(train) >= ease * DEVIATION
    )
    on_val = (
        len(val) == WINDOW
        and not _gets_on(val)
        and trends.reversals(val) >= ease * REVERSALS
        and trends.swing(val) >= ease * VAL_SWING
        and trends.detrended_deviation(val) >= ease * VAL_DEVIATION
        and train_swing >= ease * TRAIN_ALONG
    )
    if not on_train and not on_val:
        return None
    which, values = ("Train", train) if on_train else ("Validation", val)
    return Evidence(
        history.train_loss.x[-WINDOW],
        f"{which} loss swings between {figure(min(values))} and {figure(max(values))} in the last {WINDOW} epochs: "
        f"{100 * trends.swing(values):.0f} % around its trend, "
        f"turning in {100 * trends.reversals(values):.0f} % of them.",
        trends.swing(values),
        CAUSES,
        confidence=0.7,
    )


def _gets_on(window: list[float]) -> bool:
    half = len(window) // 2
    return fmean(window[half:]) < PROGRESS * fmean(window[:half])


RULE = Rule(
    "oscillation",
    "validation_stalled",
    "The loss swings: the learning rate is too high to settle",
    check,
    until=5,
    curves=("train_loss", "val_loss"),
    why=WHY,
    guide="3, 11",
)
