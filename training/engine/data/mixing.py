"""MixUp (Zhang et al., 2018): each training image is blended with another, and so is its loss."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

POINTS = 8192
"""Of the table of the Beta distribution."""


def partners(draws: Tensor) -> Tensor:
    """From uniform draws [N] the position of each image's partner in the epoch, never its own where there are two.

    Partners are drawn from the epoch and not from the data, so that a balanced sampler balances them too.
    """
    count = len(draws)
    steps = 1 + (draws.double() * (count - 1)).long()
    return (torch.arange(count) + steps) % count


def shares(draws: Tensor, a: float) -> Tensor:
    """From uniform draws [N] shares of Beta(a, a), float32, by the inverse of its distribution function."""
    values, below = _lower_half(a)
    # The density is symmetric: a draw above one half is the mirror image of one below.
    half = 2 * torch.minimum(draws, 1 - draws).double()
    right = torch.searchsorted(below, half).clamp_(1, len(below) - 1)
    left = right - 1
    width = (below[right] - below[left]).clamp_(min=torch.finfo(torch.float64).tiny)
    within = ((half - below[left]) / width).clamp_(0, 1)
    share = _share(values[left] + within * (values[right] - values[left]), a)
    return torch.where(draws < 0.5, share, 1 - share).float()


@cache
def _lower_half(a: float) -> tuple[Tensor, Tensor]:
    """Points from 0 to where the share is 1/2, and what part of the lower half of the distribution lies below each.

    The density x**(a-1) (1-x)**(a-1) has a pole at 0 for a < 1. Over u = x**a it has none: du = a x**(a-1) dx leaves
    (1-x)**(a-1), up to a factor. For a ≥ 1 the points are those of x itself.
    """
    if a < 1:
        values = torch.linspace(0, 0.5**a, POINTS, dtype=torch.float64)
        density = (1 - _share(values, a)) ** (a - 1)
    else:
        values = torch.linspace(0, 0.5, POINTS, dtype=torch.float64)
        density = (values * (1 - values)) ** (a - 1)
    below = torch.cat((torch.zeros(1, dtype=torch.float64), torch.cumulative_trapezoid(density, values)))
    return values, below / below[-1].clone()


def _share(values: Tensor, a: float) -> Tensor:
    return values ** (1 / a) if a < 1 else values
