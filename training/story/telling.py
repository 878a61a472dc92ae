"""The full story of a finding: what, since when, on what evidence, why, what to try, and what became of it.

Data, not text: the story screen, `traindeck diagnose` and its report each lay it out in their own way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from training.diagnosis.findings import SEVERITY_ORDER, Finding, Fix
from training.guide.sections import cited
from training.runs.events import FindingChanged
from training.text import one_line

if TYPE_CHECKING:
    from training.story.changes import ChangeLine, Known

CONFIDENCE = ((0.9, "high"), (0.7, "good"), (0.5, "moderate"), (0.0, "low"))
"""Words for a confidence from that value on."""
STARTS = {
    "scratch": "starts from scratch",
    "best": "can start from the best weights",
    "last": "can start from the last weights",
}
UNDO = "is done live, in the running job; of a run that has ended, as a fork from before the change"
NOW_TOLD = "Now told as:"
"""Marks the evidence of a finding that gave way to a better story; it was not resolved by its numbers."""


@dataclass(frozen=True)
class Moment:
    """When a finding opened, changed or resolved: after that epoch, or within it at that step."""

    epoch: int
    change: Literal["opened", "changed", "resolved"]
    finding: Finding

    @property
    def gave_way(self) -> bool:
        """Whether another finding tells its story from here on."""
        return self.change == "resolved" and NOW_TOLD in self.finding.evidence

    @property
    def text(self) -> str:
        evidence = one_line(self.finding.evidence)
        if self.change == "resolved":
            return evidence[evidence.index(NOW_TOLD) :] if self.gave_way else "resolved: the evidence is gone."
        return f"{self.change}, {self.finding.severity}: {evidence}"


@dataclass(frozen=True)
class Remedy:
    """A fix with what it changes in this run's config; without lines it is advice in words."""

    fix: Fix
    title: str
    effect: str
    start: str
    """Where the corrected run can start from, and whether the running one can be changed live."""
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True)
class Story:
    """A finding, told to the end. Every text is safe to print."""

    finding: Finding
    title: str
    severity: str
    confidence: str
    when: str
    evidence: str
    why: str
    """May be empty: a label of another version of the rules."""
    causes: tuple[str, ...]
    """The likeliest first."""
    remedies: tuple[Remedy, ...]
    guide: tuple[str, ...]
    moments: tuple[Moment, ...]

    @property
    def resolved(self) -> int | None:
        """The epoch after which its evidence was gone; None while it is open."""
        return self.moments[-1].epoch if self.moments and self.moments[-1].change == "resolved" else None


def tell(finding: Finding, moments: Iterable[Moment] = (), config: Known = None) -> Story:
    """The story of a finding; of `moments`, those of its label count."""
    from training.diagnosis.rules import rule_of

    rule = rule_of(finding.label)
    return Story(
        finding,
        one_line(finding.title),
        finding.severity,
        f"{confidence_in_words(finding.confidence)} confidence",
        when(finding),
        one_line(finding.evidence),
        one_line(rule.why) if rule else "",
        tuple(one_line(cause) for cause in finding.causes),
        tuple(_remedy(fix, config) for fix in finding.fixes),
        cited(finding.guide),
        tuple(moment for moment in moments if moment.finding.label == finding.label),
    )


def moments_of(history: Iterable[FindingChanged]) -> list[Moment]:
    """The moments that a run's log tells of."""
    return [Moment(event.epoch, event.change, event.finding) for event in history]


def curves_of(finding: Finding) -> tuple[str, ...]:
    """The metrics that show it; those of its rule for a log of an older version, which named none."""
    if finding.curves:
        return finding.curves
    from training.diagnosis.rules import rule_of

    rule = rule_of(finding.label)
    return rule.curves if rule else ()


def rank(finding: Finding) -> tuple[int, float, int]:
    """Sorts findings: worst first, then the surest, then the latest."""
    return -SEVERITY_ORDER[finding.severity], -finding.confidence, -finding.shown_epoch


def since(finding: Finding) -> str:
    """Such as `since epoch 9`, or `from the start`."""
    return f"since epoch {finding.since_epoch}" if finding.since_epoch > 0 else "from the start"


def when(finding: Finding) -> str:
    """Since when, and when it was first shown."""
    step = f", step {finding.since_step}" if finding.since_step is not None else ""
    return f"{since(finding).capitalize()}{step}; {first_shown(finding)}"


def first_shown(finding: Finding) -> str:
    return (
        f"first shown after epoch {finding.shown_epoch}" if finding.shown_epoch > 0 else "shown before the first step"
    )


def confidence_in_words(confidence: float) -> str:
    return next(word for least, word in CONFIDENCE if confidence >= least or least == 0.0)


def _remedy(fix: Fix, config: Known) -> Remedy:
    start = "" if not fix.patch else STARTS[fix.start_from]
    if fix.undo:
        start = UNDO
    elif fix.live:
        start += "; can be done live, in the running job"
    from training.story.changes import patch_lines

    lines = tuple(patch_lines(fix.patch, config)) if fix.patch else ()
    return Remedy(fix, one_line(fix.title), one_line(fix.effect), start, lines)
