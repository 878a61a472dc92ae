"""Decoded samples, and the batches made of them: gathered by index, moved as bytes, normalised on the device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from training.errors import TraindeckError
from training.seeds import derive
from training.split import SampleId

Batch = tuple[Tensor, Tensor]
"""Images [N, C, H, W], float32 and normalised, and labels [N], int64, on the training device."""

EVALUATION_VALUES = 1 << 22
"""Input values of one evaluation batch: enough to keep the device busy, small enough beside a training step."""


@dataclass(frozen=True)
class Samples:
    """Every sample of a source, decoded; `ids`, `labels` and `images` go together, in memory or on the device."""

    images: Tensor
    """[N, C, H, W], uint8."""
    labels: Tensor
    """[N], int64."""
    ids: tuple[SampleId, ...]
    classes: tuple[str, ...]
    """As the file system or the data set names them."""
    fingerprint: str

    @property
    def shape(self) -> tuple[int, int, int]:
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    def to(self, device: torch.device) -> Samples:
        """The same samples, kept on that device: batches are then gathered there, and nothing is copied a step."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def rows(self, ids: Sequence[SampleId]) -> Tensor:
        """Row numbers of these samples. Raises TraindeckError for one that could not be read."""
        row_of = {sample: row for row, sample in enumerate(self.ids)}
        missing = [sample for sample in ids if sample not in row_of]
        if missing:
            raise TraindeckError(
                f"{len(missing)} samples of split.json cannot be read any more, {missing[0]!r} first.",
                "Bring them back, or launch a new run, which makes its own split.",
            )
        return torch.tensor([row_of[sample] for sample in ids])


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


class Subset:
    """One side of the split, ready to be trained or evaluated on."""

    def __init__(
        self, samples: Samples, rows: Tensor, normalisation: Normalisation, device: torch.device, *, seed: int
    ) -> None:
        self.rows = rows
        self.labels = samples.labels[rows.to(samples.labels.device)].cpu()
        self._images = samples.images
        self._labels = samples.labels
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

    def batches(self, epoch: int, batch_size: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from number `start` on, in an order that (seed, epoch) alone decides."""
        generator = torch.Generator().manual_seed(derive(self._seed, "order", epoch))
        order = self.rows[torch.randperm(len(self.rows), generator=generator)].to(self._images.device)
        for first, end in batch_bounds(len(order), batch_size)[start:]:
            yield self._batch(order[first:end])

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Every sample as it lies; batches as large as evaluation allows."""
        return self._evaluation_batches(self.rows, batch_size)

    def some(self, count: int, batch_size: int) -> Iterator[Batch]:
        """At most `count` samples of all classes: those that lie together are often of one."""
        generator = torch.Generator().manual_seed(derive(self._seed, "some"))
        chosen = torch.randperm(len(self.rows), generator=generator)[:count]
        return self._evaluation_batches(self.rows[chosen], batch_size)

    def _evaluation_batches(self, rows: Tensor, batch_size: int) -> Iterator[Batch]:
        values = max(1, self._images[0].numel())
        for part in torch.split(rows.to(self._images.device), max(batch_size, EVALUATION_VALUES // values)):
            yield self._batch(part)

    def _batch(self, rows: Tensor) -> Batch:
        images, labels = self._images[rows], self._labels[rows]
        if self._device.type == "cuda" and not images.is_cuda:
            # Pinned memory lets the copy run beside the kernels; torch keeps it until the copy is done.
            images, labels = images.pin_memory(), labels.pin_memory()
        # Only from pinned memory: MPS reads a plain source after it was given back (pytorch issue 189690).
        pinned = self._device.type == "cuda"
        images = images.to(self._device, non_blocking=pinned)
        labels = labels.to(self._device, non_blocking=pinned)
        return images.float().mul_(self._scale).add_(self._shift), labels


def batch_bounds(count: int, batch_size: int) -> list[tuple[int, int]]:
    """First and end of each batch. A last batch of one sample joins the one before: batch norm cannot train on it."""
    bounds = [(first, min(first + batch_size, count)) for first in range(0, count, batch_size)]
    if batch_size > 1 and len(bounds) > 1 and bounds[-1][1] - bounds[-1][0] == 1:
        bounds[-2:] = [(bounds[-2][0], count)]
    return bounds
