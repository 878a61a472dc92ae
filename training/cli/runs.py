"""`traindeck runs`: the runs that are known, newest first."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from training.cli.output import say, say_json, table
from training.config.problems import shown
from training.errors import EXIT_OK, InvalidInput
from training.figures import duration, loss, percent
from training.runs import store
from training.runs.lifecycle import RunView
from training.text import one_line

SAYS_WHY = ("crashed", "failed", "silent", "queued")
ROW_CELLS = 100
"""What a row takes where the names allow."""
MOST_CELLS = {"STATE": 40, "FINDING": 60}
LEAST_CELLS = {"STATE": 16, "FINDING": 18}
"""Of a state with its reason, and of a finding; `show` has them whole."""
HEADER = ("RUN", "STATE", "MODEL", "DATA", "EPOCH", "VAL LOSS", "VAL ACC", "TIME", "FINDING")


def run(arguments: argparse.Namespace) -> int:
    check_readable(arguments.runs_dir)
    found = store.all_runs(arguments.runs_dir) if arguments.all else store.list_runs(arguments.runs_dir)
    if arguments.json:
        say_json([as_json(view) for view in found])
        return EXIT_OK
    elsewhere = [] if arguments.all else store.other_live_runs(arguments.runs_dir)
    if found:
        for line in _fitting([_row(view) for view in found]):
            say(line)
    else:
        say(f"No runs in {arguments.runs_dir} yet. Start one with `traindeck train CONFIG`.")
    for view in elsewhere:
        say(f"Going on elsewhere: {view.folder.path}")
    return EXIT_OK


def _fitting(rows: Sequence[Sequence[str]]) -> list[str]:
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


def check_readable(runs_dir: Path) -> None:
    """A folder that is not there yet holds no runs; of one that cannot be read nobody knows. Raises InvalidInput."""
    try:
        os.scandir(runs_dir).close()
    except FileNotFoundError:
        return
    except OSError as error:
        raise InvalidInput(f"{runs_dir}: cannot be read: {error.strerror}.") from error


def as_json(view: RunView) -> dict[str, Any]:
    """A run as a program reads it: the summary, with the state judged now and without the findings that are muted."""
    return {
        **msgspec.to_builtins(view.summary),
        "findings": msgspec.to_builtins(view.findings),
        "muted": sorted(view.muted),
        "path": str(view.folder.path),
        "state": view.state,
        "message": view.detail,
        "pinned": view.pinned,
        "seconds": round(view.seconds, 3),
    }


def _state(view: RunView) -> str:
    state = f"{view.state}, pinned" if view.pinned else view.state
    return f"{state}: {one_line(view.detail)}" if view.state in SAYS_WHY and view.detail else state


def _row(view: RunView) -> tuple[str, ...]:
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
