"""A moving average of the weights, kept beside them and validated in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

RAMP = 10
"""An average that begins at the initial weights forgets them: step t decays by at most (1 + t) / (RAMP + t)."""


class WeightAverage:
    """average ← d · average + (1 − d) · weights after each step (Polyak & Juditsky 1992; the ramp is TensorFlow's).

    A step that was refused leaves the weights as they were, so the average needs no gate of its own.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        averaged = [(name, weight.detach()) for name, weight in model.named_parameters() if weight.requires_grad]
        # Batch norm's running statistics belong to the weights that they were measured with. Buffers that the model
        # does not save are none of a checkpoint's.
        saved = model.state_dict().keys()
        averaged += [(name, b) for name, b in model.named_buffers() if b.is_floating_point() and name in saved]
        self._names = [name for name, _ in averaged]
        self._live = [tensor for _, tensor in averaged]
        self._kept = [tensor.clone() for tensor in self._live]
        self._aside: list[Tensor] = []

    @torch.no_grad()
    def update(self, steps_done: int) -> None:
        """Take the weights in, `steps_done` steps after the start."""
        decay = min(self.decay, (1 + steps_done) / (RAMP + steps_done))
        torch._foreach_lerp_(self._kept, self._live, 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the averaged weights while the block lasts."""
        self._aside = [tensor.clone() for tensor in self._live]
        self._copy(self._kept)
        try:
            yield
        finally:
            self._copy(self._aside)
            self._aside = []

    def trained(self) -> dict[str, Tensor]:
        """The trained weights, by name, while the averaged ones are in their place; else nothing."""
        return dict(zip(self._names, self._aside, strict=True)) if self._aside else {}

    def state(self) -> dict[str, Tensor]:
        """By the names of the model's state."""
        return dict(zip(self._names, self._kept, strict=True))

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        with torch.no_grad():
            for name, kept in zip(self._names, self._kept, strict=True):
                kept.copy_(state[name])

    @torch.no_grad()
    def _copy(self, values: list[Tensor]) -> None:
        torch._foreach_copy_(self._live, values)
