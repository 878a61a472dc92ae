"""What is subtracted from pixels and what they are divided by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from training.engine.data.samples import Memory, Store

ENOUGH = 2048
"""Images that are measured where each has to be decoded for it."""
PART = 1 << 23
"""Bytes that are looked at at once: a mapped file is larger than memory."""


@dataclass(frozen=True)
class Normalisation:
    """Per channel, of pixels scaled to 0…1: (x / 255 − mean) / std."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def measured(cls, store: Store, rows: Tensor) -> Normalisation:
        """Mean and standard deviation of these rows; where images are decoded as they are needed, of ENOUGH of them,
        evenly spread. Raises TraindeckError for what cannot be read.
        """
        if isinstance(store, Memory):
            return cls.of(store.images, rows)
        count = min(ENOUGH, len(rows))
        return cls._over(store, rows[torch.arange(count) * len(rows) // count])

    @classmethod
    def of(cls, images: Tensor, rows: Tensor) -> Normalisation:
        """Mean and standard deviation of these rows of uint8 images, exact."""
        return cls._over(Memory(images), rows)

    @classmethod
    def none(cls, channels: int) -> Normalisation:
        """Pixels stay in 0…1."""
        return cls((0.0,) * channels, (1.0,) * channels)

    @classmethod
    def _over(cls, store: Store, rows: Tensor) -> Normalisation:
        channels, height, width = store.shape
        parts = torch.split(rows, max(1, PART // (channels * height * width)))
        counts = _level_counts(store.batches(parts, torch.device("cpu")), channels)
        levels = torch.arange(256, dtype=torch.float64) / 255
        share = counts / counts.sum(dim=1, keepdim=True)
        mean = share @ levels
        std = (share * (levels - mean[:, None]) ** 2).sum(dim=1).sqrt()
        return cls(tuple(mean.tolist()), tuple(value or 1.0 for value in std.tolist()))


def _level_counts(batches: Iterable[Tensor], channels: int) -> Tensor:
    """How often each of the 256 values occurs in each channel: float64 [C, 256], whole numbers."""
    counts = torch.zeros(channels, 256, dtype=torch.float64)
    for images in batches:
        for channel in range(channels):
            counts[channel] += torch.bincount(images[:, channel].flatten(), minlength=256)
    return counts
