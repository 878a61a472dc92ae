"""The model as several processes train it: torch's DistributedDataParallel, which adds their gradients up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from training.engine.memory import as_it_was
from training.engine.models.size import Shape
from training.engine.ranks import Ranks

Forward = Callable[[Tensor], Tensor]


def shared(model: nn.Module, forward: Forward, ranks: Ranks, shape: Shape, device: torch.device) -> Forward:
    """`forward`, the model itself or compiled, so that a backward pass leaves the mean of all ranks' gradients.

    The weights begin as rank 0's. What batch norm has measured is the same everywhere (models/sync_norm.py).
    """
    if not ranks.several:
        return forward
    assert isinstance(forward, nn.Module)
    options = signature(DistributedDataParallel).parameters
    buffers = "forward_sync_buffers" if "forward_sync_buffers" in options else "broadcast_buffers"  # before torch 2.14
    sent: dict[str, Any] = {buffers: False}
    return DistributedDataParallel(
        forward,
        device_ids=[device.index] if device.type == "cuda" else None,
        find_unused_parameters=_has_idle_weights(model, shape, device),
        **sent,
    )


def kept_back(forward: Forward) -> AbstractContextManager[Any]:
    """Around the passes of a batch whose gradients are added to those of the next one: nothing is sent yet."""
    return forward.no_sync() if isinstance(forward, DistributedDataParallel) else nullcontext()


def _has_idle_weights(model: nn.Module, shape: Shape, device: torch.device) -> bool:
    """Whether some weight takes no part in the loss: DDP would wait for its gradient, and looking costs each step."""
    with as_it_was(model):
        model(torch.zeros(2, *shape, device=device)).sum().backward()
        idle = any(p.requires_grad and p.grad is None for p in model.parameters())
    model.zero_grad(set_to_none=True)
    return idle
