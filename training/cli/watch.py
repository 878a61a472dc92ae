"""`traindeck watch RUN`: the app on the monitor of a run, or of a log that another tool writes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from training.cli.mapping import column_names, is_log
from training.errors import InvalidInput
from training.recording.watching import shadow_of
from training.runs import store
from training.text import one_line


def run(arguments: argparse.Namespace, open_app: Callable[[Path, Path | None], int]) -> int:
    """Raises InvalidInput, before a screen opens, where there is nothing that can be read."""
    wanted, names = arguments.run, column_names(arguments.names)
    if is_log(wanted, arguments.runs_dir):
        with shadow_of(Path(wanted), names) as shadow:
            _need_terminal()
            return open_app(arguments.runs_dir, shadow.path)
    if os.sep in wanted and not os.path.exists(wanted):  # noqa: PTH110
        raise InvalidInput(f"{one_line(wanted)}: there is no such file or run.", "Check the path.")
    found = store.find_run(wanted, arguments.runs_dir)
    if names:
        raise InvalidInput("--map is for logs of other tools.", f"{one_line(wanted)} is a run.")
    _need_terminal()
    return open_app(found.folder.path.parent, found.folder.path)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(
            "traindeck watch needs a terminal.", "Use `traindeck show RUN`, or `traindeck diagnose LOG`."
        )
