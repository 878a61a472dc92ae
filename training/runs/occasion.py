"""What is worth telling of a run to somebody who is not looking at it, in a line and a few words more."""

from __future__ import annotations

from dataclasses import dataclass

from training.figures import duration, loss, percent
from training.runs.lifecycle import RunView
from training.text import one_line

MARKS = {"finished": "✓", "stopped": "■", "failed": "✗", "crashed": "✗"}
MOST_CHARACTERS = 1000


@dataclass(frozen=True)
class Occasion:
    """An end of a run, or a critical finding in it. All texts are one line, free of control characters."""

    event: str
    """`finished`, `stopped`, `failed`, `crashed`, `finding` or `test`."""
    title: str
    """Such as `✗ my run crashed`."""
    detail: str


def of_end(run: RunView) -> Occasion | None:
    """How a run ended; None for one that goes on, or of which nobody knows."""
    if run.state not in MARKS:
        return None
    name = one_line(run.summary.name)
    detail = (
        how_far(run) if run.state == "finished" else f"{run.detail}; {how_far(run)}" if run.detail else how_far(run)
    )
    return Occasion(run.state, f"{MARKS[run.state]} {name} {run.state}", _cut(detail))


def of_finding(name: str, title: str, evidence: str) -> Occasion:
    """A critical finding in the run of that name."""
    return Occasion("finding", _cut(f"✗ {one_line(name)}: {title}"), _cut(evidence))


def how_far(run: RunView) -> str:
    """Epochs, time, the best values, and what is wrong with it, as far as known."""
    summary = run.summary
    planned = f" of {summary.epochs}" if summary.epochs else ""
    parts = [f"epoch {summary.epoch}{planned} after {duration(run.seconds)}"]
    if summary.best_val_loss is not None:
        at = f" (epoch {summary.best_epoch})" if summary.best_epoch else ""
        parts.append(f"best val loss {loss(summary.best_val_loss)}{at}")
    if summary.best_val_acc is not None:
        parts.append(f"best val acc {percent(summary.best_val_acc)}")
    parts += [finding.title for finding in run.findings[:3]]
    return ", ".join(parts)


def _cut(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
