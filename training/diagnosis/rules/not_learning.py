"""`not_learning`: at chance for so long that it needs saying, with nothing that tells why."""

from __future__ import annotations

from training.diagnosis import chance
from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, count, figure, percent

POINTS = 8
FLAT = 0.03

CAUSES = (
    "the learning rate is too low or too high: neither side shows in the curves",
    "the model is too simple, or its units are dead",
    "inputs are not normalised, or labels do not belong to their images",
)

WHY = (
    "The loss stays at that of guessing, and nothing in the curves tells why: it neither jumps, as under a rate that "
    "is too high, nor falls smoothly, as under one that is too low. The guide's quick check, Adam at 1e-3, separates "
    "the settings from the data: if that does not learn either, look at inputs and labels."
)


def check(history: History, is_open: bool) -> Evidence | None:
    """Statistic: epochs in a row at chance (see chance.py), and the fall of the train loss over them.

    Threshold: POINTS epochs with a fall of at most FLAT. Needs: train_loss.

    The rules that name a cause come first and silence this one. Source: guide 11, `loss_not_decreasing`.
    """
    level = history.scale
    if level is None or not chance.at_chance(history, 1 if is_open else POINTS) or history.lr_rose_within(POINTS):
        return None
    losses = history.train_loss
    recent = losses.last(POINTS)
    if not is_open and 1 - recent[-1] / recent[0] > FLAT:
        return None
    accuracy = (history.train_acc if history.train_acc.y else history.val_acc).last(1)
    seen = f"; accuracy {percent(accuracy[0])}" if accuracy else ""
    return Evidence(
        chance.at_chance_since(history),
        f"Train loss {figure(losses.y[-1])} after {count(history.epoch, 'epoch')}, "
        f"{chance.reference(history, level)}{seen}.",
        1.0,
        CAUSES,
        confidence=0.5,
    )


RULE = Rule("not_learning", "loss_not_decreasing", "The training loss does not fall", check, why=WHY)
