"""Whether a run's config.yaml is still that of its checkpoints, where that matters."""

from __future__ import annotations

import msgspec

from training.config.fields import format_value
from training.config.patch import Change, diff
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.runs.checkpoints import Label
from training.runs.layout import RunFolder
from training.text import one_line

FREE = (
    "epochs",
    "early_stopping",
    "es_patience",
    "advice",
    "data.path",
    "data.classes",  # with the path: what they decide, the fingerprint of the data tells
    "data.cache",
    "data.cache_dir",
    "model.weights",
    "runtime.device",
    "runtime.threads",
    "runtime.processes",
    "runtime.compile",
    "runtime.checkpoint_every",
    "runtime.checkpoint_keep",
)
"""Keys and sections that may change between two attempts; a checkpoint's state belongs to all others."""


def check_unchanged(folder: RunFolder, config: TrainingConfig, label: Label) -> None:
    """Raises InvalidInput where what the checkpoint was trained with was changed in the run's config.yaml, or where
    fewer epochs are wanted than are done.
    """
    _check_epochs(folder, config, label)
    if not label.config:
        return
    try:
        before = msgspec.convert(label.config, TrainingConfig)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            f"{folder.checkpoints} was written by a traindeck with another config: {one_line(str(error))}.",
            "Go on with that version, or launch a new run: `traindeck train CONFIG`.",
        ) from error
    changed = [change for change in diff(before, config) if not _may_change(change.key, config)]
    if changed:
        raise InvalidInput(
            f"{folder.config}: {_said(changed)}, and the checkpoint is of a run without that change.",
            "Put it back, or launch a new run with that change: `traindeck train CONFIG`.",
        )


def _may_change(key: str, config: TrainingConfig) -> bool:
    if key == "epochs" and config.lr_strategy in ("Cosine Annealing", "Step Decay"):
        return False  # the schedule that has been followed so far is that of a run of the old length
    return key in FREE or key.partition(".")[0] in FREE


def _said(changes: list[Change]) -> str:
    said = [f"{one.key} was changed from {format_value(one.old)} to {format_value(one.new)}" for one in changes[:3]]
    return "; ".join(said) + (f" and {len(changes) - 3} more" if len(changes) > 3 else "")


def _check_epochs(folder: RunFolder, config: TrainingConfig, label: Label) -> None:
    """Raises InvalidInput where more epochs are done than config.yaml wants by now; but a command may have planned more
    than it says, and then says nothing of it if it was changed since.
    """
    planned = label.epochs if label.epochs and label.config.get("epochs") == config.epochs else config.epochs
    if planned < label.epoch:
        raise InvalidInput(
            f"{folder.config}: epochs is {config.epochs}, but {label.epoch} are done already.",
            f"Set epochs to {label.epoch} to end it there, or to more to train on.",
        )
