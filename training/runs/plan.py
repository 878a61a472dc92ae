"""What a launch would do, before it does it: what stops it, what to ask first, which device, whether it survives."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from training.config.problems import Problem, problem_of
from training.config.schema import TrainingConfig
from training.dataset.scratch import check_usable
from training.dataset.source import list_source
from training.devices.choice import Choice, choose
from training.devices.several import choose_many
from training.errors import InvalidInput, RunFailed, TraindeckError
from training.runs import store
from training.runs.ask import Progress
from training.runs.backbone import backbone_problems, whole_path
from training.runs.lifecycle import RunView
from training.runs.process import processes_of
from training.runs.submit import problems as submission_problems
from training.runs.submit import processes_a_node, target_of
from training.runs.survival import Survival, survival, survival_of_job
from training.slurm.place import place
from training.slurm.script import Allocation, check


@dataclass(frozen=True)
class LaunchPlan:
    """Nothing is launched while there are problems; questions in `confirm` want a yes first."""

    problems: tuple[Problem, ...]
    device: Choice
    survival: Survival
    shares_device: bool = False
    """Whether the child would use the device that its parent trains on."""
    target: Allocation | None = None
    """What Slurm is asked for; None for a run on this machine."""
    machines: int = 1
    """That train it together, each with as many processes as this one."""
    endpoint: str = ""
    """HOST:PORT of this machine where they meet."""

    @property
    def processes(self) -> int:
        """Of all machines."""
        return self.device.processes * self.machines

    @property
    def confirm(self) -> list[str]:
        return [self.device.confirm] if self.device.confirm else []

    @property
    def notes(self) -> list[str]:
        """One line each: the device with its reason, or what Slurm is asked for; and what ends the run."""
        if self.target is not None:
            return [f"Slurm: {self.target.sentence}.", self.survival.sentence]
        return [f"Device: {self.device.name} ({self.device.reason}).", self.survival.sentence]


def plan(
    config: TrainingConfig,
    base_dir: Path,
    replacing: RunView | None = None,
    *,
    progress: Progress | None = None,
    target: Allocation | None = None,
    machines: int = 1,
) -> LaunchPlan:
    """Plan the launch of a valid config; `base_dir` is what its paths are relative to.

    `replacing` is the live run that the new one corrects: its device counts as free when there is no other, and what
    Slurm ran goes to Slurm again. Pretrained weights that are not here yet are fetched, which takes as long as it
    takes; `progress` hears how far it is. With a `target` Slurm finds the device, and none of this host is looked at.
    Raises InvalidInput for options that sbatch cannot be given, or a host without Slurm.
    """
    if target is None and replacing is not None:
        target = target_of(replacing.folder)
    problems = [
        *_data_problems(config, base_dir),
        *_cache_problems(config, base_dir),
        *backbone_problems(config, base_dir, progress),
    ]
    aimed = aim(config, target, replacing, machines=machines)
    return replace(aimed, problems=(*problems, *aimed.problems))


def aim(
    config: TrainingConfig, target: Allocation | None, replacing: RunView | None = None, *, machines: int = 1
) -> LaunchPlan:
    """The part of a plan that depends on where the run is to train. Raises InvalidInput as `plan` does."""
    if target is not None:
        if not place().slurm:
            raise InvalidInput(
                "There is no Slurm to submit to here.", "Do it on a login node of the cluster, or leave --slurm out."
            )
        return submission(config, target)
    device, shares = _device(config, replacing)
    problem = device.problem
    problems = [Problem(problem.message, device.key, remedy=problem.remedy)] if problem else []
    problems += _too_many(config, device.processes * machines)
    return LaunchPlan(tuple(problems), device, survival(), shares, machines=machines)


def submission(config: TrainingConfig, target: Allocation) -> LaunchPlan:
    """The plan of a run that Slurm is to start; looks at nothing of this host. Raises InvalidInput for its options."""
    check(target)
    device = Choice(
        "cuda" if target.gpus else "cpu",
        "Slurm",
        "Slurm finds the nodes and their devices",
        processes=processes_a_node(config, target),
    )
    problems = submission_problems(config, target) + _too_many(config, device.processes * target.nodes)
    return LaunchPlan(tuple(problems), device, survival_of_job(target), target=target, machines=target.nodes)


def data_folder(config: TrainingConfig, base_dir: Path) -> Path | None:
    """The absolute path of the data, or None where the source needs none. Raises InvalidInput for ~nobody."""
    return whole_path(config.data.path, base_dir) if config.data.path else None


def _device(config: TrainingConfig, replacing: RunView | None) -> tuple[Choice, bool]:
    runtime = config.runtime
    held = _held_uuids(store.all_runs(store.runs_dir_for()))
    choice = choose_many(runtime.processes, runtime.device, taken=_all(held))
    if replacing is None or not replacing.live:
        return choice, False
    if choice.device != "cuda" and choice.problem is None:
        return choice, True
    own = held.pop(replacing.folder.path, ())
    if choice.problem is None and not choice.confirm:
        return choice, bool({*choice.uuids} & {*own})
    leaving = processes_of(replacing.process)
    return choose_many(runtime.processes, runtime.device, taken=_all(held), leaving=leaving, leaving_gpus=own), True


def another_device(config: TrainingConfig, taken: Collection[str]) -> Choice | None:
    """A free GPU, or as many as the config asks for, beside those that are taken already; None where there is none."""
    held = _all(_held_uuids(store.all_runs(store.runs_dir_for())))
    choice = choose_many(config.runtime.processes, config.runtime.device, taken={*held, *taken})
    return choice if choice.uuids and not choice.problem and not choice.confirm else None


def _too_many(config: TrainingConfig, processes: int) -> list[Problem]:
    """Where there are fewer images in a batch than processes to share it."""
    size = config.batch_size
    if not isinstance(size, int) or size >= processes:
        return []
    message = f"Each of {processes} processes needs an image of every batch, and a batch has {size}."
    return [Problem(message, "batch_size", remedy=f"Set it to {processes} or more, or runtime.processes to {size}.")]


def check_still_free(planned: LaunchPlan, runs_dir: Path) -> None:
    """Raises RunFailed where a GPU that was chosen because it was free has been taken since the plan was made."""
    device = planned.device
    if not device.uuids or device.confirm or planned.shares_device:
        return
    taken = _all(_held_uuids(store.all_runs(runs_dir)))
    now = [choose(uuid, taken=taken) for uuid in device.uuids]
    if any(choice.problem or choice.confirm for choice in now):
        raise RunFailed(f"{device.name} is no longer free.", "Start the launch over: a free one is then looked for.")


def _held_uuids(runs: Iterable[RunView]) -> dict[Path, tuple[str, ...]]:
    """The GPUs that live runs of this user were given, by run folder."""
    held = {}
    for run in runs:
        if not run.live:
            continue
        try:
            device = json.loads(run.folder.environment.read_bytes())["device"]
            uuids = device.get("uuids") or [device["uuid"]]  # one process, as older versions knew it
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if all(isinstance(uuid, str) and uuid for uuid in uuids):
            held[run.folder.path] = tuple(uuids)
    return held


def _all(held: dict[Path, tuple[str, ...]]) -> set[str]:
    return {uuid for uuids in held.values() for uuid in uuids}


def _data_problems(config: TrainingConfig, base_dir: Path) -> list[Problem]:
    try:
        folder = data_folder(config, base_dir)
        if config.data.source != "digits" and folder is not None:
            list_source(config.data, folder, config.runtime.seed)
    except TraindeckError as error:
        # What is wrong with the data as a whole is the path's fault.
        return [problem_of(error, "data.path")]
    return []


def _cache_problems(config: TrainingConfig, base_dir: Path) -> list[Problem]:
    """Why the cache folder that the config names cannot be used, where decoded images may go there."""
    data = config.data
    if data.source == "digits" or data.cache not in ("auto", "disk") or not data.cache_dir:
        return []
    try:
        check_usable(whole_path(data.cache_dir, base_dir))
    except TraindeckError as error:
        return [Problem(error.message, "data.cache_dir", remedy=error.remedy)]
    return []
