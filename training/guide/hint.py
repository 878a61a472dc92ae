"""What a rule of the guide says about a config, and what it knows of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from training.config.schema import TrainingConfig

Severity = Literal["info", "warning"]


@dataclass(frozen=True)
class Hint:
    """A piece of advice on one key; "warning" is for what hurts the training, "info" for a suggestion."""

    rule: str
    """Stable id, for `advice.silenced`."""
    key: str
    severity: Severity
    message: str
    reason: str
    guide: str
    """Section of the guide."""
    recommended: Any = None
    """The value of `key` that ends this hint and raises no other of its severity; None where no one value does."""
    range_text: str = ""
    patch: dict[str, Any] = field(default_factory=dict)
    """Everything to set to follow the hint: `key` with its value and, where `recommended` is None, the keys that have
    to change with it. Empty where there is nothing to set. A rule itself only gives what has to go with `recommended`.
    """


@dataclass(frozen=True)
class Facts:
    """What is known about the data, and about what the model takes on its device; None is not known."""

    class_ratio: float | None = None
    """Largest class over smallest."""
    n_train: int | None = None
    """Images of the training split."""
    classes: int | None = None
    fixed_bytes: int | None = None
    """Weights, gradients, the optimizer's state, the average: whatever the batch size."""
    bytes_per_image: int | None = None
    """What one image of a batch adds: its activations."""
    device_bytes: int | None = None
    """Memory of the device that the run would train on."""
    device: str = ""
    """Name of that device, fit for the screen; "" for not known."""

    @property
    def images_per_class(self) -> float | None:
        """Mean size of a class of the training split."""
        return self.n_train / self.classes if self.n_train is not None and self.classes else None

    def bytes_for(self, config: TrainingConfig) -> int | None:
        """Estimated bytes that a training step takes of one device; None where nothing is known of the model.

        Processes share the images of a batch. Accumulating needs no more: the batches of a step pass one by one.
        """
        if self.fixed_bytes is None or self.bytes_per_image is None:
            return None
        processes = config.runtime.processes if isinstance(config.runtime.processes, int) else 1
        return self.fixed_bytes + self.bytes_per_image * -(-config.images_per_batch // processes)


Rule = Callable[[TrainingConfig, Facts], Iterator[Hint]]


def span(low: float, high: float) -> str:
    """`0.01 to 0.1`."""
    return f"{low:g} to {high:g}"
