"""`traindeck runs`: the runs that are known, newest first; filtered, sorted and grouped as Home does it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from training.cli.output import say, say_json, table
from training.cli.runs_table import fitting, of_columns, row
from training.errors import EXIT_OK, InvalidInput
from training.runs import store
from training.runs.columns import RunColumn, RunColumns
from training.runs.lifecycle import RunView
from training.runs.query import parse


def run(arguments: argparse.Namespace) -> int:
    check_readable(arguments.runs_dir)
    found = store.all_runs(arguments.runs_dir) if arguments.all else store.list_runs(arguments.runs_dir)
    columns = RunColumns(found)
    shown = _chosen(found, columns, arguments)
    picked = [columns.find(name) for name in arguments.columns.split(",") if name] if arguments.columns else []
    if arguments.group:
        from training.cli import runs_groups

        groups = runs_groups.groups_of(shown, columns, arguments.group)
    if arguments.json:
        listed = [one_json(view, picked) for view in shown]
        say_json(runs_groups.as_json(groups, picked) if arguments.group else listed)
        return EXIT_OK
    elsewhere = [] if arguments.all else store.other_live_runs(arguments.runs_dir)
    if shown:
        lines = table(*of_columns(shown, picked)) if picked else fitting([row(view) for view in shown])
        for line in runs_groups.between(groups, shown, lines) if arguments.group else lines:
            say(line)
    elif found and not arguments.filter and not arguments.minus_words:
        say(f"All {len(found)} runs in {arguments.runs_dir} are archived: --archived lists them.")
    elif found:
        say(f"None of the {len(found)} runs in {arguments.runs_dir} matches.")
    else:
        say(f"No runs in {arguments.runs_dir} yet. Start one with `traindeck train CONFIG`.")
    for view in elsewhere:
        say(f"Going on elsewhere: {view.folder.path}")
    return EXIT_OK


def _chosen(found: Sequence[RunView], columns: RunColumns, arguments: argparse.Namespace) -> list[RunView]:
    """Those that the filter asks for, in the order that is asked for. Raises InvalidInput for a term or a key."""
    wanted = parse(" ".join([*arguments.filter, *arguments.minus_words]), columns)
    if wanted.problems:
        raise InvalidInput("\n".join(wanted.problems))
    archived_too = arguments.archived or "archived" in wanted.keys
    shown = [view for view in found if wanted.matches(view) and (archived_too or not view.labels.archived)]
    if arguments.sort:
        from training.runs.grouping import in_order

        return in_order(shown, columns.find(arguments.sort), arguments.reverse)
    return shown[::-1] if arguments.reverse else shown


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
        **msgspec.to_builtins(view.labels),
        "seconds": round(view.seconds, 3),
    }


def one_json(view: RunView, picked: Sequence[RunColumn]) -> dict[str, Any]:
    """The columns that were asked for; without any, all of `as_json`."""
    if not picked:
        return as_json(view)
    return {"path": str(view.folder.path), **{column.key: column.value(view) for column in picked}}
