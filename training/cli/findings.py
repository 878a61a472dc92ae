"""Findings as plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.fields import format_value
from training.diagnosis.findings import Finding

SYMBOLS = {"critical": "✗", "warning": "!", "info": "·"}


def finding_lines(finding: Finding, *, full: bool = True) -> Iterator[str]:
    """Title and evidence; with `full` also the causes, and the fixes with what they change."""
    yield f"{SYMBOLS[finding.severity]} {finding.title}, since epoch {finding.since_epoch}"
    yield f"    {finding.evidence}"
    if not full:
        return
    if finding.causes:
        yield f"    causes: {'; '.join(finding.causes)}"
    for number, fix in enumerate(finding.fixes, 1):
        # Only what fits into a line; a patch of whole layers is told by its title.
        patch = ", ".join(f"{k}={format_value(v)}" for k, v in fix.patch.items() if not isinstance(v, list | tuple))
        yield f"    fix {number}: {fix.title}{f' ({patch})' if patch else ''}. {fix.effect}"
