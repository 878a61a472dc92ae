"""`traindeck stop RUN`: end a run with a checkpoint, and wait until it has."""

from __future__ import annotations

import argparse
import time

from training.cli.output import say, say_json
from training.cli.runs import as_json
from training.errors import EXIT_FAILED, EXIT_OK
from training.runs import commands, store
from training.runs.lifecycle import RunView, view
from training.text import one_line

WAIT_SECONDS = 60.0


def run(arguments: argparse.Namespace) -> int:
    """Exit code 1 where the run does not end within a minute."""
    found = store.find_run(arguments.run, arguments.runs_dir)
    if found.live or found.state == "silent":
        commands.send(found.folder, "stop", reason="traindeck stop")
        found = wait_until_over(found, WAIT_SECONDS)
        sentence = f"{one_line(found.summary.name)} is {found.state}."
    else:
        sentence = f"{one_line(found.summary.name)} was {found.state} already."
    if found.live:
        sentence += " It was asked to stop but has not answered yet; `traindeck show` tells when it has."
    if arguments.json:
        say_json(as_json(found))
    else:
        say(sentence)
    return EXIT_FAILED if found.live else EXIT_OK


def wait_until_over(found: RunView, seconds: float) -> RunView:
    """The run as it stands when it is over, or when the time is up."""
    deadline = time.monotonic() + seconds
    while found.live and time.monotonic() < deadline:
        time.sleep(0.1)
        found = view(found.folder) or found
    return found
