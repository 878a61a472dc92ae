"""What the editor's threads ask: child processes about data and model, this host about its devices and past runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from training.config.schema import TrainingConfig
from training.dataset.preview import Preview
from training.errors import RunFailed, TraindeckError
from training.runs import estimates
from training.runs.ask import Asking, Dropped, ask
from training.runs.past_times import past_times
from tui.editor.known import CostKnowledge, DataKnowledge, DataQuestion, Device


def look_at_data(
    about: DataQuestion, config: TrainingConfig, asking: Asking, progress: Callable[[DataKnowledge], None]
) -> DataKnowledge | None:
    """Ask a child process what the data hold; None once nobody wants to know."""
    so_far = DataKnowledge(about)

    def hear(said: dict[str, Any]) -> None:
        nonlocal so_far
        if "preview" in said:
            so_far = replace(so_far, preview=msgspec.convert(said["preview"], Preview))
        else:
            so_far = replace(so_far, done=said["done"], total=said["total"])
        progress(so_far)

    question = {"data": msgspec.to_builtins(config.data), "path": about.path, "seed": config.runtime.seed}
    try:
        answer = ask("data", question, progress=hear, asking=asking)
    except Dropped:
        return None
    except TraindeckError as error:
        return DataKnowledge(about, error=error)
    except OSError as error:
        return DataKnowledge(about, error=RunFailed(f"The data cannot be looked at: {error.strerror}."))
    return DataKnowledge(about, msgspec.convert(answer, Preview), complete=True)


def look_at_cost(
    so_far: CostKnowledge,
    config: TrainingConfig,
    base_dir: Path,
    wanted: bool,
    asking: Asking,
    progress: Callable[[CostKnowledge], None],
) -> CostKnowledge | None:
    """Device, past runs and the model's estimate: from the disk, else, where it is `wanted`, from a child process.

    None once nobody wants to know.
    """
    about = so_far.about
    assert about is not None
    device = so_far.device or planned_device(config)
    found = replace(so_far, device=device, device_for=(about.device, about.processes))
    if found.estimate is None:
        found = replace(found, estimate=estimates.recall(about.model))
    if not wanted:
        return None if asking.dropped else found
    if device.name:
        found = replace(found, past=past_times(config, base_dir, device.name, device.processes))
    if found.estimate is not None:
        return None if asking.dropped else found
    progress(replace(found, asking=True))
    try:
        answer = estimates.ask_estimate(about.model, asking)
    except Dropped:
        return None
    except TraindeckError as error:
        return replace(found, error=error)
    except OSError as error:
        return replace(found, error=RunFailed(f"The model cannot be looked at: {error.strerror}."))
    estimates.remember(about.model, answer)
    return replace(found, estimate=answer)


def planned_device(config: TrainingConfig) -> Device:
    """What a launch would choose at this moment, and its memory."""
    from training.devices.gpus import Nvml
    from training.devices.memory import device_memory
    from training.runs.plan import aim
    from training.slurm.place import place

    try:
        if place().login_node:
            return Device(why="Slurm finds the device")
        choice = aim(config, None).device
    except TraindeckError as error:
        return Device(why=error.message)
    if choice.problem is not None:
        return Device(why=choice.problem.message)
    memory = device_memory(choice, Nvml().read(processes=False))
    return Device(choice.name, choice.reason, choice.processes, memory)
