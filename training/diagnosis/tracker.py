"""From evidence, epoch by epoch, to findings that open, change and resolve without flicker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from training.diagnosis.findings import SEVERITY_ORDER, Finding, Fix
from training.diagnosis.rules.rule import Evidence, Rule
from training.diagnosis.rules.stories import explained_by

NOTABLE = 1.5
"""A finding is said again when its size has moved by this factor either way since it was last said."""
STALE = 0.25
"""And when its numbers are this share of the epochs old that there were when it was last said, and at least two
epochs: so the number of times grows with the logarithm of the run's length."""
STALE_EPOCHS = 2

CauseRanker = Callable[[Evidence], tuple[str, ...]]
FixMaker = Callable[[str, Evidence], tuple[Fix, ...]]


@dataclass(frozen=True)
class Change:
    """What happened to a finding."""

    change: Literal["opened", "changed", "resolved"]
    finding: Finding


@dataclass
class _Open:
    finding: Finding
    size: float
    evidence: Evidence
    """The latest."""
    variant: str
    told: int
    """The epoch of its numbers."""
    quiet: int = 0


class Tracker:
    """Which findings are open: opening takes a rule's `after` epochs of evidence, resolving its `until` without."""

    def __init__(self, rules: tuple[Rule, ...], causes: CauseRanker, fixes: FixMaker) -> None:
        self._rules = {rule.label: rule for rule in rules}
        self._causes = causes
        self._fixes = fixes
        self._open: dict[str, _Open] = {}
        self._streak: dict[str, int] = {}

    def is_open(self, label: str) -> bool:
        return label in self._open

    def evidence_of(self, label: str) -> Evidence | None:
        """The latest of an open finding."""
        return self._open[label].evidence if label in self._open else None

    @property
    def open(self) -> list[Finding]:
        """Open findings, worst first, then in the order of the rules."""
        order = list(self._rules)
        found = [entry.finding for entry in self._open.values()]
        return sorted(found, key=lambda f: (-SEVERITY_ORDER[f.severity], order.index(f.label)))

    def told(self, seen: Mapping[str, Evidence]) -> dict[str, str]:
        """Label and variant of the findings that are open or that this evidence opens."""
        told = {label: entry.variant for label, entry in self._open.items()}
        ripe = {label: e.variant for label, e in seen.items() if self._streak.get(label, 0) >= self._rules[label].after}
        return told | ripe

    def update(self, epoch: int, seen: Mapping[str, Evidence], asked: Collection[str] | None = None) -> list[Change]:
        """Take in the evidence of an epoch, or of the rules that were asked alone."""
        asked = self._rules if asked is None else asked
        for label in asked:
            self._streak[label] = self._streak.get(label, 0) + 1 if label in seen else 0
        explained = explained_by(self.told(seen))
        changes = self.give_way(explained)
        for label, rule in self._rules.items():
            if label in explained or label not in asked:
                continue
            if label in self._open:
                changes += self._go_on(rule, epoch, seen.get(label))
            elif label in seen and self._streak[label] >= rule.after:
                changes.append(self.show(label, epoch, seen[label]))
        return changes

    def give_way(self, explained: Mapping[str, str]) -> list[Change]:
        """Resolve the findings that a better story tells; `explained` maps their labels to that story's."""
        changes = []
        for label in [label for label in self._open if label in explained]:
            finding = self._open.pop(label).finding
            told = f"{finding.evidence} Now told as: {self._rules[explained[label]].title}."
            changes.append(Change("resolved", msgspec.structs.replace(finding, evidence=told)))
        return changes

    def show(self, label: str, epoch: int, evidence: Evidence) -> Change:
        """Open a finding."""
        finding = self._finding(self._rules[label], evidence, epoch, epoch)
        self._open[label] = _Open(finding, evidence.size, evidence, evidence.variant, epoch)
        return Change("opened", finding)

    def last_word(self, epoch: int) -> list[Change]:
        """The latest numbers of every open finding, where they are not what was said last."""
        changes = []
        for label, entry in self._open.items():
            finding = self._finding(self._rules[label], entry.evidence, entry.finding.shown_epoch, epoch, entry.finding)
            if finding.evidence != entry.finding.evidence:
                entry.finding, entry.size = finding, entry.evidence.size
                changes.append(Change("changed", finding))
        return changes

    def _go_on(self, rule: Rule, epoch: int, evidence: Evidence | None) -> list[Change]:
        entry = self._open[rule.label]
        if evidence is None:
            entry.quiet += 1
            if entry.quiet < rule.until:
                return []
            del self._open[rule.label]
            return [Change("resolved", entry.finding)]
        entry.quiet, entry.evidence = 0, evidence
        entry.told = min(entry.told, epoch)  # after a resume, epochs come again
        # A finding keeps the worst severity that it had: one that goes back and forth would be news every epoch.
        worse = SEVERITY_ORDER[evidence.severity] > SEVERITY_ORDER[entry.finding.severity]
        graver = worse or evidence.variant != entry.variant
        moved = not 1 / NOTABLE < (evidence.size / entry.size if entry.size else 1.0) < NOTABLE
        stale = epoch - entry.told >= max(STALE_EPOCHS, STALE * entry.told)
        if not graver and not moved and not (stale and evidence.sentence != entry.finding.evidence):
            return []
        entry.finding = self._finding(rule, evidence, entry.finding.shown_epoch, epoch, entry.finding)
        entry.size, entry.variant, entry.told = evidence.size, evidence.variant, epoch
        return [Change("changed", entry.finding)]

    def _finding(self, rule: Rule, seen: Evidence, shown: int, epoch: int, before: Finding | None = None) -> Finding:
        since = seen.since if before is None else min(seen.since, before.since_epoch)
        severity = seen.severity
        if before is not None and SEVERITY_ORDER[before.severity] > SEVERITY_ORDER[severity]:
            severity = before.severity
        if before is not None and before.severity == "info" != severity:
            shown = epoch  # what was only worth knowing is a warning from now on
        return Finding(
            issue=rule.issue,
            label=rule.label,
            title=seen.title or rule.title,
            severity=severity,
            since_epoch=since,
            shown_epoch=shown,
            evidence=seen.sentence,
            stretch=(since, epoch),
            curves=seen.curves or rule.curves,
            guide=rule.guide,
            causes=self._causes(seen),
            fixes=self._fixes(rule.label, seen),
            confidence=seen.confidence,
            since_step=seen.since_step if before is None else before.since_step,
        )
