"""`traindeck watch RUN`: the app on the monitor of a run, or of a log that another tool writes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from training.cli.mapping import column_names, is_log, run_of
from training.errors import InvalidInput
from training.recording.watching import shadow_of


def run(arguments: argparse.Namespace, open_app: Callable[[Path, Path | None], int]) -> int:
    """Raises InvalidInput, before a screen opens, where there is nothing that can be read."""
    wanted, names = arguments.run, column_names(arguments.names)
    if is_log(wanted, arguments.runs_dir):
        with shadow_of(Path(wanted), names) as shadow:
            _need_terminal()
            return open_app(arguments.runs_dir, shadow.path)
    folder = run_of(wanted, arguments.runs_dir, names).folder
    _need_terminal()
    return open_app(folder.path.parent, folder.path)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(
            "traindeck watch needs a terminal.", "Use `traindeck show RUN`, or `traindeck diagnose LOG`."
        )
