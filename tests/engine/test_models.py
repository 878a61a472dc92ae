"""The custom CNN as its config describes it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from training.config.model import Model
from training.engine.models.cnn import build_cnn
from training.engine.models.size import count_parameters, multiply_adds, needs_company
from training.errors import InvalidInput


def model(**settings: Any) -> nn.Sequential:
    return build_cnn(msgspec.convert(settings, Model), (3, 16, 16), 5)


def test_blocks_and_dense_layers_come_in_the_order_of_the_config() -> None:
    net = model(
        blocks=[{"filters": 8, "activation": "gelu", "dropout": 0.25}, {"filters": 16, "pooling": "avg"}],
        dense_layers=[{"units": 32, "dropout": 0.5}],
    )
    kinds = [type(layer).__name__ for layer in net.modules() if not isinstance(layer, nn.Sequential)]
    first = ["Conv2d", "BatchNorm2d", "GELU", "MaxPool2d", "Dropout2d"]
    second = ["Conv2d", "BatchNorm2d", "ReLU", "AvgPool2d"]
    assert kinds == [*first, *second, "Flatten", "Linear", "ReLU", "Dropout", "Linear"]
    assert net(torch.zeros(2, 3, 16, 16)).shape == (2, 5)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_a_convolution_keeps_the_size_of_the_image(kernel: int) -> None:
    net = model(blocks=[{"filters": 4, "kernel_size": kernel, "pooling": "none"}], dense_layers=[])
    assert count_parameters(net) == 3 * 4 * kernel**2 + 2 * 4 + (4 * 16 * 16 + 1) * 5


def test_a_block_without_batch_norm_has_a_bias_instead() -> None:
    net = model(blocks=[{"filters": 4, "batch_norm": False}], dense_layers=[])
    assert count_parameters(net) == 3 * 4 * 9 + 4 + (4 * 8 * 8 + 1) * 5


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "gelu", "silu", "tanh"])
def test_every_activation_of_the_config_is_known(activation: str) -> None:
    assert model(blocks=[{"filters": 4, "activation": activation}])(torch.ones(2, 3, 16, 16)).isfinite().all()


def test_more_pooling_than_the_image_allows_names_the_block() -> None:
    with pytest.raises(InvalidInput, match="block 5 would pool an image of 1×1"):
        model(blocks=[{"filters": 4}] * 5)


def test_multiply_adds_are_counted_layer_by_layer() -> None:
    net = model(blocks=[{"filters": 4}], dense_layers=[{"units": 7}])
    assert multiply_adds(net, (3, 16, 16)) == 16 * 16 * 4 * 27 + 256 * 7 + 7 * 5
    assert net.training


def test_batch_norm_on_a_single_pixel_needs_more_than_one_image() -> None:
    blocks = [{"filters": 4}] * 4
    assert not needs_company(model(blocks=blocks), (3, 16, 16))
    assert needs_company(model(blocks=[*blocks, {"filters": 4, "pooling": "none"}]), (3, 16, 16))
