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
    to change with it. Empty where there is nothing to set."""


@dataclass(frozen=True)
class Facts:
    """What is known about the data; None is not known."""

    class_ratio: float | None = None
    """Largest class over smallest."""
    n_train: int | None = None
    classes: int | None = None

    @property
    def images_per_class(self) -> float | None:
        """Mean size of a class of the training split."""
        return self.n_train / self.classes if self.n_train is not None and self.classes else None


Rule = Callable[[TrainingConfig, Facts], Iterator[Hint]]


def span(low: float, high: float) -> str:
    """`0.01 to 0.1`."""
    return f"{low:g} to {high:g}"
