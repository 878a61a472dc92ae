"""The device on which a verb uses a trained run: what the config names, if it is here and free, else the CPU."""

from __future__ import annotations

from training.config import files as config_files
from training.devices.choice import choose
from training.runs.lifecycle import RunView


def device_environment(run: RunView) -> dict[str, str]:
    """For the process that does the work, which says what was chosen and why.

    Nothing is asked: a GPU that is occupied is left alone, and the CPU gives the same answers.
    """
    config = config_files.read(run.folder.config).config
    choice = choose(config.runtime.device if config else "auto")
    kind, name, reason, environment = choice.device, choice.name, choice.reason, choice.environment
    if choice.problem or (choice.confirm and choice.device != "cpu"):
        why = choice.problem.message if choice.problem else choice.confirm.rpartition(". ")[0]
        kind, name, reason, environment = "cpu", "CPU", why.rstrip("."), {"CUDA_VISIBLE_DEVICES": ""}
    return {
        **environment,
        "TRAINDECK_DEVICE": kind,
        "TRAINDECK_DEVICE_NAME": name,
        "TRAINDECK_DEVICE_REASON": reason,
    }
