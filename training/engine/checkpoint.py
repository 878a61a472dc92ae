"""Writing checkpoints and reading them: `last.pt` to go on from, `best.pt` with the weights to use.

A checkpoint is a dict of tensors and plain values that torch loads with `weights_only=True`, labelled and with a
checksum (training/runs/checkpoints.py). Files are replaced whole, and the last one is set aside before the next is
written, so that there is always one to go on from.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from training import files
from training.errors import TraindeckError
from training.runs.checkpoints import (
    SCHEMA_VERSION,
    Damaged,
    Label,
    Unlabelled,
    candidates,
    check,
    older_path,
    path_of,
    read_label,
    seal,
)
from training.runs.layout import RunFolder

LEFTOVER = ".tmp"
"""How the name of a file that is not yet whole ends (training.files)."""

Kind = Literal["best", "last"]


def save(folder: RunFolder, kind: Kind, content: Mapping[str, Any], label: Label, *, keep: int = 0) -> None:
    """Write `best.pt` or `last.pt`; of what was last before, `keep` stay. Raises OSError, and harms none of them."""
    folder.checkpoints.mkdir(exist_ok=True)
    # Into memory first: torch's own writer turns a full disk into an error that no longer says so.
    zipped = BytesIO()
    torch.save({"schema": SCHEMA_VERSION, **content}, zipped)
    seal(zipped, label)
    path = path_of(folder, kind)
    if kind == "last":
        _set_aside(folder, path, label)
    files.replace(path, zipped.getbuffer())
    if kind == "last":
        for older in sorted(folder.checkpoints.glob("step-*.pt"), reverse=True)[keep:]:
            older.unlink(missing_ok=True)


def _set_aside(folder: RunFolder, last: Path, label: Label) -> None:
    """Give the last checkpoint a name by its step too, unless it is of the same step as the next, or damaged."""
    try:
        step = read_label(last).step
    except TraindeckError:
        return
    older = older_path(folder, step)
    if step >= label.step:
        return
    older.unlink(missing_ok=True)
    try:
        older.hardlink_to(last)
    except OSError:  # no hard links here; for a moment there is no last then, but the older one
        last.replace(older)


def is_there(path: Path, label: Label) -> bool:
    """Whether the file is whole, and of the same step."""
    try:
        return read_label(path).step == label.step == check(path).step  # most are not, which the label tells at once
    except TraindeckError:
        return False


def go_back_to(folder: RunFolder, path: Path) -> None:
    """Make an older checkpoint the last one, since those after it are damaged."""
    step = read_label(path).step
    for newer in candidates(folder):
        if newer != path and (newer.name == "last.pt" or newer.name >= older_path(folder, step).name):
            newer.unlink()
    path.replace(path_of(folder, "last"))


def clear_leftovers(folder: RunFolder) -> None:
    """Remove what a worker that died while writing has left of its unfinished files."""
    for path in folder.checkpoints.glob(f".*{LEFTOVER}"):
        path.unlink(missing_ok=True)


def load(path: Path, remedy: str = "Start from scratch instead.") -> dict[str, Any]:
    """The content of a checkpoint, on the CPU. Raises TraindeckError where there is none that this version can read;
    `remedy` is what to do where it cannot be used. A file without a label, of an older version, is taken as it is.
    """
    try:
        check(path)
    except Unlabelled:
        pass
    except Damaged as error:
        raise TraindeckError(error.message, remedy) from error
    return read(path, remedy)


def read(path: Path, remedy: str = "Start from scratch instead.") -> dict[str, Any]:
    """As `load`, of a file whose checksum was found to be right already: it may be gigabytes."""
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
    put_weights(model, usable_weights(content), path)
    return int(content["epoch"])


def put_weights(model: nn.Module, theirs: Mapping[str, Tensor], path: Path) -> None:
    """Give the model these weights, in place. Raises TraindeckError, and changes nothing, where they are another's."""
    ours = model.state_dict()
    theirs = _renumbered(theirs, ours)
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


def _renumbered(theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Their weights under our names, where a layer without weights, such as dropout, only shifts the numbers."""
    if theirs.keys() == ours.keys() or len(theirs) != len(ours):
        return theirs
    pairs = list(zip(theirs.items(), ours.items(), strict=True))
    alike = all(old.rpartition(".")[2] == new.rpartition(".")[2] and a.shape == b.shape for (old, a), (new, b) in pairs)
    return {new: weight for (_, weight), (new, _) in pairs} if alike else theirs


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


def restore_random_state(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Go on drawing where `random_state` was asked; a generator that was not there then stays as it is."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    elif device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])
