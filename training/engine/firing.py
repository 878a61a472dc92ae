"""Which units of the ReLU layers fire at all on the images of an evaluation: one that never does gets no gradient.

A unit is a channel of a convolution or an output of a dense layer. A layer that is used twice counts twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

FIRST = 512
"""Images of the first batch that are looked at: small validation sets have no other, and all of theirs are."""
LATER = 32
"""Of a later one. They are spread over the batch, and the batches over the set: neighbours are often of one class."""
EACH = 4
"""Batches at the beginning that are all looked at; then every second one up to twice that, every fourth, and so on."""

_PLACES = {2: (), 3: (0,), 4: (1, 2)}
"""Of an image's output [units], [L, units] or [units, H, W], by the dimensions of the batch's: all but its units."""


class Firing:
    """The highest output of each unit so far. It stays on the device, and so do the questions to it."""

    def __init__(self, model: nn.Module) -> None:
        """Frozen layers, which are in evaluation mode while the model is trained, are not looked at."""
        self._layers = [m for m in model.modules() if isinstance(m, nn.ReLU | nn.ReLU6) and m.training]
        self._highest: list[list[Tensor]] = []
        """Of each layer, in the order in which the net calls them, [units] by batch."""
        self._batch = -1
        self._stride = 0
        self._call = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Forward passes in the block are looked at; `batch` is to be called before each."""
        hooks = [layer.register_forward_hook(self._note) for layer in self._layers]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def batch(self, images: int) -> None:
        """A batch of so many images begins."""
        self._batch += 1
        self._call = 0
        looks = self._batch % max(1, (1 << self._batch.bit_length()) // EACH) == 0
        self._stride = math.ceil(images / (LATER if self._batch else FIRST)) if looks else 0

    def fired(self) -> list[Tensor]:
        """Of each layer [units], int64: 1 for a unit that fired, also for one that is not finite, 0 for a dead one."""
        return [torch.stack(highest).amax(dim=0).ne(0).long() for highest in self._highest]

    def dead(self, fired: Tensor) -> float | None:
        """The share of dead units in the layer that has most of them; None without a ReLU layer.

        `fired` [units of all layers] are the counts of `fired` one after the other, of all ranks together.
        """
        shares = [float(part.eq(0).double().mean()) for part in torch.split(fired, [len(h[0]) for h in self._highest])]
        return max(shares, default=None)

    def _note(self, _layer: nn.Module, _inputs: object, output: Tensor) -> None:
        places = _PLACES.get(output.dim())
        if places is None or not self._stride:
            return
        seen = output[:: self._stride]
        if seen.device.type == "cpu" and places:  # which is slow at all dimensions at once
            highest = seen.amax(dim=0).amax(dim=places)
        else:
            highest = seen.amax(dim=(0, *(place + 1 for place in places)))
        if self._call == len(self._highest):
            self._highest.append([])
        self._highest[self._call].append(highest)
        self._call += 1
