"""The batches of one side of a split: gathered by row, moved as bytes, changed and normalised on the device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from training.config.data import Data
from training.engine.data.augment import level_of
from training.engine.data.epoch import Bounds, Epoch
from training.engine.data.normalisation import Normalisation
from training.engine.data.rendering import Rendering
from training.engine.data.samples import Samples
from training.engine.ranks import ALONE, Ranks
from training.seeds import derive

EVALUATION_VALUES = 1 << 20
"""Input values of one evaluation batch on a CPU: no faster with more of them, and small beside a training step."""
GPU_EVALUATION_VALUES = 1 << 22
"""Elsewhere: enough to keep the device busy."""


class Labels(NamedTuple):
    """Of a batch's images: labels [N], int64, and with MixUp those of their partners and the images' own shares."""

    labels: Tensor
    others: Tensor | None = None
    share: Tensor | None = None


class Batch(NamedTuple):
    """Images [N, C, H, W], normalised, and labels [N], int64, on the training device.

    With MixUp each image is `share` [N] parts of its own and the rest of one with the label `others` [N].
    """

    images: Tensor
    labels: Tensor
    others: Tensor | None = None
    share: Tensor | None = None
    whole: Labels | None = None
    """Where several processes train: the labels of all ranks' parts of this batch, to divide its losses by."""
    copies: int = 1
    """Ranks that have these very images; each then counts for so much less."""

    @property
    def all_labels(self) -> Labels:
        """Of this batch on all ranks."""
        return self.whole or Labels(self.labels, self.others, self.share)


class Subset:
    """One side of the split, ready to be trained or evaluated on.

    `data` is what the training side is augmented, mixed and sampled by; without it nothing is drawn but the order.
    `side` is that of the images as the model sees them; None for as they are stored. Of each batch a process gets the
    part that is its own among the `ranks`.
    """

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
        ranks: Ranks = ALONE,
    ) -> None:
        _, stored, _ = samples.store.shape
        self.rows = rows
        self.labels = samples.labels[rows.to(samples.labels.device)].cpu()
        self._samples = samples
        self._device = device
        self._seed = seed
        self._data = data
        self._ranks = ranks
        self._level = level_of(data or Data())
        self._side = side or stored
        self._channels = len(normalisation.mean)
        self._rendering = Rendering(stored, self._side, normalisation, device, self._level)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width as the model sees them."""
        return self._channels, self._side, self._side

    @property
    def counts(self) -> list[int]:
        """Samples of each class, up to the highest label there is."""
        return torch.bincount(self.labels).tolist()

    def steps(self, epoch: int, batch_size: int, *, accumulate: int = 1, start: int = 0) -> Iterator[tuple[Batch, ...]]:
        """The optimizer steps of an epoch from number `start` on, each the batches whose gradients it adds.

        (seed, epoch) alone decide the order of the images and what becomes of each; where batches begin does not.
        """
        drawn = Epoch.drawn(self._data, self.rows, self.labels, seed=self._seed, epoch=epoch)
        steps = step_parts(len(self), batch_size, accumulate)[start:]
        batches = self._training_batches(drawn, [bounds for step in steps for bounds in step])
        for step in steps:
            yield tuple(next(batches) for _ in step)

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Every sample as it lies; batches as large as evaluation allows."""
        return self._evaluation_batches(torch.arange(len(self)), batch_size)

    def some(self, count: int, batch_size: int) -> Iterator[Batch]:
        """At most `count` samples of all classes: those that lie together are often of one. Nothing is augmented."""
        return self._evaluation_batches(self._chosen(count), batch_size)

    def seen(self, count: int) -> Iterator[Tensor]:
        """The same samples' images alone, as the model sees them, a few at a time; every rank gets all of them."""
        channels, height, width = self.shape
        parts = batch_bounds(min(count, len(self)), max(1, EVALUATION_VALUES // (channels * height * width)))
        for stored in self._stored(self._chosen(count)[None], parts):
            yield self._rendering.plain(stored)

    def _chosen(self, count: int) -> Tensor:
        """Places of at most `count` samples: the same ones whenever it is asked."""
        generator = torch.Generator().manual_seed(derive(self._seed, "some"))
        return torch.randperm(len(self.rows), generator=generator)[:count]

    def _training_batches(self, epoch: Epoch, batches: Sequence[Bounds]) -> Iterator[Batch]:
        labels = self.labels[epoch.places].to(self._device)
        shares = None if epoch.shares is None else epoch.shares.to(self._device)
        parts, copied = self._parts(batches)
        changes = self._changes(epoch, parts)
        for bounds, part, copies, stored in zip(batches, parts, copied, self._stored(epoch.places, parts), strict=True):
            images = self._rendering.changed(stored, next(changes)) if changes else self._rendering.plain(stored)
            own = _labels(labels, shares, part)
            if own.share is not None:
                images = _blended(images, own.share)
            yield Batch(images, *own, _labels(labels, shares, bounds) if self._ranks.several else None, copies)

    def _changes(self, epoch: Epoch, batches: Sequence[Bounds]) -> Iterator[Tensor] | None:
        return None if self._level.still else epoch.changes(self._level, self._side, batches, self._device)

    def _evaluation_batches(self, places: Tensor, batch_size: int) -> Iterator[Batch]:
        channels, height, width = self.shape
        most = EVALUATION_VALUES if self._device.type == "cpu" else GPU_EVALUATION_VALUES
        size = max(batch_size, most // (channels * height * width)) * self._ranks.world
        parts, copied = self._parts([(first, min(first + size, len(places))) for first in range(0, len(places), size)])
        labels = self.labels[places].to(self._device)
        for (first, end), copies, stored in zip(parts, copied, self._stored(places[None], parts), strict=True):
            yield Batch(self._rendering.plain(stored), labels[first:end], copies=copies)

    def _parts(self, batches: Sequence[Bounds]) -> tuple[list[Bounds], list[int]]:
        """This rank's part of each batch, and how many ranks have it."""
        shared = [self._ranks.part(bounds) for bounds in batches]
        return [bounds for bounds, _ in shared], [copies for _, copies in shared]

    def _stored(self, places: Tensor, batches: Sequence[Bounds]) -> Iterator[Tensor]:
        """The bytes of each batch; of `places` [K, N] the first line comes first."""
        # Where the images are kept on the device, all row numbers move there in one copy.
        rows = self.rows[places].to(self._samples.labels.device)
        return self._samples.store.batches([rows[:, first:end].flatten() for first, end in batches], self._device)


def _labels(labels: Tensor, shares: Tensor | None, bounds: Bounds) -> Labels:
    """Of the images within the bounds: of `labels` [1 or 2, N], partners below, and `shares` [N]."""
    first, end = bounds
    if shares is None:
        return Labels(labels[0, first:end])
    return Labels(labels[0, first:end], labels[1, first:end], shares[first:end])


def _blended(images: Tensor, share: Tensor) -> Tensor:
    """[2B, C, H, W], partners below, and [B] to [B, C, H, W]."""
    own, partner = images.chunk(2)
    share = share.view(-1, 1, 1, 1)
    return own.mul_(share).add_(partner.mul_(1 - share))


def step_parts(count: int, batch_size: int, accumulate: int) -> list[list[Bounds]]:
    """For each optimizer step the first and end of its batches."""
    return [
        [(first + low, first + high) for low, high in batch_bounds(end - first, batch_size)]
        for first, end in batch_bounds(count, batch_size * accumulate)
    ]


def batch_bounds(count: int, batch_size: int) -> list[Bounds]:
    """First and end of each batch. A last batch of one sample joins the one before: batch norm cannot train on it."""
    bounds = [(first, min(first + batch_size, count)) for first in range(0, count, batch_size)]
    if batch_size > 1 and len(bounds) > 1 and bounds[-1][1] - bounds[-1][0] == 1:
        bounds[-2:] = [(bounds[-2][0], count)]
    return bounds
