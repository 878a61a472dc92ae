"""The custom CNN of the guide (section 8): convolution blocks, dense layers, a linear classifier."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from training.config.model import Block, Model
from training.errors import InvalidInput

Shape = tuple[int, int, int]
"""Channels, height, width."""

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}
_POOLINGS: dict[str, type[nn.Module]] = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d}


def build_model(model: Model, shape: Shape, classes: int) -> nn.Sequential:
    """The network for images of `shape`: [N, C, H, W] in, logits [N, classes] out; weights by torch's default rules.

    Raises InvalidInput for more pooling than the image allows.
    """
    channels, height, width = shape
    layers: list[nn.Module] = []
    for number, block in enumerate(model.blocks, 1):
        layers.append(_block(block, channels))
        channels = block.filters
        if block.pooling != "none":
            if min(height, width) < 2:
                raise InvalidInput(
                    f"model.blocks: block {number} would pool an image of {height}×{width}.",
                    "Set its pooling to none, use fewer blocks, or a larger data.image_size.",
                )
            height, width = height // 2, width // 2
    layers.append(nn.Flatten())
    features = channels * height * width
    for dense in model.dense_layers:
        layers += [nn.Linear(features, dense.units), nn.ReLU(), *_dropout(nn.Dropout, dense.dropout)]
        features = dense.units
    layers.append(nn.Linear(features, classes))
    return nn.Sequential(*layers)


def _block(block: Block, channels: int) -> nn.Sequential:
    # torch pads an even kernel unevenly by itself; the number avoids a copy of the image where the kernel is odd.
    padding = block.kernel_size // 2 if block.kernel_size % 2 else "same"
    layers: list[nn.Module] = [
        nn.Conv2d(channels, block.filters, block.kernel_size, padding=padding, bias=not block.batch_norm)
    ]
    if block.batch_norm:
        layers.append(nn.BatchNorm2d(block.filters))
    layers.append(_ACTIVATIONS[block.activation]())
    if block.pooling != "none":
        layers.append(_POOLINGS[block.pooling](2))
    return nn.Sequential(*layers, *_dropout(nn.Dropout2d, block.dropout))


def _dropout(kind: type[nn.Module], probability: float) -> list[nn.Module]:
    return [kind(probability)] if probability else []


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
