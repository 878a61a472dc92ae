"""One line on how a run does, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from training.diagnosis import chance, trends
from training.diagnosis.findings import Finding
from training.diagnosis.history import History
from training.diagnosis.rules.rule import count, figure, percent
from training.diagnosis.series import Series

WINDOW = 5
SETTLED = 0.03
BAD_ENDS = ("failed", "crashed")


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
    epochs = count(len(history.train_loss) or history.epoch, "epoch")
    state = f"Healthy{'' if ended else ' so far'}, {epochs}"
    if chance.is_guess(history):
        state = f"No finding in {epochs}, and no better than guessing"
    if ended.startswith(BAD_ENDS):
        how = ended.replace(":", ",", 1)
        found = "nothing serious" if findings else "no finding"
        state = f"The run {how}; {found} in its curves up to epoch {history.epoch}"
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
    """Where the last WINDOW values go; level where they move less than SETTLED, or than twice their noise."""
    recent = series.last(WINDOW)
    mean = fmean(recent)
    if len(recent) < 3 or mean <= 0:
        return ""
    change = trends.slope(recent) * (len(recent) - 1) / mean
    if abs(change) <= max(SETTLED, 2 * trends.noise(recent) / mean):
        return " and level"
    return " and falling" if change < 0 else " and rising"
