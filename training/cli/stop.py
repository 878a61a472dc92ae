"""`traindeck stop RUN`: end a run with a checkpoint, and wait until it has; or have it end with its epoch."""

from __future__ import annotations

import argparse
import time

from training.cli import tell
from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.errors import EXIT_FAILED, EXIT_OK
from training.runs import store
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.process import read_process
from training.runs.stop import ask_to_stop, last_resort
from training.text import one_line

WAIT_SECONDS = 60.0
ANSWER_SECONDS = 10.0


def run(arguments: argparse.Namespace) -> int:
    """Exit code 1 where the run does not end within a minute, or does not say that it will end with its epoch."""
    if arguments.after_epoch:
        return tell.run(arguments, ("stop-after-epoch",), ANSWER_SECONDS)
    found = store.find_run(arguments.run, arguments.runs_dir)
    if _goes_on(found):
        ask_to_stop(found, "traindeck stop")
        found = wait_until_over(found.folder, WAIT_SECONDS) or found
        sentence = f"{one_line(found.summary.name)} is {found.state}."
    else:
        sentence = f"{one_line(found.summary.name)} was {found.state} already."
    if _goes_on(found):
        sentence += " It was asked to stop but has not answered yet; `traindeck show` tells when it has."
        sentence = f"{sentence} {last_resort(found)}".rstrip()
    if arguments.json:
        say_json(as_json(found))
    else:
        say(sentence)
    return EXIT_FAILED if _goes_on(found) else EXIT_OK


def _goes_on(run: RunView) -> bool:
    """A silent run may move again: it is not over."""
    return run.live or run.state == "silent"


def wait_until_over(folder: RunFolder, seconds: float = WAIT_SECONDS) -> RunView | None:
    """The run as it stands when its processes are gone, or when the time is up."""
    deadline = time.monotonic() + seconds
    while (found := view(folder)) and (_goes_on(found) or _still_ends(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _still_ends(folder: RunFolder) -> bool:
    """Whether the worker has had its last word, but its supervisor has not."""
    record = read_process(folder.process)
    return record is not None and record.ended is None and record.here and record.any_alive
