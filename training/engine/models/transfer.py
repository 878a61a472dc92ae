"""Transfer learning: a backbone with a new head, and the part of it that is not trained."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor, nn

from training.config.model import Model
from training.config.problems import ConfigError, Problem, listed
from training.engine.models.backbones import TIMM, Backbone, build_backbone, find_backbone
from training.engine.models.size import Shape
from training.engine.models.stages import Stage, find_head, stages_before
from training.engine.models.weights import load_pretrained

# Tried in turn where a size is refused, to say which are not.
_SIDES = (8, 16, 24, 32, 48, 64, 75, 96, 112, 128, 160, 192, 224, 256, 299, 320, 384, 448, 512)
_REFUSALS = (RuntimeError, ValueError, AssertionError, IndexError)


class Transfer(nn.Module):
    """[N, 3, H, W] in, logits [N, classes] out. Frozen parts want no gradient and stay in evaluation mode: their batch
    norm keeps the statistics that the weights were trained with, their dropout is off.
    """

    def __init__(self, net: nn.Module, head: str, frozen: list[Stage]) -> None:
        super().__init__()
        self.net = net
        self._head = head
        self.frozen = [module for stage in frozen for module in stage.modules]
        for stage in frozen:
            for parameter in stage.parameters():
                parameter.requires_grad_(False)
        self.train()

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.net(images)
        return logits

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        for module in self.frozen:
            module.eval()
        return self

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the new head."""
        return list(self.net.get_submodule(self._head).parameters())

    def backbone_parameters(self) -> list[nn.Parameter]:
        """The others, where they are trained."""
        head = {id(parameter) for parameter in self.head_parameters()}
        return [p for p in self.net.parameters() if p.requires_grad and id(p) not in head]


def build_transfer(model: Model, shape: Shape, classes: int, *, pretrained: bool) -> Transfer:
    """The model of a config; without `pretrained` its weights are left random, for a checkpoint's to follow.

    Raises ConfigError for a backbone, a size, a file or a number of stages that does not exist, TraindeckError for
    weights that cannot be had.
    """
    backbone = find_backbone(model.backbone)
    _, height, width = shape
    assert height == width
    net = _built(backbone, model, height)
    head = find_head(net)
    _replace_head(net, head, classes)
    stages = stages_before(net, net.get_submodule(head))
    frozen = stages[: len(stages) - _trained_stages(model, len(stages))]
    if pretrained and model.weights != "none":
        load_pretrained(net, head, backbone, model.weights, side=height)
    return Transfer(net, head, frozen)


def _trained_stages(model: Model, stages: int) -> int:
    if model.mode == "frozen":
        return 0
    if model.mode == "full":
        return stages
    if model.unfrozen_stages > stages:
        message = f"{model.backbone} has {stages} stages, not {model.unfrozen_stages}."
        remedy = f"Set it to {stages} or less, or model.mode to full."
        raise ConfigError([Problem(message, key="model.unfrozen_stages", remedy=remedy)])
    return model.unfrozen_stages


def _replace_head(net: nn.Module, name: str, classes: int) -> None:
    old = net.get_submodule(name)
    new: nn.Module
    if isinstance(old, nn.Linear):
        new = nn.Linear(old.in_features, classes, bias=old.bias is not None)
    else:
        assert isinstance(old, nn.Conv2d)
        kernel: Any = old.kernel_size
        new = nn.Conv2d(old.in_channels, classes, kernel, bias=old.bias is not None)
    parent, _, child = name.rpartition(".")
    setattr(net.get_submodule(parent), child, new)


def _built(backbone: Backbone, model: Model, side: int) -> nn.Module:
    """The network, once a black image of that size has gone through it."""
    try:
        net = build_backbone(backbone, side, pretrained=model.weights != "none")
        _send_through(net, torch.zeros(1, 3, side, side))
    except _REFUSALS as error:
        if "allocate memory" in str(error):  # the CPU allocator's own words; the size is no size too odd
            raise
        message = f"{backbone.name} cannot take images of {side}×{side} pixels."
        remedy = f"Set it to {_sides_that_work(backbone, side)}."
        raise ConfigError([Problem(message, key="data.image_size", remedy=remedy)]) from error
    return net


def _send_through(net: nn.Module, image: Tensor) -> None:
    with torch.no_grad():
        net.eval()(image)


def _sides_that_work(backbone: Backbone, refused: int) -> str:
    """In words. Networks that take every size from one on are told by it, others by examples."""
    patch = getattr(build_backbone(backbone, backbone.side, pretrained=False), "patch_size", None)
    if isinstance(patch, int):
        below = max(1, refused // patch) * patch
        return f"a multiple of its patches of {patch} pixels, such as {listed(map(str, (below, below + patch)))}"
    takes = _Trial(backbone)
    good = [side for side in _SIDES if takes(side)]
    first = _SIDES.index(good[0]) if good else len(_SIDES)
    if len(good) == 1 or good != list(_SIDES[first:]):
        return listed(map(str, good)) or str(backbone.side)
    low, high = (_SIDES[first - 1] if first else 0), good[0]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if takes(middle) else (middle, high)
    return f"{high} or more"


class _Trial:
    """Whether a network takes images of a size, found without computing anything."""

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone
        self._net = self._build(backbone.side)
        self._sized = backbone.name.startswith(("maxvit_", TIMM))

    def __call__(self, side: int) -> bool:
        try:
            net = self._build(side) if self._sized else self._net
            _send_through(net, torch.zeros(1, 3, side, side, device="meta"))
        except _REFUSALS:
            return False
        return True

    def _build(self, side: int) -> nn.Module:
        return build_backbone(self._backbone, side, pretrained=True).to("meta")  # which spares slow random weights
