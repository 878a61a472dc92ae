"""The samples of a source, and where their pixels are: in memory, mapped from a file, or on the device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from training.dataset.listing import Side
from training.dataset.split import SampleId
from training.engine.data.ahead import copied_ahead
from training.errors import TraindeckError


class Store(Protocol):
    """The pixels of all samples, by row."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width as stored."""

    def batches(self, parts: Sequence[Tensor], device: torch.device) -> Iterator[Tensor]:
        """For each tensor of row numbers, their pixels on the device: uint8 [B, C, H, W].

        Raises TraindeckError for what cannot be read.
        """


@dataclass(frozen=True)
class Memory:
    """All pixels in one tensor, which may be a mapped file, or lie on the device."""

    images: Tensor
    """[N, C, H, W], uint8."""

    @property
    def shape(self) -> tuple[int, int, int]:
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    def batches(self, parts: Sequence[Tensor], device: torch.device) -> Iterator[Tensor]:
        home = self.images.device
        if device.type == "cuda" and home.type == "cpu":
            yield from copied_ahead(self.images, parts, device)
            return
        for rows in parts:
            # index_select takes a thirtieth of the time of images[rows] on a CPU. The copy is never made ahead here:
            # from memory that is not pinned, MPS would read it after it was given back (pytorch 189690).
            yield self.images.index_select(0, rows.to(home)).to(device)


@dataclass(frozen=True)
class Samples:
    """Every sample of a source."""

    store: Store
    labels: Tensor
    """[N], int64, by row."""
    row_of: Mapping[SampleId, int]
    """Of the samples that can be read, in the order of the data."""
    classes: tuple[str, ...]
    """As the file system or the data set names them."""
    fingerprint: str
    sides: Mapping[SampleId, Side] | None = None
    """Of a ready-made split."""
    groups: Mapping[SampleId, str] | None = None

    @property
    def ids(self) -> tuple[SampleId, ...]:
        return tuple(self.row_of)

    def rows(self, ids: Sequence[SampleId]) -> Tensor:
        """Row numbers of these samples. Raises TraindeckError for one that could not be read."""
        missing = [sample for sample in ids if sample not in self.row_of]
        if missing:
            raise TraindeckError(
                f"{len(missing)} samples of split.json cannot be read any more, {missing[0]!r} first.",
                "Bring them back, or launch a new run, which makes its own split.",
            )
        return torch.tensor([self.row_of[sample] for sample in ids], dtype=torch.int64)

    def kept_on(self, device: torch.device) -> Samples:
        """The same samples, kept on that device: batches are then gathered there, and nothing is copied a step."""
        if not isinstance(self.store, Memory):
            return self
        return replace(self, store=Memory(self.store.images.to(device)), labels=self.labels.to(device))
