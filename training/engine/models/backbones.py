"""Pretrained backbones by name: what torchvision (and timm, where it is installed) knows about them.

Nothing here reads weights; a network is built with random ones (weights.py gives it its own).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

import torch
from torch import nn

from training.config.problems import ConfigError, Problem, nearest, shown
from training.engine.data.normalisation import Normalisation
from training.errors import InvalidInput

TIMM = "timm/"

# Built in size: their position embeddings and windows belong to one image size.
_SIZED = {"vit_": "image_size", "maxvit_": "input_size"}
# Their auxiliary heads helped training from scratch in 2014; with weights, they also scale the input once more.
_WITH_AUXILIARY_HEADS = ("googlenet", "inception_v3")


@dataclass(frozen=True)
class Backbone:
    """A network that a classifier can be built on."""

    name: str
    side: int
    """Pixels of the square images that its default weights were trained at."""
    normalisation: Normalisation
    """That of those images."""
    url: str
    """Of the default weights; empty for timm's, which come from the Hugging Face hub."""

    @property
    def file(self) -> str:
        """The name of the default weights' file."""
        return self.url.rpartition("/")[2]


def find_backbone(name: str) -> Backbone:
    """Look a name up. Raises ConfigError for one that nobody knows, InvalidInput where the library is missing."""
    if name.startswith(TIMM):
        from training.engine.models.timm_backbones import find_timm

        return find_timm(name)
    return _find_torchvision(name)


@lru_cache(maxsize=16)
def _find_torchvision(name: str) -> Backbone:
    models = torchvision_models()
    known = models.list_models(module=models)
    if name not in known:
        raise unknown_backbone(name, known)
    weights = models.get_model_weights(name).DEFAULT
    images = weights.transforms()
    return Backbone(name, images.crop_size[0], Normalisation(tuple(images.mean), tuple(images.std)), str(weights.url))


def unknown_backbone(name: str, known: list[str]) -> ConfigError:
    """With the nearest of those that are known, or some of them."""
    near = nearest(name, known)
    remedy = f"Did you mean {near}?" if near else f"Some of them: {', '.join(known[:: max(1, len(known) // 8)])}."
    return ConfigError([Problem(f"There is no backbone {shown(name)}.", key="model.backbone", remedy=remedy)])


def build_backbone(backbone: Backbone, side: int, *, pretrained: bool) -> nn.Module:
    """The network with random weights and the classifier that it came with, for square images of `side` pixels.

    `pretrained` says whether it will be given weights. Raises ValueError, RuntimeError or AssertionError for a size
    that it cannot be built in.
    """
    if backbone.name.startswith(TIMM):
        from training.engine.models.timm_backbones import build_timm

        return build_timm(backbone, side)
    options: dict[str, Any] = {}
    for prefix, option in _SIZED.items():
        if backbone.name.startswith(prefix):
            options[option] = side if prefix == "vit_" else (side, side)
    if backbone.name in _WITH_AUXILIARY_HEADS:
        options |= {"aux_logits": False, "transform_input": pretrained, "init_weights": not pretrained}
    network: nn.Module = torchvision_models().get_model(backbone.name, weights=None, **options)
    return network


def torchvision_models() -> ModuleType:
    """torchvision.models. Raises InvalidInput where torchvision is missing or made for another torch."""
    try:
        models = import_module("torchvision.models")
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        raise _unusable_torchvision(error) from error
    return models


def _unusable_torchvision(error: Exception) -> InvalidInput:
    ours = str(torch.__version__)
    try:
        theirs = metadata.version("torchvision")
    except metadata.PackageNotFoundError:
        return InvalidInput(
            f"Transfer learning needs torchvision, which is not installed (torch is {ours}).",
            _matching_torchvision(ours),
        )
    reason = shown(str(error).partition("\n")[0], 200)
    return InvalidInput(f"torchvision {theirs} does not work with torch {ours}: {reason}.", _matching_torchvision(ours))


def _matching_torchvision(torch_version: str) -> str:
    """The pip line. torchvision 0.(n + 15) is made for torch 2.n, since 2.0; a build for CUDA n has its own index."""
    match = re.match(r"2\.(\d+)[^+]*(?:\+(cpu|cu\d+|rocm[\d.]+|xpu))?", torch_version)
    if match is None:
        return "Install the torchvision that was released with this torch."
    index = f" --index-url https://download.pytorch.org/whl/{match[2]}" if match[2] else ""
    return f"Run: pip install 'torchvision==0.{int(match[1]) + 15}.*'{index}"
