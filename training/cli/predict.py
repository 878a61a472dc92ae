"""`traindeck predict RUN PATH…`: what its checkpoint takes files for."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from training.cli.device import device_environment
from training.cli.output import say, say_json
from training.cli.progress import warn
from training.dataset.listing import shown
from training.errors import EXIT_FAILED, EXIT_OK
from training.figures import percent
from training.runs import store
from training.runs.ask import ask
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Exit code 1 where no file could be read. Raises InvalidInput for a path that is not there."""
    found = store.find_run(arguments.run, arguments.runs_dir)

    def tell(entries: Any) -> None:
        for entry in entries:
            if "why" in entry and arguments.json:
                say_json({"path": entry["path"], "error": one_line(entry["why"])})
            elif "why" in entry:
                warn(f"traindeck: not read: {shown(entry['path'])} ({one_line(entry['why'])})")
            elif arguments.json:
                say_json(entry)
            else:
                say(_line(entry))

    counts = ask(
        "predict",
        {
            "run": str(found.folder.path),
            "checkpoint": arguments.checkpoint,
            "paths": arguments.paths,
            "top": arguments.top,
            "environment": device_environment(found),
        },
        progress=tell,
    )
    return EXIT_OK if counts["unreadable"] < counts["files"] else EXIT_FAILED


def _line(entry: Mapping[str, Any]) -> str:
    likely = [f"{one_line(guess['class'])}  {percent(guess['probability'])}" for guess in entry["top"]]
    return "  ".join([shown(entry["path"]), *likely])
