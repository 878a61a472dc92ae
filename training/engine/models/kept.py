"""What a forward pass leaves behind for the backward pass: most of what training takes of the memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def kept_for_backward(model: nn.Module, forward: Callable[[], object]) -> int:
    """Bytes that autograd keeps while `forward` runs `model`, each storage once, the weights left out."""
    weights = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    kept: dict[int, Tensor] = {}  # alive, so that no address is used twice

    def pack(tensor: Tensor) -> Tensor:
        address = tensor.untyped_storage().data_ptr()
        if address not in weights:
            kept[address] = tensor.detach()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        forward()
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
