"""The batches of one side of a split: gathered by row, moved as bytes, normalised on the device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from training.config.schema import Data
from training.engine.data.normalisation import Normalisation
from training.engine.data.samples import Samples
from training.seeds import derive

EVALUATION_VALUES = 1 << 22
"""Input values of one evaluation batch: enough to keep the device busy, small enough beside a training step."""


class Batch(NamedTuple):
    """Images [N, C, H, W], normalised, and labels [N], int64, on the training device.

    With MixUp each image is `share` [N] parts of its own and the rest of one with the label `others` [N].
    """

    images: Tensor
    labels: Tensor
    others: Tensor | None = None
    share: Tensor | None = None


class Subset:
    """One side of the split, ready to be trained or evaluated on."""

    def __init__(
        self,
        samples: Samples,
        rows: Tensor,
        normalisation: Normalisation,
        device: torch.device,
        *,
        seed: int,
        data: Data | None = None,
        side: int | None = None,
    ) -> None:
        del data, side
        self.rows = rows
        self.labels = samples.labels[rows.to(samples.labels.device)].cpu()
        self._samples = samples
        self._device = device
        self._seed = seed
        shape = (1, -1, 1, 1)
        scale = torch.tensor([1 / (255 * std) for std in normalisation.std], dtype=torch.float32)
        shift = torch.tensor(
            [-mean / std for mean, std in zip(normalisation.mean, normalisation.std, strict=True)], dtype=torch.float32
        )
        self._scale = scale.view(shape).to(device)
        self._shift = shift.view(shape).to(device)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def counts(self) -> list[int]:
        """Samples of each class, up to the highest label there is."""
        return torch.bincount(self.labels).tolist()

    def steps(self, epoch: int, batch_size: int, *, accumulate: int = 1, start: int = 0) -> Iterator[tuple[Batch, ...]]:
        """The optimizer steps of an epoch from number `start` on, each the batches whose gradients it adds.

        (seed, epoch) alone decide the order of the images.
        """
        generator = torch.Generator().manual_seed(derive(self._seed, "order", epoch))
        order = self.rows[torch.randperm(len(self.rows), generator=generator)]
        steps = step_parts(len(order), batch_size, accumulate)[start:]
        batches = self._batches([order[first:end] for step in steps for first, end in step])
        for step in steps:
            yield tuple(next(batches) for _ in step)

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Every sample as it lies; batches as large as evaluation allows."""
        return self._evaluation_batches(self.rows, batch_size)

    def some(self, count: int, batch_size: int) -> Iterator[Batch]:
        """At most `count` samples of all classes: those that lie together are often of one."""
        generator = torch.Generator().manual_seed(derive(self._seed, "some"))
        chosen = torch.randperm(len(self.rows), generator=generator)[:count]
        return self._evaluation_batches(self.rows[chosen], batch_size)

    def _evaluation_batches(self, rows: Tensor, batch_size: int) -> Iterator[Batch]:
        channels, height, width = self._samples.store.shape
        size = max(batch_size, EVALUATION_VALUES // (channels * height * width))
        return self._batches(list(torch.split(rows, size)))

    def _batches(self, parts: list[Tensor]) -> Iterator[Batch]:
        labels = self._samples.labels
        for rows, images in zip(parts, self._samples.store.batches(parts, self._device), strict=True):
            yield Batch(self._normalised(images), labels[rows.to(labels.device)].to(self._device))

    def _normalised(self, images: Tensor) -> Tensor:
        return images.float().mul_(self._scale).add_(self._shift)


def step_parts(count: int, batch_size: int, accumulate: int) -> list[list[tuple[int, int]]]:
    """For each optimizer step the first and end of its batches."""
    return [
        [(first + low, first + high) for low, high in batch_bounds(end - first, batch_size)]
        for first, end in batch_bounds(count, batch_size * accumulate)
    ]


def batch_bounds(count: int, batch_size: int) -> list[tuple[int, int]]:
    """First and end of each batch. A last batch of one sample joins the one before: batch norm cannot train on it."""
    bounds = [(first, min(first + batch_size, count)) for first in range(0, count, batch_size)]
    if batch_size > 1 and len(bounds) > 1 and bounds[-1][1] - bounds[-1][0] == 1:
        bounds[-2:] = [(bounds[-2][0], count)]
    return bounds
