"""A model's layers, what they compute, and the memory that training it takes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.config.schema import Optimizer
from training.engine.models.kept import kept_for_backward
from training.engine.models.size import Shape
from training.engine.models.trace import Call, trace
from training.runs.estimates import OPTIMIZER_STATE

PROBE = 2
"""Images sent through to measure activations: batch norm refuses a single one where it sees one value a channel."""


@dataclass(frozen=True)
class Layer:
    """A module that computes something itself; what it holds but never calls counts to it."""

    name: str
    kind: str
    output: tuple[int, ...]
    """Without the batch."""
    parameters: int
    trainable: int
    multiply_adds: int
    """For one image, forward."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a training step in fp32, as far as they can be known beforehand.

    Not in it: the images themselves, the work space of convolutions, what the allocator keeps in reserve, and the some
    hundred MB of a CUDA context. Half precision halves most of the activations.
    """

    weights: int
    """Parameters and statistics."""
    gradients: int
    optimizer: int
    average: int
    """Of the moving average of the weights, where there is one."""
    activations: int
    """Kept for the backward pass, for the whole batch."""

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.average + self.activations


def layers(model: nn.Module, shape: Shape) -> list[Layer]:
    """In the order in which they are called; their sums are those of the whole model."""
    calls = trace(model, shape)
    called = {call.name for call in calls}
    rows = []
    for call in calls:
        own = _own_parameters(call.name, call.module, called)
        inner = any(name.startswith(f"{call.name}." if call.name else "") for name in called - {call.name})
        if own or call.multiply_adds or not inner:
            rows.append(_layer(call, own))
    return rows


def _own_parameters(name: str, module: nn.Module, called: set[str]) -> list[nn.Parameter]:
    """Those of the module itself and of parts of it that are not called, only used."""
    own = list(module.parameters(recurse=False))
    for child_name, child in module.named_children():
        full = f"{name}.{child_name}" if name else child_name
        if full not in called:
            own += _own_parameters(full, child, called)
    return own


def _layer(call: Call, own: list[nn.Parameter]) -> Layer:
    return Layer(
        name=call.name or "(model)",
        kind=type(call.module).__name__,
        output=call.output,
        parameters=sum(parameter.numel() for parameter in own),
        trainable=sum(parameter.numel() for parameter in own if parameter.requires_grad),
        multiply_adds=call.multiply_adds,
    )


def memory(model: nn.Module, shape: Shape, optimizer: Optimizer, batch_size: int, *, average: bool) -> Memory:
    """The model is changed: its batch norm statistics move."""
    trained = sum(_bytes(parameter) for parameter in model.parameters() if parameter.requires_grad)
    buffers = sum(_bytes(buffer) for buffer in model.buffers())
    return Memory(
        weights=sum(_bytes(parameter) for parameter in model.parameters()) + buffers,
        gradients=trained,
        optimizer=OPTIMIZER_STATE[optimizer] * trained,
        average=trained + buffers if average else 0,
        activations=kept_for_backward(model, lambda: model.train()(torch.zeros(PROBE, *shape))) * batch_size // PROBE,
    )


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
