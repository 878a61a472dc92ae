"""`traindeck tag RUN TAG… -OLD…`: give a run tags, take tags away, or say which it has."""

from __future__ import annotations

import argparse

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.errors import EXIT_OK
from training.runs import store
from training.runs.labels import change_labels, tags_from
from training.runs.lifecycle import view
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    add, remove = tags_from(" ".join([*arguments.tags, *arguments.minus_words]))
    found = store.find_run(arguments.run, arguments.runs_dir)
    labels = change_labels(found.folder, add=add, remove=remove)
    if arguments.json:
        say_json(as_json(view(found.folder) or found))
    else:
        said = one_line(" ".join(labels.tags))
        say(f"{one_line(found.summary.name)} has {f'the tags {said}' if said else 'no tags'}.")
    return EXIT_OK
