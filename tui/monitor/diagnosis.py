"""The diagnosis panel: what is wrong, since when, on what evidence, and what to change, with a key for each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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


WHOLE = 99


@dataclass(frozen=True)
class Detail:
    """How much of each finding is shown."""

    causes: int
    effects: bool
    others: bool
    """Whether all findings show their evidence and causes, not only the selected one."""
    cut: bool = False
    """Whether what is not selected is cut at the end of its line."""
    evidence: int = WHOLE
    """Lines of it."""


LEVELS = (
    Detail(causes=9, effects=True, others=True),
    Detail(causes=9, effects=False, others=True),
    Detail(causes=3, effects=False, others=True),
    Detail(causes=2, effects=False, others=False),
    Detail(causes=1, effects=False, others=False),
    Detail(causes=0, effects=False, others=False),
    Detail(causes=0, effects=False, others=False, cut=True),
    Detail(causes=0, effects=False, others=False, cut=True, evidence=2),
    Detail(causes=0, effects=False, others=False, cut=True, evidence=1),
)


@dataclass
class Lines:
    """The rows of all findings."""

    rows: list[Row] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    """For each row, the one with the heading of its finding."""
    selected: int = 0
    """The last row of what is selected."""

    def add(self, rows: Sequence[Row], *, heads: bool = False, selected: bool = False) -> None:
        heading = len(self.rows) if heads or not self.headings else self.headings[-1]
        self.rows += rows
        self.headings += [heading] * len(rows)
        if selected:
            self.selected = len(self.rows) - 1


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
    top = [title, *_at_most(ending, height - LEAST_ROWS - 1, width)]
    bottom = [*muted, *warning_rows(run, width)][: max(0, height - len(top) - LEAST_ROWS)]
    found = _window_of_findings(run, width, max(0, height - len(top) - len(bottom)), selected, scrolled)
    over = resolved_rows(run, width)[: max(0, height - len(top) - len(bottom) - len(found))]
    return [*top, *found, *over, *bottom][:height]


def _window_of_findings(run: Monitored, width: int, room: int, selected: Choice | None, scrolled: int) -> list[Row]:
    # What is only worth knowing does not make a run ill.
    healthy = verdict_rows(run, width) if all(finding.severity == "info" for finding in run.findings) else []
    found = Lines()
    for level in LEVELS:
        found = Lines()
        found.add(healthy)
        _add_findings(found, run, width, selected, level)
        if len(found.rows) <= room:
            return found.rows
    hidden = len(found.rows) - room
    start = max(0, min(found.selected - room + 2, hidden) + scrolled)
    start = max(0, min(start, hidden))
    shown = found.rows[start : start + room]
    if shown and start < hidden:
        shown[-1] = [(f"… {hidden - start + 1} more lines: PgDn", "muted")]
    if len(shown) > 2:  # whose lines these are is said, too
        shown[0] = found.rows[found.headings[start]]
    return shown


def _title_note(run: Monitored) -> Row:
    number = len(run.findings)
    if not number:
        return []
    return [(f"  {number} finding{'s' if number > 1 else ''}, worst first", "muted")]


def _add_findings(found: Lines, run: Monitored, width: int, selected: Choice | None, detail: Detail) -> None:
    unfolded = selected.label if selected and selected.label not in run.muted else run.findings[0].label
    numbers = count(1)
    for finding in run.findings:
        here = selected == Choice(finding.label)
        found.add(_heading(finding, width, here, cut=detail.cut and not here), heads=True, selected=here)
        if finding.label == unfolded or detail.others:
            evidence = wrap(one_line(finding.evidence), width, "text", first=[("  ", "text")], indent=2)
            found.add(_at_most(evidence, detail.evidence, width))
            for cause in finding.causes[: detail.causes]:
                found.add(wrap(one_line(cause), width, "muted", first=[("  · ", "muted")], indent=4))
        for place, fix in enumerate(() if run.gone else finding.fixes):
            here = selected == Choice(finding.label, place)
            found.add(_fix(fix.title, next(numbers), here, width, cut=detail.cut and not here), selected=here)
            if detail.effects and fix.effect:
                found.add(wrap(one_line(fix.effect), width, "muted", first=[("     ", "text")], indent=5))


def _heading(finding: Finding, width: int, selected: bool, *, cut: bool) -> list[Row]:
    symbol, token = SEVERITIES[finding.severity]
    style = STYLE_OF_TOKEN.get(token, token)
    first: Row = [(symbol, style), ("▸" if selected else " ", "key")]
    text = f"{one_line(finding.title)} · {finding.severity} · {since(finding)}"
    return _wrapped(text, width, style, first, 2, cut=cut)


def _fix(title: str, number: int, selected: bool, width: int, *, cut: bool) -> list[Row]:
    mark = "▸" if selected else " "
    key = str(number) if number <= KEYS else " "
    first: Row = [(f" {mark}", "key"), (f"{key}  ", "key")]
    rows = _wrapped(one_line(title), width, "strong" if selected else "text", first, 5, cut=cut)
    return [fit(row, width) for row in rows]


def _wrapped(text: str, width: int, style: str, first: Row, indent: int, *, cut: bool) -> list[Row]:
    return [fit([*first, (text, style)], width)] if cut else wrap(text, width, style, first, indent)


def _at_most(rows: Sequence[Row], number: int, width: int) -> list[Row]:
    """The first so many rows; an ellipsis says that there are more."""
    if len(rows) <= number or number < 1:
        return list(rows[: max(0, number)])
    return [*rows[: number - 1], fit([*rows[number - 1], (" …", "muted")], width)]


def fix_hint(run: Monitored, width: int) -> Row:
    """One line for screens that show a panel at a time: the worst finding and the key of its fix, or a warning."""
    if not run.findings:
        return next(iter([*warning_rows(run, width), *muted_rows(run, width, None)]), [])
    finding = run.findings[0]
    symbol, token = SEVERITIES[finding.severity]
    style = STYLE_OF_TOKEN.get(token, token)
    number = 0 if run.gone else len(finding.fixes)
    keys, word = (f" 1…{min(number, KEYS)}", " fixes") if number > 1 else (" 1", " fix")
    key: Row = [(keys, "key"), (word, "text")] if number else []
    return [*fit([(f"{symbol} {one_line(finding.title)}", style)], width - width_of(key)), *key]
