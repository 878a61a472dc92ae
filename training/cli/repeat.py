"""`traindeck repeat RUN --seeds K`: launch a run again with other seeds, to see how much of its result is chance."""

from __future__ import annotations

import argparse

from training.cli.confirm import ask
from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.errors import EXIT_OK
from training.runs import store
from training.runs.repeat import launch_repeat, plan_repeat
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Returns once all are launched; most of them are then queued. Raises InvalidInput for what cannot be repeated."""
    found = store.find_run(arguments.run, arguments.runs_dir)
    overwrite("Looking at the devices and the data …")
    repeat = plan_repeat(found, arguments.seeds, progress=overwrite)
    overwrite()
    if not arguments.json:
        for note in repeat.notes:
            say(one_line(note))
    ask(repeat.confirm, arguments.yes)
    launched = []
    for folder in launch_repeat(repeat):
        launched.append(folder)
        if not arguments.json:
            say(f"Launched {folder.id}.")
    if arguments.json:
        runs = zip(launched, repeat.seeds, strict=True)
        say_json({"runs": [{"id": run.id, "path": str(run.path), "seed": seed} for run, seed in runs]})
    else:
        names = " ".join(run.id for run in (found.folder, *launched))
        say(f"`traindeck compare {names}` shows what they come to.")
    return EXIT_OK
