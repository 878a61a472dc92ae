"""Which sample an epoch shows when: functions of (seed, epoch)."""

from __future__ import annotations

import torch
from torch import Tensor

from training.seeds import derive


def shuffled(labels: Tensor, seed: int, epoch: int) -> Tensor:
    """Places in `labels` [N], each once."""
    return torch.randperm(len(labels), generator=_generator(seed, epoch))


def balanced(labels: Tensor, seed: int, epoch: int) -> Tensor:
    """N places in `labels` [N] in which all classes that occur come equally often, but for the remainder of N / K.

    A class is gone through as often as its share needs, each time in another order: no image of it comes a third time
    before all have come twice. Chance alone decides which classes get the remainder.
    """
    generator = _generator(seed, epoch)
    classes = torch.bincount(labels).nonzero().flatten()
    each, rest = divmod(len(labels), len(classes))
    lucky = set(torch.randperm(len(classes), generator=generator)[:rest].tolist())
    drawn = []
    for number, label in enumerate(classes):
        members = (labels == label).nonzero().flatten()
        left = each + (number in lucky)
        while left > 0:
            drawn.append(members[torch.randperm(len(members), generator=generator)[:left]])
            left -= len(drawn[-1])
    places = torch.cat(drawn)
    return places[torch.randperm(len(places), generator=generator)]


def times_before(places: Tensor) -> Tensor:
    """For each of the places [N], how often it stood earlier in the list: 0 for all of a shuffled epoch."""
    grouped, order = places.sort(stable=True)
    position = torch.arange(len(places))
    begins = torch.ones(len(places), dtype=torch.bool)
    begins[1:] = grouped[1:] != grouped[:-1]
    first = torch.where(begins, position, 0).cummax(dim=0).values
    return torch.empty_like(position).scatter_(0, order, position - first)


def _generator(seed: int, epoch: int) -> torch.Generator:
    return torch.Generator().manual_seed(derive(seed, "order", epoch))
