"""What a launch would do, before it does it: what stops it, what to ask first, which device, whether it survives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.config.honoured import unhonoured
from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.dataset.scratch import check_usable
from training.dataset.source import list_source
from training.devices.choice import Choice, choose
from training.errors import RunFailed, TraindeckError
from training.runs import store
from training.runs.ask import Progress
from training.runs.backbone import backbone_problems, whole_path
from training.runs.lifecycle import RunView
from training.runs.survival import Survival, survival


@dataclass(frozen=True)
class LaunchPlan:
    """Nothing is launched while there are problems; questions in `confirm` want a yes first."""

    problems: tuple[Problem, ...]
    device: Choice
    survival: Survival
    shares_device: bool = False
    """Whether the child would use the device that its parent trains on."""

    @property
    def confirm(self) -> list[str]:
        return [self.device.confirm] if self.device.confirm else []

    @property
    def notes(self) -> list[str]:
        """One line each: the device with its reason, and what ends the run."""
        return [f"Device: {self.device.name} ({self.device.reason}).", self.survival.sentence]


def plan(
    config: TrainingConfig, base_dir: Path, replacing: RunView | None = None, *, progress: Progress | None = None
) -> LaunchPlan:
    """Plan the launch of a valid config; `base_dir` is what its paths are relative to.

    `replacing` is the live run that the new one corrects: its device counts as free when there is no other. Pretrained
    weights that are not here yet are fetched, which takes as long as it takes; `progress` hears how far it is.
    """
    device, shares = _device(config, replacing)
    problems = [
        *unhonoured(config),
        *_data_problems(config, base_dir),
        *_cache_problems(config, base_dir),
        *backbone_problems(config, base_dir, progress),
    ]
    if device.problem:
        problems.append(Problem(device.problem.message, "runtime.device", remedy=device.problem.remedy))
    return LaunchPlan(tuple(problems), device, survival(), shares)


def data_folder(config: TrainingConfig, base_dir: Path) -> Path | None:
    """The absolute path of the data, or None where the source needs none. Raises InvalidInput for ~nobody."""
    return whole_path(config.data.path, base_dir) if config.data.path else None


def _device(config: TrainingConfig, replacing: RunView | None) -> tuple[Choice, bool]:
    wanted = config.runtime.device
    held = _held_uuids(store.all_runs(store.runs_dir_for()))
    choice = choose(wanted, taken=set(held.values()))
    if replacing is None or not replacing.live:
        return choice, False
    if choice.device != "cuda" and choice.problem is None:
        return choice, True
    own = held.pop(replacing.folder.path, "")
    if choice.problem is None and not choice.confirm:
        return choice, choice.uuid == own
    worker = replacing.process.worker if replacing.process else None
    leaving = {worker.pid} if worker else set()
    return choose(wanted, taken=set(held.values()), leaving=leaving, leaving_gpu=own), True


def check_still_free(planned: LaunchPlan, runs_dir: Path) -> None:
    """Raises RunFailed where a GPU that was chosen because it was free has been taken since the plan was made."""
    device = planned.device
    if not device.uuid or device.confirm or planned.shares_device:
        return
    now = choose(device.uuid, taken=set(_held_uuids(store.all_runs(runs_dir)).values()))
    if now.problem or now.confirm:
        raise RunFailed(f"{device.name} is no longer free.", "Start the launch over: a free one is then looked for.")


def _held_uuids(runs: Iterable[RunView]) -> dict[Path, str]:
    """The GPUs that live runs of this user were given, by run folder."""
    held = {}
    for run in runs:
        if not run.live:
            continue
        try:
            uuid = json.loads(run.folder.environment.read_bytes())["device"]["uuid"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if uuid:
            held[run.folder.path] = uuid
    return held


def _data_problems(config: TrainingConfig, base_dir: Path) -> list[Problem]:
    try:
        folder = data_folder(config, base_dir)
        if config.data.source != "digits" and folder is not None:
            list_source(config.data, folder, config.runtime.seed)
    except TraindeckError as error:
        # What is wrong with the data as a whole is the path's fault; else the message names the key.
        key = next((key for key in ("data.classes", "data.groups") if key in error.message), "data.path")
        return [Problem(error.message, key, remedy=error.remedy)]
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
