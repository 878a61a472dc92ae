"""`traindeck archive RUN…`: leave runs out of lists, without removing anything; or bring them back."""

from __future__ import annotations

import argparse

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.errors import EXIT_OK, InvalidInput
from training.runs import store
from training.runs.labels import change_labels
from training.runs.lifecycle import view
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    found = [store.find_run(name, arguments.runs_dir) for name in arguments.runs]
    for one in found:
        if one.live and not arguments.off:
            raise InvalidInput(f"{one_line(one.summary.name)} is {one.state}.", "Archive it once it has ended.")
    for one in found:
        change_labels(one.folder, archived=not arguments.off)
    if arguments.json:
        say_json([as_json(view(one.folder) or one) for one in found])
    else:
        names = ", ".join(one_line(one.summary.name) for one in found)
        what = (
            "back in the lists" if arguments.off else "archived: `traindeck runs --archived` lists archived runs, too"
        )
        say(f"{names} {'is' if len(found) == 1 else 'are'} {what}.")
    return EXIT_OK
