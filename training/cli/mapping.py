"""Logs of other tools on the command line: which words name one, and `--map METRIC=COLUMN` for unusual columns."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.errors import InvalidInput
from training.runs import store
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.text import one_line

MAP_HELP = "what a log of another tool calls a metric, such as val_loss=validation/loss; repeatable"


def add_map(verb: argparse.ArgumentParser) -> None:
    """The option on a verb that takes logs."""
    verb.add_argument("--map", metavar="METRIC=COLUMN", action="append", default=[], dest="names", help=MAP_HELP)


def column_names(options: Sequence[str]) -> dict[str, str]:
    """Our metric → the log's column. Raises InvalidInput for an option of another form, or a metric said twice."""
    names: dict[str, str] = {}
    if not options:
        return names
    from training.foreign.columns import check_metric

    for option in options:
        ours, sign, column = option.partition("=")
        ours, column = ours.strip(), column.strip()
        if not sign or not ours or not column:
            raise InvalidInput(f"--map {one_line(option)}: METRIC=COLUMN is needed.", "As in --map val_loss=valid/ce.")
        check_metric(ours)
        if ours in names:
            raise InvalidInput(f"--map names {ours} twice.", "Keep one of them.")
        names[ours] = column
    return names


def is_log(wanted: str, runs_dir: Path | None = None) -> bool:
    """Whether a word means a log: a file, or a folder that is no run of ours and that no run is called like."""
    # Not pathlib's questions: they raise where a folder above is closed to this user.
    if os.path.isfile(wanted):  # noqa: PTH113
        return True
    if not os.path.isdir(wanted) or view(RunFolder(Path(wanted).absolute())) is not None:  # noqa: PTH112
        return False
    if os.sep in wanted or wanted in (os.curdir, os.pardir):
        return True
    try:
        store.find_run(wanted, runs_dir)
    except InvalidInput:
        return True
    return False


def run_of(wanted: str, runs_dir: Path | None, names: Mapping[str, str]) -> RunView:
    """The run that a word means which is no log. Raises InvalidInput where there is none, or names are given."""
    if os.sep in wanted and not os.path.exists(wanted):  # noqa: PTH110  as above
        raise InvalidInput(f"{one_line(wanted)}: there is no such file or run.", "Check the path.")
    found = store.find_run(wanted, runs_dir)
    if names:
        raise InvalidInput("--map is for logs of other tools.", f"{one_line(wanted)} is a run.")
    return found
