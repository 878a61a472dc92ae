"""One line on how a run does, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from training.diagnosis import chance
from training.diagnosis.findings import Finding
from training.diagnosis.history import History, Series
from training.diagnosis.rules.rule import count, figure, percent

SETTLED = 0.02
"""A loss whose last three values are within this share of one another is level."""


def sentence(history: History, findings: Sequence[Finding], ended: str) -> str:
    """The worst finding's title and evidence, or what a healthy run shows; informative findings do not make it ill.

    `ended` is empty while the run goes on, else how it ended: its state, and for a failed one the reason.
    """
    for finding in findings:
        if finding.severity != "info":
            others = len([f for f in findings if f.severity != "info"]) - 1
            more = f" And {count(others, 'other finding')}." if others else ""
            return f"{finding.title}, since epoch {finding.since_epoch}: {finding.evidence}{more}"
    if history.epoch == 0:
        return "Nothing to judge yet: no epoch is complete."
    parts = _numbers(history)
    if not parts:
        return "Nothing to judge: the log holds no loss and no accuracy that traindeck knows."
    state = "Healthy" if ended else "Healthy so far"
    if ended.startswith("failed"):
        state = f"The run {ended.replace(':', ',', 1)}; nothing wrong in its curves"
    return f"{state}: {', '.join(parts)}."


def _numbers(history: History) -> list[str]:
    parts = []
    if history.train_loss.y:
        parts.append(f"train loss {figure(history.train_loss.y[-1])}{_direction(history.train_loss)}")
    if history.val_acc.y:
        parts.append(f"val accuracy {percent(history.val_acc.y[-1])}")
    elif history.val_loss.y:
        parts.append(f"val loss {figure(history.val_loss.y[-1])}")
    gap = chance.gap(history)
    if gap is not None:
        parts.append(f"gap {100 * max(gap, 0.0):.1f} points")
    return parts


def _direction(series: Series) -> str:
    recent = series.last(3)
    if len(recent) < 3 or recent[0] <= 0:
        return ""
    change = recent[-1] / recent[0] - 1
    return " and level" if abs(change) <= SETTLED else " and falling" if change < 0 else " and rising"
