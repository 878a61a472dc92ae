"""Images that are kept nowhere: decoded as they are needed, by torch's DataLoader in processes of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.dataset.decode import Recipe, Unreadable, decode
from training.dataset.listing import Listing, shown
from training.errors import TraindeckError


class Files:
    """The same bytes as the cache would hold, at the cost of decoding them every epoch."""

    def __init__(self, listing: Listing, recipe: Recipe, channels: int, workers: int) -> None:
        self.shape = (channels, recipe.side, recipe.side)
        self._wanted = _Wanted()
        self._busy = False
        self._loader: DataLoader[Any] = DataLoader(
            _Images(listing, recipe, channels),
            batch_sampler=self._wanted,
            num_workers=workers,
            collate_fn=_as_it_is,
            worker_init_fn=_leave_signals_alone,
            persistent_workers=True,
            # Its own: torch's default generator decides the dropout, which a cache must not change.
            generator=torch.Generator(),
        )

    def batches(self, parts: Sequence[Tensor], device: torch.device) -> Iterator[Tensor]:
        """One iteration at a time: they share the workers."""
        assert not self._busy, "an iteration over the files is still going on"
        self._busy = True
        try:
            self._wanted.parts = [rows.tolist() for rows in parts]
            for images in self._loader:
                if isinstance(images, _Refused):
                    raise TraindeckError(images.message, images.remedy)
                pinned = device.type == "cuda"
                yield (images.pin_memory() if pinned else images).to(device, non_blocking=pinned)
        finally:
            self._busy = False


class _Wanted:
    """The rows of each batch of the iteration that is about to begin: a batch sampler whose epochs are handed to it."""

    def __init__(self) -> None:
        self.parts: list[list[int]] = []

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


class _Refused(NamedTuple):
    """Why a batch cannot be had; an exception would not come out of a worker as it went in."""

    message: str
    remedy: str


class _Images(Dataset[Any]):
    def __init__(self, listing: Listing, recipe: Recipe, channels: int) -> None:
        self._root = listing.root
        self._paths = listing.paths
        self._recipe = recipe
        self._channels = channels

    def __getitems__(self, rows: list[int]) -> Tensor | _Refused:
        """A whole batch [B, C, H, W], or what is wrong with the first image that cannot be had."""
        side = self._recipe.side
        images = torch.empty(len(rows), self._channels, side, side, dtype=torch.uint8)
        for place, row in enumerate(rows):
            decoded = decode(self._root, self._paths[row], self._recipe)
            if isinstance(decoded, Unreadable):
                return _Refused(f"An image cannot be read: {decoded}.", _REPAIR)
            if decoded.channels > self._channels:
                name = shown(self._paths[row])
                return _Refused(f"{name} is in colour, but the images that were looked at are grey.", _COLOUR)
            planes = torch.frombuffer(bytearray(decoded.planes(self._channels)), dtype=torch.uint8)
            images[place] = planes.view(self._channels, side, side)
        return images


_REPAIR = "Repair or remove it, or set data.cache to disk or ram: what cannot be read is then left out."
_COLOUR = "Set data.color to rgb or grey."


def _as_it_is(batch: Any) -> Any:
    return batch


def _leave_signals_alone(_worker: int) -> None:
    """A forked worker has the training process's handlers: it would not end when told to, and note stops for nobody."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the training process ends its workers itself
