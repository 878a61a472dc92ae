"""`traindeck fork RUN`: a new run from a checkpoint of another one, with a changed config."""

from __future__ import annotations

import argparse

from training.cli.confirm import confirm
from training.cli.follow import Follower
from training.cli.opening import OpenApp, need_terminal
from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.config import files as config_files
from training.config.patch import apply, parse_overrides
from training.config.problems import ConfigError
from training.errors import EXIT_OK
from training.runs import store
from training.runs.fork import Fork, check_forkable, config_there, find_source
from training.runs.forking import hold
from training.runs.launch import launch
from training.runs.plan import plan
from training.runs.submit import target_of


def run(arguments: argparse.Namespace, open_app: OpenApp) -> int:
    """Exit code 0 for a run that then finished, or was stopped on purpose; 1 for one that failed or crashed."""
    store.check_name(arguments.name)
    found = store.find_run(arguments.run, arguments.runs_dir)
    check_forkable(found)
    fork = Fork(found, find_source(found, arguments.checkpoint), arguments.weights)
    config, text = config_there(found, fork.source)
    if arguments.set:
        config = apply(config, parse_overrides(arguments.set, config.model.kind))
        text = config_files.edit(text, config)
    if arguments.edit:
        need_terminal("traindeck fork --edit", "Change the config by --set KEY=VALUE.")
        return open_app(arguments.runs_dir, None, None, (hold(fork), config, text))
    sentence = fork.sentence(config)
    target = None if arguments.here else target_of(found.folder)
    if config.model.kind == "transfer":
        overwrite("Looking for the backbone and its weights …")
    planned = plan(config, found.folder.path, progress=overwrite, target=target)
    overwrite()
    if planned.problems:
        raise ConfigError(planned.problems)
    if not arguments.json:
        for line in (sentence, *planned.notes):
            say(line)
    confirm(planned, arguments.yes)
    folder = launch(
        text,
        config,
        planned,
        name=arguments.name or fork.name,
        runs_dir=found.folder.path.parent,
        base_dir=found.folder.path,
        fork=fork,
    )
    if arguments.detach or planned.target is not None:
        if arguments.json:
            exact = fork.goes_on(config)
            step = fork.source.label.step if fork.source else 0
            say_json(
                {"id": folder.id, "path": str(folder.path), "parent": found.folder.id, "step": step, "exact": exact}
            )
        else:
            how = "waits in Slurm's queue" if planned.target is not None else f"trains in {folder.path}"
            say(f"{folder.id} {how}; `traindeck watch {folder.id}` shows it.")
        return EXIT_OK
    if not arguments.json:
        say(f"Training {folder.id}; Ctrl+C stops it with a checkpoint.")
    follower = Follower(folder, as_json=arguments.json)
    follower.pass_over()
    return follower.to_the_end()
