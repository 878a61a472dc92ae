"""Metrics of training steps: they stay on the device until they are fetched, all in one transfer."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from training.engine.progress import EpochTotals, StepMetrics, Stopwatch

FETCH_SECONDS = 0.25
FETCH_STEPS = 4096
"""Fetched after that many steps even if they took less time, so that the pending tensors stay few."""


@dataclass
class Meter:
    """Collects the steps of an epoch between fetches."""

    watch: Stopwatch
    totals: EpochTotals = field(default_factory=EpochTotals)
    _steps: list[tuple[int, int, float]] = field(default_factory=list)
    _values: list[Tensor] = field(default_factory=list)
    _mark: float = 0.0
    lr: float = 0.0
    """That of the latest step."""

    def begin(self, totals: EpochTotals | None = None) -> None:
        """Training (re)starts: time from here on counts."""
        self.totals = totals or EpochTotals()
        self._mark = self.watch.seconds

    def add(self, step: int, lr: float, logits: Tensor, labels: Tensor, loss: Tensor, grad_norm: Tensor) -> None:
        """Take note of a step; nothing here waits for the device."""
        correct = (logits.detach().argmax(dim=1) == labels).sum(dtype=torch.float32)
        self._steps.append((step, len(labels), lr))
        self.lr = lr
        self._values += (loss.detach(), grad_norm, correct)

    @property
    def due(self) -> bool:
        return len(self._steps) >= FETCH_STEPS or self.watch.seconds - self._mark >= FETCH_SECONDS

    def fetch(self) -> list[StepMetrics]:
        """The steps since the last fetch, the last of them with the images a second over all of them.

        Ends with the first that is not finite: what came after it was computed for nothing.
        """
        if not self._steps:
            return []
        rows = torch.stack(self._values).view(-1, 3).tolist()
        elapsed = self.watch.seconds - self._mark
        fetched: list[StepMetrics] = []
        images = 0
        for (step, count, lr), (loss, grad_norm, correct) in zip(self._steps, rows, strict=True):
            fetched.append(StepMetrics(step, {"train_loss": loss, "lr": lr, "grad_norm": grad_norm}))
            if not fetched[-1].finite:
                break
            images += count
            self._total(count, loss, grad_norm, correct)
        if elapsed > 0 and fetched[-1].finite:
            fetched[-1].metrics["images_per_s"] = images / elapsed
        self.totals.seconds += elapsed
        self._mark += elapsed
        self._steps, self._values = [], []
        return fetched

    def _total(self, count: int, loss: float, grad_norm: float, correct: float) -> None:
        totals = self.totals
        totals.images += count
        totals.steps += 1
        totals.loss += loss * count
        totals.correct += correct
        totals.grad_norm += grad_norm
        totals.grad_norm_max = max(totals.grad_norm_max, grad_norm)
