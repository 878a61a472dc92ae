"""The custom CNN as its config describes it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor, nn

from training.config.model import Model
from training.engine.models.cnn import build_cnn
from training.engine.models.describe import layers, memory
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


def test_attention_and_layers_that_are_only_used_count_like_called_ones() -> None:
    attention = nn.MultiheadAttention(8, 2, batch_first=True)

    class Among(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = attention

        def forward(self, x: Tensor) -> Tensor:
            patches = x.flatten(1, 2)  # [N, 15, 8]
            mixed: Tensor = self.attention(patches, patches, patches)[0]
            return mixed

    inside = 15 * 8 * 24 + 2 * 15 * 15 * 8 + 15 * 8 * 8
    assert multiply_adds(Among(), (3, 5, 8)) == inside
    (layer,) = layers(Among(), (3, 5, 8))
    assert (layer.name, layer.output, layer.multiply_adds) == ("attention", (15, 8), inside)
    assert layer.parameters == count_parameters(attention)


def test_counting_does_not_load_the_compiler() -> None:
    source = (
        "import sys, torch; from training.engine.models.size import multiply_adds\n"
        "multiply_adds(torch.nn.Conv2d(3, 4, 3), (3, 8, 8)); print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_memory_is_weights_gradients_optimizer_and_what_is_kept_for_the_backward_pass() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 20), nn.Sigmoid(), nn.Linear(20, 5))
    needed = memory(net, (3, 2, 2), "SGD with Momentum", 10, average=False)
    weights = 4 * (12 * 20 + 20 + 20 * 5 + 5)
    assert (needed.weights, needed.gradients, needed.optimizer, needed.average) == (weights, weights, weights, 0)
    # The input of either linear layer; the sigmoid keeps its output, which is the second of these.
    assert needed.activations == 4 * 10 * (12 + 20)
    net[1].requires_grad_(False)
    frozen = memory(net, (3, 2, 2), "Adam", 10, average=True)
    assert (frozen.weights, frozen.gradients, frozen.optimizer) == (weights, 4 * 105, 2 * 4 * 105)
    assert (frozen.average, frozen.activations) == (4 * 105, 4 * 10 * 20)
