"""Findings that follow a learning rate which was set by hand: it is named as their cause, and taken back first."""

from __future__ import annotations

from dataclasses import replace

from training.diagnosis.findings import Fix
from training.diagnosis.history import History
from training.diagnosis.rate_change import RateChange
from training.diagnosis.rules.rule import Evidence

WITHIN = 3
"""Epochs in which a new rate shows what it does; what goes wrong later has other causes, too."""
TIMES = 2.0
"""A rate that was changed by less is not held responsible."""
RAISED = frozenset(
    {"nan", "divergence", "lr_too_high_flat", "vanishing_gradients", "not_learning", "underfitting", "oscillation"}
)
LOWERED = frozenset({"lr_too_low", "not_learning", "underfitting", "plateau"})
"""Labels of the findings that a raised rate, or a lowered one, leads to."""


def note(history: History, step: int, epoch: int, factor: float, rate: float) -> None:
    """A command set the factor on the schedule; `rate` is 0 in a log that does not tell what that came to."""
    known, config = history.rate_changes, history.settings.config
    while known and known[-1].step >= step:  # these steps are done again
        known.pop()
    # The rate of the last epoch is from before the last command, where both came after it.
    later = known and known[-1].epoch > history.epoch
    before = known[-1].rate if later else history.lr.y[-1] if history.lr.y else config.learning_rate
    known.append(RateChange(step, epoch, rate or factor * config.learning_rate, before))


def blamed(label: str, evidence: Evidence, history: History) -> RateChange | None:
    """The newest change of the rate that can have led to this: not after it began, nor long before."""
    if evidence.variant == "validation":
        return None
    for change in reversed(history.rate_changes):
        if change.epoch < evidence.since - WITHIN:
            return None
        step = evidence.since_step
        begun = change.epoch <= evidence.since if step is None else change.step <= step
        raised, lowered = change.rate >= TIMES * change.before, change.before >= TIMES * change.rate
        if begun and ((raised and label in RAISED) or (lowered and label in LOWERED)):
            return change
    return None


def named(evidence: Evidence, change: RateChange | None) -> Evidence:
    """The evidence, with the change that led to it, where one did."""
    if change is None:
        return evidence
    told = f"{evidence.sentence.removesuffix('.')}; {change.sentence}."
    return replace(evidence, sentence=told, causes=(change.sentence, *evidence.causes), by_hand=change)


def taken_back(change: RateChange) -> Fix:
    """What undoes it: a command while the run goes on, else a fork from before it."""
    return Fix(
        title="Go back to the scheduled learning rate",
        effect=f"It trains at the rate of config and schedule, instead of {change.rate:.3g} since step {change.step}.",
        start_from="last",
        live=True,
        undo=True,
    )
