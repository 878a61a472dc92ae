"""The lines of `traindeck runs`."""

from __future__ import annotations

from collections.abc import Sequence

from training.cli.output import table
from training.config.problems import shown
from training.figures import duration, loss, percent
from training.runs.columns import RunColumn
from training.runs.lifecycle import RunView
from training.text import one_line

SAYS_WHY = ("crashed", "failed", "silent", "queued")
ROW_CELLS = 100
"""What a row takes where the names allow."""
MOST_CELLS = {"STATE": 40, "FINDING": 60}
LEAST_CELLS = {"STATE": 16, "FINDING": 16}
"""Of a state with its reason, and of a finding; `show` has them whole."""
CHOSEN_CELLS = 40
"""Of a cell in a column that was asked for."""
HEADER = ("RUN", "STATE", "MODEL", "DATA", "EPOCH", "BEST LOSS", "BEST ACC", "TIME", "FINDING")

BEST = {"loss": "BEST LOSS", "acc": "BEST ACC"}
"""Headings of the columns `loss` and `acc`: of val_loss and val_acc, which are columns too, the latest is shown."""


def fitting(rows: Sequence[Sequence[str]]) -> list[str]:
    """The table, with what says most in words cut first."""
    for name, least in LEAST_CELLS.items():
        column = HEADER.index(name)
        room = MOST_CELLS[name]
        rows = _cut(rows, column, room)
        wide = max(len(line) for line in table(HEADER, rows))
        used = min(room, max(len(row[column]) for row in rows))
        rows = _cut(rows, column, max(least, used - max(0, wide - ROW_CELLS)))
    return table(HEADER, rows)


def _cut(rows: Sequence[Sequence[str]], column: int, room: int) -> list[list[str]]:
    return [[shown(cell, room) if at == column else cell for at, cell in enumerate(row)] for row in rows]


def row(view: RunView) -> tuple[str, ...]:
    """The cells under HEADER."""
    summary = view.summary
    worst = next(iter(view.findings), None)
    return (
        one_line(summary.name),
        _state(view),
        one_line(summary.model),
        one_line(summary.data),
        f"{summary.epoch}/{summary.epochs}" if summary.epochs else str(summary.epoch),
        loss(summary.best_val_loss),
        percent(summary.best_val_acc),
        duration(view.seconds),
        one_line(f"{worst.severity}: {worst.title}") if worst else "",
    )


def _state(view: RunView) -> str:
    state = view.state + ", pinned" * view.pinned + ", archived" * view.labels.archived
    return f"{state}: {one_line(view.detail)}" if view.state in SAYS_WHY and view.detail else state


def of_columns(views: Sequence[RunView], columns: Sequence[RunColumn]) -> tuple[list[str], list[list[str]]]:
    """Heading and rows of the columns that were asked for; the name comes first where it is none of them."""
    named = any(column.key == "name" for column in columns)
    header = [*([] if named else ["RUN"]), *(BEST.get(column.key, column.key.upper()) for column in columns)]
    rows = [
        [
            *([] if named else [one_line(view.summary.name)]),
            *(shown(column.text(view), CHOSEN_CELLS) for column in columns),
        ]
        for view in views
    ]
    return header, rows
