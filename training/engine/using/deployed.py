"""A run's network as other programs get it, and what they have to know of it."""

from __future__ import annotations

from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from training.engine.data.normalisation import Normalisation
from training.engine.models.transfer import Transfer
from training.engine.using.loaded import LoadedRun


class Deployed(nn.Module):
    """Pixels scaled to 0…1 [N, C, H, W], float32, to logits [N, K]; it normalises them itself."""

    mean: Tensor
    std: Tensor

    def __init__(self, net: nn.Module, normalisation: Normalisation) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(normalisation.mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(normalisation.std).view(1, -1, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.net((pixels - self.mean) / self.std)
        return logits


def plain_network(model: nn.Module) -> nn.Module:
    """The network without what training wraps around it: torchvision's own where it is one of theirs."""
    return model.net if isinstance(model, Transfer) else model


def described(run: LoadedRun, *, normalises: bool) -> dict[str, Any]:
    """What a program needs to use the network; `normalises` says whether it does so itself."""
    channels, height, width = run.shape
    pixels = "pixels scaled to 0…1" if normalises else "(pixels / 255 - mean) / std, by channel"
    return {
        "written_by": "traindeck",
        "run": run.folder.id,
        "checkpoint": run.kind,
        "epoch": run.epoch,
        "network": _network(run),
        "input": f"float32 [N, {channels}, {height}, {width}]: {pixels}; images are resized to {height}×{width}",
        "output": f"logits [N, {len(run.classes)}]; their softmax is the probability of each class",
        "classes": list(run.classes),
        "input_shape": list(run.shape),
        "normalisation": {"mean": list(run.normalisation.mean), "std": list(run.normalisation.std)},
        "config": msgspec.to_builtins(run.config),
    }


def _network(run: LoadedRun) -> str:
    model, classes = run.config.model, len(run.classes)
    if model.kind != "transfer":
        return f"traindeck's {model.kind}, as the config describes it, with {classes} outputs"
    library, _, name = model.backbone.rpartition("/")
    return f"{name} of {library or 'torchvision'} with {classes} outputs; the names of the weights are the library's"
