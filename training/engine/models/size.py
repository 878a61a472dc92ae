"""How large a model is and how much it computes, found by looking at it and by sending one image through."""

from __future__ import annotations

from torch import Tensor, nn

from training.engine.models.trace import Shape, look_through, trace

__all__ = ["Shape", "count_parameters", "multiply_adds", "needs_company"]


def count_parameters(model: nn.Module) -> int:
    """Trainable numbers."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def multiply_adds(model: nn.Module, shape: Shape) -> int:
    """Multiply-adds of convolutions, linear layers and attention for one image, forward."""
    return sum(call.multiply_adds for call in trace(model, shape))


def needs_company(model: nn.Module, shape: Shape) -> bool:
    """Whether batch norm would see one value a channel in a batch of one image, which torch refuses in training."""
    alone = False

    def look(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        nonlocal alone
        alone = alone or inputs[0][0, 0].numel() == 1

    # Frozen ones keep their statistics, and so take a single value.
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d) and m.training]
    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    look_through(model, shape, hooks)
    return alone
