"""`traindeck note RUN TEXT`: keep a note to a run, or say what it is."""

from __future__ import annotations

import argparse

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.errors import EXIT_OK
from training.runs import store
from training.runs.labels import change_labels
from training.runs.lifecycle import view
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    found = store.find_run(arguments.run, arguments.runs_dir)
    if arguments.text:
        change_labels(found.folder, note=" ".join(arguments.text))
    elif arguments.clear:
        change_labels(found.folder, note="")
    now = view(found.folder) or found
    if arguments.json:
        say_json(as_json(now))
    else:
        say(one_line(now.labels.note) or f"{one_line(found.summary.name)} has no note.")
    return EXIT_OK
