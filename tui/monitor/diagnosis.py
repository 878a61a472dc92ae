"""The diagnosis panel: what is wrong, since when, on what evidence, and what to change, with a key for each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from training.diagnosis.findings import Finding
from training.text import one_line
from tui.monitor.model import Monitored
from tui.monitor.status import STYLE_OF_TOKEN
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
"""Rows that findings keep beside how the run ended."""


def diagnosis_rows(
    run: Monitored, width: int, height: int, selected: int, scrolled: int = 0, ending: Sequence[Row] = ()
) -> list[Row]:
    """How the run ended, if that is to be said here, then its findings, and the last warning of the worker.

    As much detail as fits; where the least does not, a window that holds the selected fix, moved by `scrolled`.
    """
    title: Row = [("Diagnosis", "title"), *_title_note(run)]
    if not run.findings:
        return [title, *ending, *verdict_rows(run, width), *warning_rows(run, width, whole=True)][:height]
    top = [title, *ending][: max(1, height - LEAST_ROWS)]
    bottom = warning_rows(run, width) if height - len(top) > LEAST_ROWS else []
    found = _window_of_findings(run, width, max(0, height - len(top) - len(bottom)), selected, scrolled)
    return [*top, *found, *bottom][:height]


def _window_of_findings(run: Monitored, width: int, room: int, selected: int, scrolled: int) -> list[Row]:
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


def verdict_rows(run: Monitored, width: int) -> list[Row]:
    """What is said of a run without findings."""
    if run.curves.epoch < 1:
        if run.ended_badly:
            return wrap(
                "The run ended before its first epoch was complete: there are no curves to judge.", width, "muted"
            )
        return wrap("The diagnosis begins after the first epoch.", width, "muted")
    epochs = f"{run.curves.epoch} epoch{'s' if run.curves.epoch > 1 else ''}"
    found = "nothing serious" if run.findings else "no finding"
    if run.ended_badly or run.gone:
        return wrap(f"{found.capitalize()} in its curves up to epoch {run.curves.epoch}.", width)
    message = f"Healthy{' so far' if run.live else ''}: {found} in {epochs}."
    rows = wrap(message, width, "success", first=[("✓ ", "success")], indent=2)
    if best := run.best("val_loss", highest=False):
        behind = run.curves.epoch - best[1]
        when = "is the latest" if behind == 0 else f"was {behind} epoch{'s' if behind > 1 else ''} ago"
        rows += wrap(f"The best validation loss {when}.", width, "muted", first=[("  ", "text")], indent=2)
    return rows


def _findings(run: Monitored, width: int, selected: int, detail: Detail) -> tuple[list[Row], int]:
    """All rows, and the index of the row of the selected fix."""
    rows: list[Row] = []
    at = 0
    numbers = count(1)
    for index, finding in enumerate(run.findings):
        full = index == 0 or detail.others
        heading = _heading(finding, width)
        rows += heading if full or not detail.cut else [fit([*heading[0], ("  …", "muted")], width)]
        if full:
            rows += wrap(one_line(finding.evidence), width, "text", first=[("  ", "text")], indent=2)
            for cause in finding.causes[: detail.causes]:
                rows += wrap(one_line(cause), width, "muted", first=[("  · ", "muted")], indent=4)
        for fix in () if run.gone else finding.fixes:
            number = next(numbers)
            if number - 1 == selected:
                at = len(rows)
            lines = _fix(fix.title, number, number - 1 == selected, width)
            rows += lines[:1] if detail.cut else lines
            if detail.effects and fix.effect:
                rows += wrap(one_line(fix.effect), width, "muted", first=[("     ", "text")], indent=5)
    return rows, at


def _heading(finding: Finding, width: int) -> list[Row]:
    symbol, token = SEVERITIES[finding.severity]
    style = STYLE_OF_TOKEN.get(token, token)
    when = f"since epoch {finding.since_epoch}" if finding.since_epoch else "from the start"
    return wrap(f"{one_line(finding.title)} · {finding.severity} · {when}", width, style, [(f"{symbol} ", style)], 2)


def _fix(title: str, number: int, selected: bool, width: int) -> list[Row]:
    mark = "▸" if selected else " "
    key = str(number) if number <= KEYS else " "
    rows = wrap(one_line(title), width, "strong" if selected else "text", [(f" {mark}", "key"), (f"{key}  ", "key")], 5)
    return [fit(row, width) for row in rows]


def warning_rows(run: Monitored, width: int, *, whole: bool = False) -> list[Row]:
    """The worker's latest warning, and how many there are; on one line unless `whole`."""
    if not run.warnings:
        return []
    number = len(run.warnings)
    text = one_line(run.warnings[-1])
    more: Row = [(f" · {number} warnings", "muted")] if number > 1 else []
    if whole:
        text = f"{text}{more[0][0]}" if more else text
        return wrap(text, width, "warning", first=[("! ", "warning")], indent=2)
    return [[*fit([(f"! {text}", "warning")], width - width_of(more)), *more]]


def fix_hint(run: Monitored, width: int) -> Row:
    """One line for screens that show a panel at a time: the worst finding and the key of its fix, or a warning."""
    if not run.findings:
        return next(iter(warning_rows(run, width)), [])
    finding = run.findings[0]
    symbol, token = SEVERITIES[finding.severity]
    style = STYLE_OF_TOKEN.get(token, token)
    key: Row = [(" 1", "key"), (" fix", "text")] if finding.fixes and not run.gone else []
    return [*fit([(f"{symbol} {one_line(finding.title)}", style)], width - width_of(key)), *key]
