"""What a rule is and what it says: a pure function from the curves so far to evidence, or to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.diagnosis.findings import Issue, Severity
from training.diagnosis.history import History
from training.diagnosis.rate_change import RateChange
from training.diagnosis.writing import count, figure, percent

__all__ = ["Check", "Evidence", "Rule", "count", "figure", "percent"]


@dataclass(frozen=True)
class Evidence:
    """What a rule saw at the last epoch of a history."""

    since: int
    """The epoch in which the trouble began; the stretch to highlight runs from there to now."""
    sentence: str
    size: float
    """How bad it is, in the rule's own unit; a notable move of it makes a finding worth saying again."""
    causes: tuple[str, ...]
    severity: Severity = "warning"
    confidence: float = 1.0
    title: str = ""
    """Overrides the rule's title."""
    variant: str = ""
    """Which of a rule's stories it is, where the fixes differ."""
    since_step: int | None = None
    curves: tuple[str, ...] = ()
    """The metrics that show it, the plainest first; those of the rule where it names none."""
    by_hand: RateChange | None = None
    """The change of the learning rate that led to it."""


Check = Callable[[History, bool], Evidence | None]
"""(curves so far, whether this finding is open) → evidence; open findings may be held by a looser threshold."""


@dataclass(frozen=True)
class Rule:
    """A check with its place in the guide; `after` epochs in a row open a finding, `until` quiet ones resolve it."""

    label: str
    issue: Issue
    title: str
    check: Check
    after: int = 1
    until: int = 2
    curves: tuple[str, ...] = ("train_loss",)
    why: str = ""
    """What goes on in such a run, for a reader who has not met it: the middle of the finding's full story."""
    guide: str = "11"
    """The sections of the guide that say so."""
    from_facts: bool = False
    """Whether the facts alone may show it: then it is asked before the first step, too."""
