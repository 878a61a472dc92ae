"""Pretrained weights: where they lie, what form their files have, and whether they fit a network."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from training.config.problems import ConfigError, Problem, shown
from training.engine import checkpoint
from training.engine.models.backbones import TIMM, Backbone
from training.engine.models.unreadable import what_is_wrong
from training.errors import InvalidInput, TraindeckError

# What wrappers put before every name: distributed training, torch.compile, ours, Lightning.
_PREFIXES = ("module.", "_orig_mod.", "net.", "model.")
# Heads that only training from scratch uses (GoogLeNet, Inception v3).
_AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
# DenseNet's published files are older than torch's ban on dots in names.
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")
_POSITIONS = "encoder.pos_embedding"


def cached_file(backbone: Backbone) -> Path:
    """Where torch.hub keeps the default weights of a torchvision backbone ($TORCH_HOME)."""
    return Path(torch.hub.get_dir()) / "checkpoints" / backbone.file


def load_pretrained(net: nn.Module, head: str, backbone: Backbone, weights: str, *, side: int) -> None:
    """Give `net`, whose head is already the new one, `weights`: `default` or a path.

    Raises ConfigError for a file that holds another network's, TraindeckError where there is none to be had.
    """
    if weights != "default":
        fit_weights(net, read_weights(Path(weights).expanduser()), head, shown(weights, 200), side=side, keep_head=True)
        return
    if backbone.name.startswith(TIMM):
        from training.engine.models.timm_backbones import timm_weights

        fit_weights(net, timm_weights(backbone, side), head, backbone.name, side=side, keep_head=False)
        return
    path = cached_file(backbone)
    if not path.exists():
        raise missing(backbone, "")
    fit_weights(net, read_weights(path), head, str(path), side=side, keep_head=False)


def missing(backbone: Backbone, reason: str) -> TraindeckError:
    """What to say where the default weights are neither here nor to be had."""
    path = cached_file(backbone)
    why = f" and could not be fetched from {backbone.url}: {reason.rstrip('.')}" if reason else f" ({backbone.url})"
    return TraindeckError(
        f"The weights of {backbone.name} are not on this host{why}.",
        f"Run `traindeck fetch {backbone.name} --to .` on a machine with a connection and put {path.name} into "
        f"{path.parent}, or set model.weights to a file or to none.",
    )


def read_weights(path: Path) -> dict[str, Tensor]:
    """The state dict of a .pt, .pth or .safetensors file, bare or in a checkpoint; names as its network has them.

    Raises ConfigError for a file that cannot be read or holds something else.
    """
    try:
        content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    except FileNotFoundError as error:
        raise _refused(f"{shown(str(path), 200)}: there is no such file.", "Correct the path.") from error
    except IsADirectoryError as error:
        raise _refused(f"{shown(str(path), 200)} is a folder.", "Name a file.") from error
    except TraindeckError:
        raise
    except Exception as error:  # what is no weights file makes torch's reader fail in any way
        if isinstance(error, OSError) and error.filename is not None:  # it could not even be opened
            reason = f"{shown(str(path), 200)} cannot be read: {error.strerror}."
            raise _refused(reason, "Name a file that may be read.") from error
        wrong, remedy = what_is_wrong(path, error)
        raise _refused(f"{shown(str(path), 200)} {wrong}.", remedy) from error
    state = _state_in(content)
    if not state:
        raise _refused(f"{shown(str(path), 200)} holds no state dict.", "Save model.state_dict() into it.")
    return _without_prefixes(state)


def _read_torch(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)


def _read_safetensors(path: Path) -> Any:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise _refused("A .safetensors file needs safetensors.", "Run: pip install 'traindeck[export]'") from error
    with path.open("rb"):  # for an error that says what is wrong with the file
        pass
    try:
        return load_file(os.fspath(path))
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _state_in(content: Any) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    if isinstance(content.get("model"), Mapping):
        # A checkpoint of ours keeps the averaged weights beside the others.
        return _tensors(checkpoint.usable_weights(dict(content)))
    for key in ("state_dict", "model_state_dict"):
        if isinstance(content.get(key), Mapping):
            return _tensors(content[key])
    return _tensors(content)


def _tensors(state: Mapping[Any, Any]) -> dict[str, Tensor]:
    return {str(name): value for name, value in state.items() if isinstance(value, Tensor)}


def _without_prefixes(state: dict[str, Tensor]) -> dict[str, Tensor]:
    for _ in _PREFIXES:
        for prefix in _PREFIXES:
            if all(name.startswith(prefix) for name in state):
                state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def fit_weights(
    net: nn.Module, state: dict[str, Tensor], head: str, source: str, *, side: int, keep_head: bool
) -> None:
    """Copy `state` into `net`; all of it has to fit but for the head. Raises ConfigError, with `net` as it was."""
    ours = net.state_dict()
    theirs = {
        _OLD_DENSENET.sub(r"\1\2", name): value for name, value in state.items() if not name.startswith(_AUXILIARY)
    }
    theirs = _with_fitting_positions(net, ours, theirs, side)
    heads = {name for name in {*ours, *theirs} if name.startswith(f"{head}.")}
    same_head = all(name in theirs and name in ours and theirs[name].shape == ours[name].shape for name in heads)
    if not (keep_head and same_head):
        ours, theirs = ({n: value for n, value in part.items() if n not in heads} for part in (ours, theirs))
    strangers = [
        f"{shown(name)} ({_shape(theirs.get(name))} there, {_shape(ours.get(name))} here)"
        for name in (*ours, *(name for name in theirs if name not in ours))
        if not name.endswith("num_batches_tracked")
        and (name not in theirs or name not in ours or theirs[name].shape != ours[name].shape)
    ]
    if strangers:
        more = f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
        raise _refused(
            f"{source} holds another network's weights: {', '.join(strangers[:3])}{more}.",
            "Name the backbone that they belong to, or another file.",
        )
    with torch.no_grad():
        for name, value in ours.items():
            if name in theirs:
                value.copy_(theirs[name])


def _with_fitting_positions(
    net: nn.Module, ours: Mapping[str, Tensor], theirs: dict[str, Tensor], side: int
) -> dict[str, Tensor]:
    """A vision transformer's position embedding, interpolated where its images had another size."""
    if _POSITIONS not in ours or _POSITIONS not in theirs or ours[_POSITIONS].shape == theirs[_POSITIONS].shape:
        return theirs
    from torchvision.models.vision_transformer import interpolate_embeddings

    try:
        fitted: dict[str, Tensor] = interpolate_embeddings(side, net.patch_size, dict(theirs))
    except ValueError:  # no square of positions: what does not fit is named by its shape
        return theirs
    return fitted


def _shape(tensor: Tensor | None) -> str:
    return "none" if tensor is None else "×".join(map(str, tensor.shape)) or "a number"


def _refused(message: str, remedy: str = "") -> InvalidInput:
    return ConfigError([Problem(message, key="model.weights", remedy=remedy)])
