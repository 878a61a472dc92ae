"""A run as a row of Home's table and as the lines of detail under it; a group of runs as the row above them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training.figures import duration, loss, percent, storage
from training.runs.columns import RunColumn
from training.runs.describe import attempt_label, origin_label
from training.runs.disk import DiskUse
from training.runs.lifecycle import RunView
from training.text import one_line
from tui.home.arrangement import DEFAULT_COLUMNS
from tui.home.table_columns import USUAL_COLUMNS
from tui.theme import SEVERITIES, STATES
from tui.widgets.table import Cell, Row

COLUMNS = USUAL_COLUMNS
PIN = "◆"
"""Before the name of a run that no cleaning touches."""
MARK = "●"
"""Before a run that is marked."""
ARCHIVED = "▫"
"""Before the name of a run that is archived."""


def row(
    run: RunView, use: DiskUse | None = None, columns: Sequence[RunColumn] | None = None, marked: bool = False
) -> Row:
    """The cells in the order of the columns, by default of COLUMNS."""
    if columns is None:
        cells = tuple(_USUAL[key](run, use) for key in DEFAULT_COLUMNS)
    else:
        cells = tuple(_cell(run, use, column) for column in columns)
    return Row(run.folder.id, cells, MARK if marked else "")


def _cell(run: RunView, use: DiskUse | None, column: RunColumn) -> Cell:
    usual = _USUAL.get(column.key)
    return usual(run, use) if usual is not None else Cell(column.text(run), "muted")


def _state(run: RunView, _: DiskUse | None) -> Cell:
    symbol, token = STATES.get(run.state, ("?", "warning"))
    return Cell(f"{symbol} {run.state}", token)


def _name(run: RunView, _: DiskUse | None) -> Cell:
    signs = [PIN] * run.pinned + [ARCHIVED] * run.labels.archived
    return Cell(" ".join([*signs, one_line(run.summary.name) or run.folder.id]))


def _epochs(run: RunView, _: DiskUse | None) -> Cell:
    """A run that a script reports need not tell how many are to come."""
    done, planned = run.summary.epoch, run.summary.epochs
    return Cell(f"{done}/{planned}" if planned else str(done or ""))


def _finding(run: RunView, _: DiskUse | None) -> Cell:
    if not run.findings:
        if run.state in ("crashed", "failed"):
            symbol, token = STATES[run.state]
            return Cell(f"{symbol} {_end_in_short(run)}", token)
        if muted := len(run.summary.findings):
            return Cell(f"{muted} muted", "muted")
        return Cell("✓ none", "success") if run.summary.epoch else Cell("")
    worst = run.findings[0]
    symbol, token = SEVERITIES.get(worst.severity, ("!", "warning"))
    return Cell(f"{symbol} {one_line(worst.title)}", token)


def _end_in_short(run: RunView) -> str:
    """What ended a run, in as few words as a narrow column takes."""
    process = run.process
    if process is not None and not process.error:
        if process.out_of_memory:
            return "out of memory"
        if process.signal is not None:
            return f"signal {process.signal}"
        if process.exit_code is not None:
            return f"exit code {process.exit_code}"
    return one_line(run.detail) or run.state


_USUAL: dict[str, Callable[[RunView, DiskUse | None], Cell]] = {
    "state": _state,
    "name": _name,
    "epoch": _epochs,
    "finding": _finding,
    "acc": lambda run, _: Cell(percent(run.summary.best_val_acc)),
    "loss": lambda run, _: Cell(loss(run.summary.best_val_loss)),
    "time": lambda run, _: Cell(duration(run.seconds), "muted"),
    "model": lambda run, _: Cell(one_line(run.summary.model), "muted"),
    "data": lambda run, _: Cell(one_line(run.summary.data), "muted"),
    "size": lambda _, use: Cell(storage(use.total) if use else "", "muted"),
}
"""Cells that say more than a column's value does."""


def detail(run: RunView, use: DiskUse | None = None) -> tuple[str, str]:
    """Two lines on the selected run: what it is, takes and where it stands; what is wrong, or what it came from."""
    summary, labels = run.summary, run.labels
    settings = summary.settings
    what = [f"{one_line(summary.name)}: {run.state}"]
    if run.detail:
        what[0] += f", {one_line(run.detail)}"
    if run.pinned:
        what[0] += ", pinned"
    if labels.archived:
        what[0] += ", archived"
    if use:
        what.append(storage(use.total) + (", weights cleaned" if summary.cleaned and not use.weights else ""))
    what += [one_line(part) for part in (summary.model, summary.data, summary.device) if part]
    if settings:
        what.append(f"{settings.get('optimizer', '')} at {settings.get('learning_rate', '')}")
    if labels.tags:
        what.append(one_line(f"tags: {' '.join(labels.tags)}"))
    more = [one_line(labels.note)] if labels.note else []
    more += [one_line(attempt)] if (attempt := attempt_label(summary)) else []
    more += [
        f"{SEVERITIES.get(found.severity, ('!', ''))[0]} {one_line(found.title)} since epoch {found.since_epoch}"
        for found in run.findings
    ]
    if origin := origin_label(summary):
        more.append(origin)
    return " · ".join(what), " · ".join(more)


def short(path: Path) -> str:
    """A path as a person writes it: relative to home with ~, without control characters."""
    home = Path.home()
    return one_line(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path))
