"""All that an epoch of training decides at random: a function of (seed, epoch), made on the CPU before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.config.data import Data
from training.engine.data import mixing
from training.engine.data.augment import DRAWS, Level, changes
from training.engine.data.draws import uniforms
from training.engine.data.order import balanced, shuffled, times_before

Bounds = tuple[int, int]
"""First and end of a batch in the epoch."""

WINDOW = 4096
"""Images whose changes are drawn at once: enough that drawing costs next to nothing, few enough to take no memory."""

_PARTNER, _SHARE, _OWN = 0, 1, 2
"""The first of a sample's numbers for each use; those of its partner's changes follow its own."""


@dataclass(frozen=True)
class Epoch:
    """Who is shown when, blended with whom, and how both are changed."""

    places: Tensor
    """[1, N] places in the subset, or [2, N] with MixUp: below each image its partner."""
    shares: Tensor | None
    """[N], float32: what part of its blend is the image itself."""
    _seed: int
    _number: int
    _rows: Tensor
    """[N], of the images themselves; their numbers decide over their partners too."""
    _times: Tensor

    @classmethod
    def drawn(cls, data: Data | None, rows: Tensor, labels: Tensor, *, seed: int, epoch: int) -> Epoch:
        """An epoch of the samples `rows` [N] with `labels` [N], on the CPU, as a config's data section wants it."""
        order = balanced if data and data.sampler == "balanced" else shuffled
        places = order(labels, seed, epoch)
        rows, times = rows[places], times_before(places)
        if data is None or data.mixup == 0:
            return cls(places[None], None, seed, epoch, rows, times)
        drawn = uniforms(seed, epoch, rows, times, first=_PARTNER, count=_OWN)
        both = torch.stack((places, places[mixing.partners(drawn[:, _PARTNER])]))
        return cls(both, mixing.shares(drawn[:, _SHARE], data.mixup), seed, epoch, rows, times)

    def changes(self, level: Level, side: int, batches: Sequence[Bounds], device: torch.device) -> Iterator[Tensor]:
        """For each batch the changes of its images, then of their partners: [B or 2B, CHANGES], on the device."""
        for window in _windows(batches):
            begin, end = window[0][0], window[-1][1]
            rows, times = self._rows[begin:end], self._times[begin:end]
            drawn = [
                changes(level, uniforms(self._seed, self._number, rows, times, first=first, count=DRAWS), side)
                for first in (_OWN, _OWN + DRAWS)[: len(self.places)]
            ]
            moved = torch.stack(drawn).to(device)
            for first, last in window:
                yield moved[:, first - begin : last - begin].flatten(0, 1)


def _windows(batches: Sequence[Bounds]) -> Iterator[Sequence[Bounds]]:
    """Successive batches of at least WINDOW images together, as long as there are as many."""
    begin = 0
    for place, (_, end) in enumerate(batches, 1):
        if end - batches[begin][0] >= WINDOW or place == len(batches):
            yield batches[begin:place]
            begin = place
