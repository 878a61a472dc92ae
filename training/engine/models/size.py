"""How large a model is and how much it computes, found by looking at it and by sending one image through."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

Shape = tuple[int, int, int]
"""Channels, height, width."""


def count_parameters(model: nn.Module) -> int:
    """Trainable numbers."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def multiply_adds(model: nn.Module, shape: Shape) -> int:
    """Multiply-adds of convolutions and linear layers for one image, forward; the model must be on the CPU."""
    total = 0

    def count(layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        weight = layer.weight
        assert isinstance(weight, Tensor)
        total += output[0].numel() * weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    _look_through(model, shape, hooks)
    return total


def needs_company(model: nn.Module, shape: Shape) -> bool:
    """Whether batch norm would see one value a channel in a batch of one image, which torch refuses in training."""
    alone = False

    def look(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        nonlocal alone
        alone = alone or inputs[0][0, 0].numel() == 1

    hooks = [m.register_forward_pre_hook(look) for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    _look_through(model, shape, hooks)
    return alone


def _look_through(model: nn.Module, shape: Shape, hooks: list[RemovableHandle]) -> None:
    """Send one black image through, for the hooks to see, and take them off again."""
    was_training = model.training
    with torch.no_grad():
        model.eval()(torch.zeros(1, *shape))
    model.train(was_training)
    for hook in hooks:
        hook.remove()
