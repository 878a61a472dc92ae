"""How far training is: plain numbers of steps and epochs, without torch."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
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

    def go_on_from(self, seconds: float) -> None:
        """An earlier attempt has trained that long."""
        self._before = seconds

    def go(self) -> None:
        if self._since is None:
            self._since = time.monotonic()

    def halt(self) -> None:
        self._before = self.seconds
        self._since = None


@dataclass
class StepMetrics:
    """One step as it was measured, before its update."""

    step: int
    metrics: dict[str, float]
    final: bool = False
    """Not finite, and so the end of training."""

    @property
    def finite(self) -> bool:
        return math.isfinite(self.metrics["train_loss"]) and math.isfinite(self.metrics["grad_norm"])


@dataclass
class EpochTotals:
    """What an epoch's steps add up to; checkpoint state, so that a resumed epoch logs what an unbroken one would."""

    images: int = 0
    """Of the steps that were taken."""
    steps: int = 0
    skipped: int = 0
    """Steps that overflowed under fp16 and were not taken."""
    correct: float = 0.0
    loss: float = 0.0
    grad_norm: float = 0.0
    grad_norm_max: float = 0.0
    grad_norm_first: float = 0.0
    grad_norm_last: float = 0.0
    """Of the first and the last layer, in the steps that were sampled for them."""
    sampled: int = 0
    seconds: float = 0.0

    def metrics(self) -> dict[str, float]:
        """Means over the images, and over the steps for the gradient norm; nan where no step was taken at all."""
        metrics = {
            "train_loss": self.loss / self.images if self.images else math.nan,
            "train_acc": self.correct / self.images if self.images else math.nan,
            "grad_norm": self.grad_norm / self.steps if self.steps else math.nan,
            "grad_norm_max": self.grad_norm_max,
            "images_per_s": self.images / self.seconds if self.seconds else 0.0,
        }
        if self.sampled:
            metrics["grad_norm_first"] = self.grad_norm_first / self.sampled
            metrics["grad_norm_last"] = self.grad_norm_last / self.sampled
        return metrics | ({"skipped_steps": self.skipped} if self.skipped else {})

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
    """That of the best validation loss."""
    bad_epochs: int = 0
    """Epochs since then: what early stopping counts."""
    best_score: float = -math.inf
    """Of the monitored metric, larger is better; decides which checkpoint is kept as the best."""
    kept_epoch: int = 0
    """That of the best checkpoint."""
    measured: bool = False
    """Whether the state before training has been logged."""

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

    def keep(self, metrics: Mapping[str, float], monitor: str) -> bool:
        """Whether this epoch's checkpoint is the best so far by that metric; nan never is."""
        score = -metrics[monitor] if monitor == "val_loss" else metrics[monitor]
        better = score > self.best_score
        if better:
            self.best_score, self.kept_epoch = score, self.epoch
        return better

    def next_epoch(self) -> None:
        self.epoch += 1
        self.step_in_epoch = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
