"""A run as a row of Home's table, as words to search in, and as the lines of detail under the table; Home's title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from training.figures import duration, loss, percent, storage
from training.runs.describe import attempt_label
from training.runs.disk import DiskUse
from training.runs.lifecycle import RunView
from training.text import one_line
from tui import keymap
from tui.theme import SEVERITIES, STATES
from tui.widgets.table import Cell, Column, Row

COLUMNS = (
    Column("state", "State", 10, 0),
    Column("name", "Run", 11, 0, most=40, cut="middle"),
    Column("epoch", "Epoch", 7, 1, align="right"),
    Column("finding", "Finding", 13, 5, most=44),
    Column("accuracy", "Acc", 7, 2, align="right"),
    Column("loss", "Loss", 7, 4, align="right"),
    Column("seconds", "Time", 8, 3, align="right"),
    Column("model", "Model", 14, 6, most=22),
    Column("data", "Data", 8, 7, most=20),
    Column("size", "Size", 7, 8, align="right"),
)
EMPTY = """\
No runs yet in {folder}.
Press n for a new run, on built-in digits or your own images; f opens a file.
Training goes on without the app: leave with q, look in again any time."""
PIN = "◆"
"""Before the name of a run that no cleaning touches."""


def row(run: RunView, use: DiskUse | None = None) -> Row:
    """The cells in the order of COLUMNS."""
    summary = run.summary
    symbol, token = STATES.get(run.state, ("?", "warning"))
    name = one_line(summary.name) or run.folder.id
    return Row(
        run.folder.id,
        (
            Cell(f"{symbol} {run.state}", token),
            Cell(f"{PIN} {name}" if run.pinned else name),
            Cell(_epochs(summary.epoch, summary.epochs)),
            _finding(run),
            Cell(percent(summary.best_val_acc)),
            Cell(loss(summary.best_val_loss)),
            Cell(duration(run.seconds), "muted"),
            Cell(one_line(summary.model), "muted"),
            Cell(one_line(summary.data), "muted"),
            Cell(storage(use.total) if use else "", "muted"),
        ),
    )


def _epochs(done: int, planned: int) -> str:
    """A run that a script reports need not tell how many are to come."""
    return f"{done}/{planned}" if planned else str(done or "")


def _finding(run: RunView) -> Cell:
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


def words(run: RunView) -> str:
    """Everything of a run that a search looks in, in lower case."""
    summary = run.summary
    parts = [
        run.state,
        "pinned" if run.pinned else "",
        summary.name,
        run.folder.id,
        summary.model,
        summary.data,
        summary.device,
        summary.reason,
        *(f"{finding.issue} {finding.label} {finding.title}" for finding in run.findings),
        *(f"{key}={value}" for key, value in summary.settings.items()),
    ]
    return " ".join(parts).lower()


def matches(run: RunView, search: str) -> bool:
    """Whether a run contains every word of the search, in any case and order."""
    found = words(run)
    return all(word in found for word in search.lower().split())


def detail(run: RunView, use: DiskUse | None = None) -> tuple[str, str]:
    """Two lines on the selected run: what it is, takes and where it stands; what is wrong, or what it came from."""
    summary = run.summary
    settings = summary.settings
    what = [f"{one_line(summary.name)}: {run.state}"]
    if run.detail:
        what[0] += f", {one_line(run.detail)}"
    if run.pinned:
        what[0] += ", pinned"
    if use:
        what.append(storage(use.total) + (", weights cleaned" if summary.cleaned and not use.weights else ""))
    what += [one_line(part) for part in (summary.model, summary.data, summary.device) if part]
    if settings:
        what.append(f"{settings.get('optimizer', '')} at {settings.get('learning_rate', '')}")
    more = [one_line(attempt)] if (attempt := attempt_label(summary)) else []
    more += [
        f"{SEVERITIES.get(found.severity, ('!', ''))[0]} {one_line(found.title)} since epoch {found.since_epoch}"
        for found in run.findings
    ]
    if summary.parent:
        more.append(f"corrects {one_line(summary.parent)}: {one_line(summary.reason)}")
    return " · ".join(what), " · ".join(more)


def title(
    runs_dir: Path, runs: Sequence[RunView], shown: Sequence[RunView], search: str, disk: Mapping[Path, DiskUse]
) -> str:
    """Which folder this is, how many runs it holds, and what the shown ones take once all of them are measured."""
    live = sum(run.live for run in runs)
    count = f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    if search:
        count = f"{len(shown)} of {count} with “{one_line(search)}”"
    uses = [use for run in shown if (use := disk.get(run.folder.path))]
    size = f", {storage(sum(use.total for use in uses))}" if uses and len(uses) == len(shown) else ""
    return f"traindeck  {short(runs_dir)}  {count}{size}" + (f", {live} going on" if live else "")


def drafts_hint(drafts: int) -> str:
    """Behind the title: how many configs were left with changes that are in no file."""
    key = keymap.find("app.drafts").names
    return f"  • {drafts} unsaved draft{'' if drafts == 1 else 's'}: {key}" if drafts else ""


def others_line(others: Sequence[RunView]) -> str:
    """What goes on in other folders; empty where nothing does."""
    if not others:
        return ""
    names = ", ".join(f"{one_line(run.summary.name)} ({short(run.folder.path.parent)})" for run in others[:2])
    more = f" and {len(others) - 2} more" if len(others) > 2 else ""
    return f"▶ {len(others)} elsewhere, o opens: {names}{more}"


def short(path: Path) -> str:
    """A path as a person writes it: relative to home with ~, without control characters."""
    home = Path.home()
    return one_line(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path))
