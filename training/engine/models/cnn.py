"""The custom CNN of the guide (section 8): convolution blocks, dense layers, a linear classifier."""

from __future__ import annotations

from torch import nn

from training.config.model import Block, Model
from training.engine.models.size import Shape
from training.errors import InvalidInput

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}
_POOLINGS: dict[str, type[nn.Module]] = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d}


def build_cnn(model: Model, shape: Shape, classes: int) -> nn.Sequential:
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
