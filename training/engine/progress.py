"""How far training is: plain numbers of steps and epochs, without torch."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from typing import Any


class Stopwatch:
    """Seconds of training, without the pauses."""

    def __init__(self, before: float = 0.0) -> None:
        self._before = before
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._before + running

    def go(self) -> None:
        if self._since is None:
            self._since = time.monotonic()

    def halt(self) -> None:
        self._before = self.seconds
        self._since = None


@dataclass(frozen=True)
class StepMetrics:
    """One step as it was measured, before its update."""

    step: int
    metrics: dict[str, float]

    @property
    def finite(self) -> bool:
        return math.isfinite(self.metrics["train_loss"]) and math.isfinite(self.metrics["grad_norm"])


@dataclass
class EpochTotals:
    """What an epoch's steps add up to; checkpoint state, so that a resumed epoch logs what an unbroken one would."""

    images: int = 0
    steps: int = 0
    correct: float = 0.0
    loss: float = 0.0
    grad_norm: float = 0.0
    grad_norm_max: float = 0.0
    seconds: float = 0.0

    def metrics(self) -> dict[str, float]:
        """Means over the images, and over the steps for the gradient norm."""
        return {
            "train_loss": self.loss / self.images,
            "train_acc": self.correct / self.images,
            "grad_norm": self.grad_norm / self.steps,
            "grad_norm_max": self.grad_norm_max,
            "images_per_s": self.images / self.seconds if self.seconds else 0.0,
        }

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class TrainState:
    """Where training is, between two steps; checkpoint state."""

    epoch: int = 1
    """In progress."""
    step: int = 0
    """Steps done since the start."""
    step_in_epoch: int = 0
    best_val_loss: float = math.inf
    best_epoch: int = 0
    bad_epochs: int = 0
    """Epochs since the best validation loss: what early stopping counts."""

    def count_step(self) -> None:
        self.step += 1
        self.step_in_epoch += 1

    def judge(self, val_loss: float) -> bool:
        """Take an epoch's validation loss in; True where it is the lowest so far. One that is not finite never is."""
        if val_loss < self.best_val_loss:
            self.best_val_loss, self.best_epoch, self.bad_epochs = val_loss, self.epoch, 0
            return True
        self.bad_epochs += 1
        return False

    def next_epoch(self) -> None:
        self.epoch += 1
        self.step_in_epoch = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
