"""Findings as plain lines that fit into a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from training.diagnosis.findings import Finding
from training.story.changes import Known
from training.story.telling import Remedy, first_shown, since, tell
from training.text import one_line

SYMBOLS = {"critical": "✗", "warning": "!", "info": "·"}
WIDTH = 78
"""Of the lines; whoever prints them may indent them by two."""


def finding_lines(finding: Finding, *, full: bool = True, config: Known = None) -> Iterator[str]:
    """Title and evidence; with `full` also when, how sure, the causes, and the fixes with what they change."""
    story = tell(finding, config=config)
    yield from wrapped(f"{SYMBOLS[finding.severity]} {story.title}, {since(finding)}", 0, 2)
    yield from wrapped(story.evidence, 4)
    if not full:
        return
    yield from wrapped(f"{story.severity}, {story.confidence}, {first_shown(finding)}", 4)
    if story.causes:
        yield from wrapped(f"causes: {'; '.join(story.causes)}", 4, 6)
    for number, remedy in enumerate(story.remedies, 1):
        yield from _remedy_lines(number, remedy)


def resolved_line(finding: Finding, epoch: int) -> str:
    """What is no longer so."""
    return f"✓ resolved: {one_line(finding.title)}, epoch {epoch}"


def _remedy_lines(number: int, remedy: Remedy) -> Iterator[str]:
    start = f" ({remedy.start})" if remedy.start else ""
    yield from wrapped(f"fix {number}: {remedy.title}{start}. {remedy.effect}", 4, 6)
    for line in remedy.lines:
        yield from wrapped(line.text, 8, 10)


def wrapped(text: str, indent: int = 0, later: int | None = None) -> list[str]:
    """The text in lines of at most WIDTH cells; a word that is longer, such as a path, keeps its own."""
    after = " " * (indent if later is None else later)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=after,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [""]
