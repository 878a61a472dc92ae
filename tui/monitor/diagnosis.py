"""The diagnosis panel: what is wrong, since when, on what evidence, and what to change, with a key for each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from training.diagnosis.findings import Finding
from training.story.telling import since
from training.text import one_line
from tui.monitor.choice import Choice
from tui.monitor.model import Monitored
from tui.monitor.status import STYLE_OF_TOKEN
from tui.monitor.verdict import muted_rows, resolved_rows, verdict_rows, warning_rows
from tui.theme import SEVERITIES
from tui.widgets.rows import Row, fit, width_of, wrap

KEYS = 9
"""Fixes from the first on that have a digit of their own."""


@dataclass(frozen=True)
class Detail:
    """How much of each finding is shown."""

    causes: int
    effects: bool
    others: bool
    """Whether findings after the first show their evidence and causes, too."""
    cut: bool = False
    """Whether fixes, and the titles of findings after the first, are cut at the end of the line."""


LEVELS = (
    Detail(causes=9, effects=True, others=True),
    Detail(causes=9, effects=False, others=True),
    Detail(causes=3, effects=False, others=True),
    Detail(causes=2, effects=False, others=False),
    Detail(causes=1, effects=False, others=False),
    Detail(causes=0, effects=False, others=False),
    Detail(causes=0, effects=False, others=False, cut=True),
)


LEAST_ROWS = 4
"""Rows that findings keep beside how the run ended, what is muted and what the worker warned of."""


def diagnosis_rows(
    run: Monitored, width: int, height: int, selected: Choice | None, scrolled: int = 0, ending: Sequence[Row] = ()
) -> list[Row]:
    """How the run ended, if that is to be said here, its findings, what is muted, and the worker's last warning.

    As much detail as fits; where the least does not, a window that holds what is selected, moved by `scrolled`. What
    was resolved is said where there is room left.
    """
    title: Row = [("Diagnosis", "title"), *_title_note(run)]
    muted = muted_rows(run, width, selected)
    if not run.findings:
        told = [title, *ending, *verdict_rows(run, width), *muted, *warning_rows(run, width, whole=True)]
        return [*told, *resolved_rows(run, width)[: max(0, height - len(told))]][:height]
    top = [title, *ending][: max(1, height - LEAST_ROWS)]
    bottom = [*muted, *warning_rows(run, width)][: max(0, height - len(top) - LEAST_ROWS)]
    found = _window_of_findings(run, width, max(0, height - len(top) - len(bottom)), selected, scrolled)
    over = resolved_rows(run, width)[: max(0, height - len(top) - len(bottom) - len(found))]
    return [*top, *found, *over, *bottom][:height]


def _window_of_findings(run: Monitored, width: int, room: int, selected: Choice | None, scrolled: int) -> list[Row]:
    # What is only worth knowing does not make a run ill.
    healthy = verdict_rows(run, width) if all(finding.severity == "info" for finding in run.findings) else []
    rows: list[Row] = []
    for level in LEVELS:
        rows, at = _findings(run, width, selected, level)
        rows, at = [*healthy, *rows], at + len(healthy)
        if len(rows) <= room:
            return rows
    start = max(0, min(at - room + 2, len(rows) - room) + scrolled)
    start = max(0, min(start, len(rows) - room))
    shown = rows[start : start + room]
    if shown and start + room < len(rows):
        shown[-1] = [(f"… {len(rows) - start - room + 1} more lines: PgDn", "muted")]
    return shown


def _title_note(run: Monitored) -> Row:
    number = len(run.findings)
    if not number:
        return []
    return [(f"  {number} finding{'s' if number > 1 else ''}, worst first", "muted")]


def _findings(run: Monitored, width: int, selected: Choice | None, detail: Detail) -> tuple[list[Row], int]:
    """All rows, and the index of the row that is selected."""
    rows: list[Row] = []
    at = 0
    numbers = count(1)
    for index, finding in enumerate(run.findings):
        full = index == 0 or detail.others
        if selected == Choice(finding.label):
            at = len(rows)
        heading = _heading(finding, width, selected == Choice(finding.label))
        rows += heading if full or not detail.cut else [fit([*heading[0], ("  …", "muted")], width)]
        if full:
            rows += wrap(one_line(finding.evidence), width, "text", first=[("  ", "text")], indent=2)
            for cause in finding.causes[: detail.causes]:
                rows += wrap(one_line(cause), width, "muted", first=[("  · ", "muted")], indent=4)
        for place, fix in enumerate(() if run.gone else finding.fixes):
            chosen = selected == Choice(finding.label, place)
            if chosen:
                at = len(rows)
            lines = _fix(fix.title, next(numbers), chosen, width)
            rows += lines[:1] if detail.cut else lines
            if detail.effects and fix.effect:
                rows += wrap(one_line(fix.effect), width, "muted", first=[("     ", "text")], indent=5)
    return rows, at


def _heading(finding: Finding, width: int, selected: bool) -> list[Row]:
    symbol, token = SEVERITIES[finding.severity]
    style = STYLE_OF_TOKEN.get(token, token)
    first: Row = [(symbol, style), ("▸" if selected else " ", "key")]
    return wrap(f"{one_line(finding.title)} · {finding.severity} · {since(finding)}", width, style, first, 2)


def _fix(title: str, number: int, selected: bool, width: int) -> list[Row]:
    mark = "▸" if selected else " "
    key = str(number) if number <= KEYS else " "
    rows = wrap(one_line(title), width, "strong" if selected else "text", [(f" {mark}", "key"), (f"{key}  ", "key")], 5)
    return [fit(row, width) for row in rows]


def fix_hint(run: Monitored, width: int) -> Row:
    """One line for screens that show a panel at a time: the worst finding and the key of its fix, or a warning."""
    if not run.findings:
        return next(iter([*warning_rows(run, width), *muted_rows(run, width, None)]), [])
    finding = run.findings[0]
    symbol, token = SEVERITIES[finding.severity]
    style = STYLE_OF_TOKEN.get(token, token)
    key: Row = [(" 1", "key"), (" fix", "text")] if finding.fixes and not run.gone else []
    return [*fit([(f"{symbol} {one_line(finding.title)}", style)], width - width_of(key)), *key]
