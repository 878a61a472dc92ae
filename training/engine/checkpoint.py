"""Checkpoints of a run: `last.pt` after every epoch and at a stop, `best.pt` where the validation loss was lowest.

A checkpoint is a dict of tensors and plain values that torch loads with `weights_only=True`. Files are replaced whole:
a reader, or a run that dies while writing, never meets half of one.
"""

from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from training import files
from training.errors import TraindeckError
from training.runs.layout import RunFolder

SCHEMA_VERSION = 1
LEFTOVER = ".tmp"
"""How the name of a file that is not yet whole ends (training.files too)."""

Kind = Literal["best", "last"]


def path_of(folder: RunFolder, kind: Kind) -> Path:
    return folder.checkpoints / f"{kind}.pt"


def save(folder: RunFolder, content: dict[str, Any]) -> None:
    """Write `last.pt`. Raises OSError; the checkpoint that was there is then still whole."""
    folder.checkpoints.mkdir(exist_ok=True)
    # Into memory first: torch's own writer turns a full disk into an error that no longer says so.
    buffer = BytesIO()
    torch.save({"schema": SCHEMA_VERSION, **content}, buffer)
    files.replace(path_of(folder, "last"), buffer.getvalue())


def mark_best(folder: RunFolder) -> None:
    """Make `last.pt`, as it is now, the best too: a second name for the same file, or a copy without hard links."""
    last, best = path_of(folder, "last"), path_of(folder, "best")
    name = folder.checkpoints / f".{best.name}{LEFTOVER}"
    name.unlink(missing_ok=True)
    try:
        name.hardlink_to(last)
    except OSError:
        shutil.copyfile(last, name)
        with name.open("rb") as file:
            os.fsync(file.fileno())
    name.replace(best)


def clear_leftovers(folder: RunFolder) -> None:
    """Remove what a worker that died while writing has left of its unfinished files."""
    for path in folder.checkpoints.glob(f".*{LEFTOVER}"):
        path.unlink(missing_ok=True)


def load(path: Path, remedy: str = "Start from scratch instead.") -> dict[str, Any]:
    """The content of a checkpoint, on the CPU. Raises TraindeckError where there is none that this version can read;
    `remedy` is what to do where it cannot be used.
    """
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TraindeckError(f"{path}: there is no such checkpoint.", remedy) from error
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TraindeckError(f"{path} is damaged: {reason}", remedy) from error
    if not isinstance(content, dict) or "model" not in content:
        raise TraindeckError(f"{path} is no checkpoint of traindeck.", remedy)
    if content.get("schema", 0) > SCHEMA_VERSION:
        raise TraindeckError(f"{path} was written by a newer traindeck.", "Update traindeck.")
    return content


def load_weights(model: nn.Module, path: Path) -> int:
    """Give the model the weights of a checkpoint, averaged ones if it has any; returns the epoch they are from.

    Raises TraindeckError, and changes nothing, where they are another model's.
    """
    content = load(path)
    theirs = usable_weights(content)
    ours = model.state_dict()
    strangers = [
        f"{name} ({_shape(theirs.get(name))} there, {_shape(ours.get(name))} here)"
        for name in sorted(theirs.keys() | ours.keys())
        if name not in theirs or name not in ours or theirs[name].shape != ours[name].shape
    ]
    if strangers:
        more = f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
        raise TraindeckError(
            f"{path} holds another model's weights: {', '.join(strangers[:3])}{more}.",
            "Start from scratch instead, or bring the model back to what it was.",
        )
    model.load_state_dict(theirs)
    return int(content["epoch"])


def usable_weights(content: dict[str, Any]) -> dict[str, Tensor]:
    """The state of the model that was validated: with the averaged weights where the run kept an average."""
    return {**content["model"], **(content.get("average") or {})}


def _shape(tensor: Tensor | None) -> str:
    return "none" if tensor is None else "×".join(map(str, tensor.shape)) or "a number"


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Of the generators that dropout draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states
