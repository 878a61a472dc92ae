"""`traindeck resume RUN`: go on with a run that ended before its time, and follow what is new of it."""

from __future__ import annotations

import argparse
from dataclasses import replace

from training.cli.confirm import confirm
from training.cli.follow import Follower
from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.config.problems import ConfigError
from training.errors import EXIT_OK
from training.runs import store
from training.runs.overrides import in_words
from training.runs.resume import Resumption, look_at, plan_next, resume
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 for a run that then finished, or was stopped on purpose; 1 for one that failed or crashed again.

    Whatever forbids it is InvalidInput, exit code 2, and nothing of the run has changed.
    """
    found = store.find_run(arguments.run, arguments.runs_dir)
    overwrite("Checking the checkpoint and the data …")
    wanted = replace(look_at(found), without_overrides=arguments.without_overrides)
    planned = plan_next(wanted, here=arguments.here, progress=overwrite)
    overwrite()
    if planned.problems:
        raise ConfigError(planned.problems)
    if not arguments.json:
        for line in (*wanted.lines, *planned.notes):
            say(one_line(line))
        if wanted.ahead and not wanted.without_overrides:
            say("`--without-overrides` leaves out what was set by hand.")
    confirm(planned, arguments.yes, refused="The run was left as it is.")
    follower = Follower(found.folder, as_json=arguments.json)
    follower.pass_over()
    folder = resume(wanted, planned)
    if arguments.detach or planned.target is not None:  # Slurm starts it when there is room
        if arguments.json:
            say_json({"id": folder.id, "path": str(folder.path), **as_json(wanted)})
        else:
            how = "waits in Slurm's queue" if planned.target is not None else f"goes on in {folder.path}"
            say(f"{folder.id} {how}; `traindeck watch {folder.id}` shows it.")
        return EXIT_OK
    if not arguments.json:
        say(f"Going on with {folder.id}; Ctrl+C stops it with a checkpoint.")
    return follower.to_the_end()


def as_json(wanted: Resumption) -> dict[str, object]:
    """Where it goes on, for programs."""
    label = wanted.label
    return {
        "checkpoint": wanted.path_name,
        "from_epoch": label.epoch if label else 0,
        "from_step": label.step if label else 0,
        "warnings": list(wanted.warnings),
        "overrides": [in_words(one) for one in wanted.ahead],
        "without_overrides": wanted.without_overrides,
    }
