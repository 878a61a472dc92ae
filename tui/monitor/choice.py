"""What can be selected in the diagnosis panel: findings and their fixes, in the order in which they stand there."""

from __future__ import annotations

from dataclasses import dataclass

from training.diagnosis.findings import Finding, Fix
from tui.monitor.model import Monitored


@dataclass(frozen=True)
class Choice:
    """A finding, by its label, or the fix of that place among its fixes."""

    label: str
    fix: int | None = None


def choices(run: Monitored) -> list[Choice]:
    """Each finding with its fixes, then the muted findings; without its folder a run cannot be corrected."""
    found: list[Choice] = []
    for finding in run.findings:
        found.append(Choice(finding.label))
        found += [Choice(finding.label, index) for index in range(0 if run.gone else len(finding.fixes))]
    return [*found, *(Choice(finding.label) for finding in run.muted_findings)]


def standing(run: Monitored, selected: Choice | None) -> Choice | None:
    """The selection where it is still there, else its finding, else the worst one: its first fix, if it has any.

    None where there is nothing to select but what is muted.
    """
    found = choices(run)
    if selected in found:
        return selected
    if selected is not None and (whole := Choice(selected.label)) in found:
        return whole
    if not run.findings:
        return None
    worst = Choice(run.findings[0].label)
    return Choice(worst.label, 0) if Choice(worst.label, 0) in found else worst


def moved(run: Monitored, selected: Choice | None, by: int) -> Choice | None:
    """The selection so many lines further down; it stays at the ends."""
    found = choices(run)
    now = standing(run, selected)
    if not found:
        return None
    at = found.index(now) + by if now is not None else min(by, 0)
    return found[max(0, min(at, len(found) - 1))]


def numbered(run: Monitored, number: int) -> Choice | None:
    """The fix with that number, from 1."""
    fixes = [choice for choice in choices(run) if choice.fix is not None]
    return fixes[number - 1] if 0 < number <= len(fixes) else None


def finding_of(run: Monitored, choice: Choice | None) -> Finding | None:
    """The finding that is selected, or whose fix is."""
    return run.curves.findings.get(choice.label) if choice else None


def fix_of(run: Monitored, choice: Choice | None) -> Fix | None:
    """The fix that is selected."""
    finding = finding_of(run, choice)
    if finding is None or choice is None or choice.fix is None or choice.fix >= len(finding.fixes):
        return None
    return finding.fixes[choice.fix]
