"""`traindeck train CONFIG`: launch a run, and follow it in plain lines unless told to detach."""

from __future__ import annotations

import argparse
from dataclasses import replace

from training.cli.configs import data_facts, read_config
from training.cli.confirm import confirm
from training.cli.follow import Follower
from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.config.problems import ConfigError
from training.errors import EXIT_OK, InvalidInput
from training.guide.hints import hints
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.machines import join_command, meeting_place
from training.runs.plan import plan
from training.runs.store import check_name
from training.slurm.place import place
from training.slurm.script import Allocation


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 for a run that finished, or was stopped on purpose; 1 for one that failed or crashed."""
    check_name(arguments.name)
    target = _target(arguments)
    given = read_config(arguments.config, arguments.set)
    if target is None and not arguments.here and given.config.runtime.device != "cpu":
        _keep_off_login_node()
    if given.config.model.kind == "transfer":
        overwrite("Looking for the backbone and its weights …")
    machines, endpoint = _machines(arguments)
    planned = plan(given.config, given.base_dir, progress=overwrite, target=target, machines=machines)
    planned = replace(planned, endpoint=endpoint)
    overwrite()
    if planned.problems:
        raise ConfigError(planned.problems)
    if not arguments.json:
        for hint in hints(given.config, data_facts(given)[0]):
            if hint.severity == "warning":
                say(f"! {hint.key}: {hint.message} (guide {hint.guide})")
        for note in planned.notes:
            say(note)
    confirm(planned, arguments.yes)
    folder = launch(
        given.text,
        given.config,
        planned,
        name=arguments.name,
        runs_dir=arguments.runs_dir,
        base_dir=given.base_dir,
    )
    if target is not None:
        _say_submitted(folder, as_json=arguments.json)
        return EXIT_OK
    if machines > 1 and not arguments.json:
        say(f"On each of the other machines ({machines - 1}): {join_command(folder)}")
    if arguments.detach:
        if arguments.json:
            say_json({"id": folder.id, "path": str(folder.path)})
        else:
            say(f"Started {folder.id} in {folder.path}; `traindeck watch {folder.id}` shows it.")
        return EXIT_OK
    if not arguments.json:
        say(f"Training {folder.id}; Ctrl+C stops it with a checkpoint.")
    return Follower(folder, as_json=arguments.json).to_the_end()


def _target(arguments: argparse.Namespace) -> Allocation | None:
    """What is asked of Slurm. Raises InvalidInput for what only makes sense there."""
    if not arguments.slurm:
        given = next((name for name in ("nodes", "gpus", "time") if getattr(arguments, name) is not None), None)
        if given:
            other = " For machines that you start yourself there is --nnodes." if given == "nodes" else ""
            raise InvalidInput(f"--{given} is for a run that Slurm starts.", f"Add --slurm, or leave it out.{other}")
        return None
    if arguments.here:
        raise InvalidInput("--slurm and --here contradict each other.", "Leave one of them out.")
    return Allocation(arguments.nodes or 1, arguments.gpus or 0, arguments.time or "", tuple(arguments.sbatch_options))


def _machines(arguments: argparse.Namespace) -> tuple[int, str]:
    """How many machines train it without Slurm, and where they meet. Raises InvalidInput."""
    machines: int = arguments.nnodes or 1
    if arguments.slurm and (arguments.nnodes or arguments.rdzv_endpoint):
        raise InvalidInput("Slurm brings its nodes together by itself.", "Say --nodes N instead.")
    if arguments.rdzv_endpoint and machines == 1:
        raise InvalidInput("--rdzv-endpoint is for a run on several machines.", "Add --nnodes N, or leave it out.")
    return machines, meeting_place(arguments.rdzv_endpoint) if machines > 1 else ""


def _keep_off_login_node() -> None:
    """Raises InvalidInput on a host that many share to submit from."""
    if place().login_node:
        raise InvalidInput(
            "This is a login node of a Slurm cluster: it has no GPU, and training would disturb everybody on it.",
            "Submit the run with --slurm (and --gpus N, --time TIME), or train here after all with --here.",
        )


def _say_submitted(folder: RunFolder, *, as_json: bool) -> None:
    """Slurm starts it when there is room, so nobody waits for it here."""
    submitted = view(folder)
    if submitted is None:
        raise InvalidInput(f"{folder.path} was removed since it was submitted.")
    job = submitted.summary.slurm_job
    if as_json:
        say_json({"id": folder.id, "path": str(folder.path), "slurm_job": job})
    else:
        say(f"Submitted {folder.id} as Slurm job {job}; `traindeck watch {folder.id}` shows it.")
        say(f"{submitted.state}: {submitted.detail}" if submitted.detail else submitted.state)
