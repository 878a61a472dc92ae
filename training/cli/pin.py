"""`traindeck pin RUN`: keep the weights of a run whatever is cleaned, or no longer."""

from __future__ import annotations

import argparse

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.errors import EXIT_OK
from training.runs import store
from training.runs.lifecycle import view
from training.runs.pin import pin
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    found = store.find_run(arguments.run, arguments.runs_dir)
    pin(found.folder, on=not arguments.off)
    if arguments.json:
        say_json(as_json(view(found.folder) or found))
    elif arguments.off:
        say(f"{one_line(found.summary.name)} is not pinned: `traindeck clean` may remove its weights.")
    else:
        say(f"{one_line(found.summary.name)} is pinned: `traindeck clean` leaves its weights alone.")
    return EXIT_OK
