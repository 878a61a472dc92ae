"""`traindeck fetch MODEL`: get the pretrained weights of a backbone, for this host or for one without a connection."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.errors import EXIT_OK
from training.runs.ask import ask

SILENT_SECONDS = 120.0


def run(arguments: argparse.Namespace) -> int:
    """Raises TraindeckError where the weights cannot be had, InvalidInput for a backbone that nobody knows."""
    to = None if arguments.to is None else str(Path(arguments.to).expanduser().absolute())
    found = ask("fetch", {"backbone": arguments.model, "to": to}, progress=overwrite, timeout=SILENT_SECONDS)
    overwrite()
    if arguments.json:
        say_json(found)
        return EXIT_OK
    say(found["path"])
    if found["belongs"] not in ("", found["path"]):
        say(f"Training looks for it at {found['belongs']}; or set model.weights to its path.")
    return EXIT_OK
