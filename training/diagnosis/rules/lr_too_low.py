"""`lr_too_low`: the training loss falls, smoothly, and far too slowly to get anywhere."""

from __future__ import annotations

from training.diagnosis import chance, trends
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure, percent

HIGH = 0.85
PER_EPOCH = 0.03
ROUGHNESS = 0.005
SPEEDING = 1.5
PACE = 0.005
EXPLODED = 1.3
POINTS_BELOW_RANGE = 4
POINTS = 8
LOWEST_SKILL = 0.3

CAUSES = (
    "the learning rate is too low",
    "the learning rate is cut too early by its schedule",
    "the model is too simple, or its inputs are not normalised",
)

WHY = (
    "Every step goes the right way and none gets far: the curve is a smooth, nearly straight line just below chance. "
    "A rate that is too high looks flat as well, but jumps about; smoothness is what tells the two apart."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: Theil–Sen slope per epoch of the train loss over its level, and its deviation from a straight line.

    Too low: still HIGH × chance or more, falling by at most PER_EPOCH a epoch, not speeding up, smoother than ROUGHNESS
    × chance (training or validation loss: dropout roughens the first). A rate below the guide's range needs
    POINTS_BELOW_RANGE epochs, any other POINTS. Needs: train_loss. Source: curves README; guide 3 "flat: too low".
    """
    losses, level = history.train_loss, history.scale
    position = history.lr_position_at_highest
    points = POINTS_BELOW_RANGE if position is not None and position < 0 else POINTS
    if level is None or len(losses) < points or (position or 0.0) > 1 or history.lr_rose_within(points):
        return None  # a warm-up is slow on purpose
    if history.chance_loss is None and losses.y[-1] < chance.LOWEST:
        return None
    skill = chance.skill(history)
    if (
        losses.y[-1] < HIGH * level
        or losses.highest() > EXPLODED * level
        or (skill is not None and skill > LOWEST_SKILL)
    ):
        return None
    window = losses.last(points)
    fall = -trends.slope(window) / window[-1]
    if fall > PER_EPOCH or (not is_open and _speeds_up(window)) or not _smooth(history, points, level):
        return None
    if fall < 0 and not is_open:
        return None
    side = (
        f"; the learning rate is {figure(-position)}× below the guide's range"
        if position is not None and position < -1
        else ""
    )
    accuracy = (history.train_acc if history.train_acc.y else history.val_acc).last(1)
    seen = f"; accuracy {percent(accuracy[0])}" if accuracy else ""
    percent_an_epoch = 100 * max(fall, 0.0)
    pace = (
        "it does not fall"
        if percent_an_epoch < 0.005
        else f"it falls smoothly by only {figure(percent_an_epoch)} % an epoch"
    )
    return Evidence(
        losses.x[-points],
        f"Train loss {figure(losses.y[-1])} after {count(history.epoch, 'epoch')}, {chance.reference(history, level)}: "
        f"{pace}{seen}{side}.",
        1.0,
        CAUSES,
        confidence=0.9 if side else 0.6,
    )


def _speeds_up(window: list[float]) -> bool:
    """A slow start that gathers pace is learning: the later half falls SPEEDING times as fast as the earlier one."""
    half = len(window) // 2
    early, late = window[0] - window[half], window[half] - window[-1]
    return late > SPEEDING * max(early, 0.0) and late > PACE * window[0]


def _smooth(history: History, points: int, level: float) -> bool:
    for series in (history.train_loss, history.val_loss):
        window = series.last(points)
        if len(window) == points and trends.detrended_deviation(window) <= ROUGHNESS * level:
            return True
    return False


RULE = Rule(
    "lr_too_low", "loss_not_decreasing", "Learning rate too low: the loss hardly falls", check, why=WHY, guide="3, 11"
)
