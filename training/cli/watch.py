"""`traindeck watch RUN`: the app on the monitor of a run, or of a log that another tool writes."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.cli.mapping import column_names, is_log, run_of
from training.cli.opening import OpenApp, need_terminal

NEEDED = ("traindeck watch", "Use `traindeck show RUN`, or `traindeck diagnose LOG`.")


def run(arguments: argparse.Namespace, open_app: OpenApp) -> int:
    """Raises InvalidInput, before a screen opens, where there is nothing that can be read."""
    wanted, names = arguments.run, column_names(arguments.names)
    if is_log(wanted, arguments.runs_dir):
        from training.recording.watching import shadow_of

        with shadow_of(Path(wanted), names) as shadow:
            need_terminal(*NEEDED)
            return open_app(arguments.runs_dir, shadow.path)
    folder = run_of(wanted, arguments.runs_dir, names).folder
    need_terminal(*NEEDED)
    return open_app(folder.path.parent, folder.path)
