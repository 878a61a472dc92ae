"""`traindeck train CONFIG`: launch a run, and follow it in plain lines unless told to detach."""

from __future__ import annotations

import argparse
import sys

from training.cli.configs import read_config
from training.cli.follow import follow
from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.cli.runs import as_json
from training.config.problems import ConfigError
from training.errors import EXIT_FAILED, EXIT_OK, InvalidInput
from training.guide.hints import hints
from training.runs.launch import launch
from training.runs.lifecycle import view
from training.runs.plan import LaunchPlan, plan
from training.runs.store import check_name

GOOD_ENDS = ("finished", "stopped")


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 for a run that finished, or was stopped on purpose; 1 for one that failed or crashed."""
    check_name(arguments.name)
    given = read_config(arguments.config, arguments.set)
    if given.config.model.kind == "transfer":
        overwrite("Looking for the backbone and its weights …")
    planned = plan(given.config, given.base_dir, progress=overwrite)
    overwrite()
    if planned.problems:
        raise ConfigError(planned.problems)
    if not arguments.json:
        for hint in hints(given.config):
            if hint.severity == "warning":
                say(f"! {hint.key}: {hint.message} (guide {hint.guide})")
        for note in planned.notes:
            say(note)
    _confirm(planned, arguments.yes)
    folder = launch(
        given.text,
        given.config,
        planned,
        name=arguments.name,
        runs_dir=arguments.runs_dir,
        base_dir=given.base_dir,
    )
    if arguments.detach:
        if arguments.json:
            say_json({"id": folder.id, "path": str(folder.path)})
        else:
            say(f"Started {folder.id} in {folder.path}; `traindeck watch {folder.id}` shows it.")
        return EXIT_OK
    if not arguments.json:
        say(f"Training {folder.id}; Ctrl+C stops it with a checkpoint.")
    follow(folder, as_json=arguments.json)
    ended = view(folder)
    if ended is None:
        raise InvalidInput(f"{folder.path} was removed while it trained.")
    if arguments.json:
        say_json(as_json(ended))
    return EXIT_OK if ended.state in GOOD_ENDS or ended.live else EXIT_FAILED


def _confirm(planned: LaunchPlan, yes: bool) -> None:
    """Ask what has to be asked; without a terminal to answer on, --yes is the answer."""
    for question in planned.confirm:
        if yes:
            continue
        if not sys.stdin.isatty():
            raise InvalidInput(question, "Say --yes to go on.")
        sys.stdout.write(f"{question} [y/N] ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise InvalidInput("Nothing was launched.")
