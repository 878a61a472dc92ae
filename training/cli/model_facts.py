"""What the hints know of the model and of the device that it would train on: the memory that a step needs and has."""

from __future__ import annotations

from dataclasses import replace

from training.cli.configs import GivenConfig
from training.config.data import Data
from training.devices.gpus import Nvml
from training.devices.memory import device_memory
from training.errors import TraindeckError
from training.guide.hint import Facts
from training.runs import estimates
from training.runs.plan import aim
from training.slurm.place import place
from training.text import one_line

FEW_CLASSES = 2
"""What a model is counted with where the data cannot be listed."""


def with_memory(facts: Facts, given: GivenConfig, *, build: bool) -> tuple[Facts, str]:
    """The facts of the data with those of the memory, or why there are none.

    A model that was looked at before is remembered; another one is only built, in a child with torch, to `build` it.
    """
    config = given.config
    classes = facts.classes or len(config.data.classes or ()) or FEW_CLASSES
    asked = estimates.question(config, classes, _channels(config.data))
    found = estimates.recall(asked)
    try:
        if found is None and build:
            found = estimates.ask_estimate(asked)
            estimates.remember(asked, found)
        if found is None or place().login_node:
            return facts, ""
        choice = aim(config, None).device
        if choice.problem is not None:
            return facts, str(choice.problem)
    except TraindeckError as error:
        return facts, str(error)
    return replace(
        facts,
        fixed_bytes=found.fixed(config),
        bytes_per_image=found.per_image,
        device_bytes=device_memory(choice, Nvml().read(processes=False)),
        device=one_line(choice.name),
    ), ""


def _channels(data: Data) -> int:
    """Of the images, none of which is looked at: colours, unless it is said or known that they are grey."""
    grey = data.source in ("digits", "byteplot")
    return 3 if data.color == "rgb" or (data.color == "auto" and not grey) else 1
