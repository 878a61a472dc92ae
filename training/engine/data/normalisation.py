"""What is subtracted from pixels and what they are divided by."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Normalisation:
    """Per channel, of pixels scaled to 0…1: (x / 255 − mean) / std."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, images: Tensor, rows: Tensor) -> Normalisation:
        """Mean and standard deviation of these rows of uint8 images, exact: from counts of the 256 values."""
        mean, std = [], []
        levels = torch.arange(256, dtype=torch.float64) / 255
        for channel in range(images.shape[1]):
            counts = torch.zeros(256, dtype=torch.float64)
            for part in torch.split(rows, 4096):
                counts += torch.bincount(images[part, channel].flatten(), minlength=256)
            share = counts / counts.sum()
            middle = float((share * levels).sum())
            spread = float((share * (levels - middle) ** 2).sum()) ** 0.5
            mean.append(middle)
            std.append(spread or 1.0)
        return cls(tuple(mean), tuple(std))

    @classmethod
    def none(cls, channels: int) -> Normalisation:
        """Pixels stay in 0…1."""
        return cls((0.0,) * channels, (1.0,) * channels)
