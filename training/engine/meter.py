"""Metrics of training steps: they stay on the device until they are fetched, all in one transfer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from training.engine.data.batches import Batch
from training.engine.progress import EpochTotals, StepMetrics, Stopwatch

FETCH_SECONDS = 0.25
FETCH_STEPS = 4096
"""Fetched after that many steps even if they took less time, so that the pending tensors stay few."""


@dataclass
class Meter:
    """Collects the steps of an epoch between fetches."""

    watch: Stopwatch
    latch: Tensor | None = None
    """Where a step may be skipped (fp16): 0 on the device, 1 once training was given up. Else the first that is not
    finite is the end of training."""
    totals: EpochTotals = field(default_factory=EpochTotals)
    lr: float = 0.0
    """That of the latest step."""
    _steps: list[tuple[int, int, float]] = field(default_factory=list)
    _values: list[Tensor] = field(default_factory=list)
    _ends: list[Tensor] = field(default_factory=list)
    _mark: float = 0.0

    def begin(self, totals: EpochTotals | None = None) -> None:
        """Training (re)starts: time from here on counts."""
        self.totals = totals or EpochTotals()
        self._mark = self.watch.seconds

    def add(
        self,
        step: int,
        images: int,
        lr: float,
        loss: Tensor,
        norm: Tensor,
        right: Tensor,
        ends: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        """Take note of a step; nothing here waits for the device. `ends` are gradient norms of the first and the last
        layer, where this step has them.
        """
        if ends is not None:
            self._ends += ends
        self._steps.append((step, images, lr))
        self._values += (loss, norm, right) if self.latch is None else (loss, norm, right, self.latch.clone())
        self.lr = lr

    @property
    def due(self) -> bool:
        return len(self._steps) >= FETCH_STEPS or self.watch.seconds - self._mark >= FETCH_SECONDS

    def fetch(self) -> list[StepMetrics]:
        """The steps since the last fetch, the last of them with the images a second over all of them.

        Ends with the first that was the end of training: what came after it was computed for nothing.
        """
        if not self._steps:
            return []
        numbers = torch.stack(self._values + self._ends).tolist()
        width = len(self._values) // len(self._steps)
        rows = [numbers[at : at + width] for at in range(0, len(self._values), width)]
        self._total_ends(numbers[len(self._values) :])
        elapsed = self.watch.seconds - self._mark
        fetched: list[StepMetrics] = []
        images = 0
        for (step, count, lr), (loss, norm, right, *latch) in zip(self._steps, rows, strict=True):
            done = StepMetrics(step, {"train_loss": loss, "lr": lr, "grad_norm": norm})
            done.final = bool(latch[0]) if latch else not done.finite
            fetched.append(done)
            if done.final:
                break
            images += count
            self._total(done, count, right)
        if elapsed > 0 and not fetched[-1].final:
            fetched[-1].metrics["images_per_s"] = images / elapsed
        self.totals.seconds += elapsed
        self._mark += elapsed
        self._steps, self._values, self._ends = [], [], []
        return fetched

    def _total_ends(self, norms: list[float]) -> None:
        for first, last in zip(norms[::2], norms[1::2], strict=True):
            if math.isfinite(first) and math.isfinite(last):
                self.totals.grad_norm_first += first
                self.totals.grad_norm_last += last
                self.totals.sampled += 1

    def _total(self, done: StepMetrics, count: int, right: float) -> None:
        totals = self.totals
        if not done.finite:
            totals.skipped += 1
            return
        loss, norm = done.metrics["train_loss"], done.metrics["grad_norm"]
        totals.images += count
        totals.steps += 1
        totals.loss += loss * count
        totals.correct += right
        totals.grad_norm += norm
        totals.grad_norm_max = max(totals.grad_norm_max, norm)


def right_answers(logits: Tensor, batch: Batch) -> Tensor:
    """How many images of a batch are classified right; one that MixUp blended counts by its shares."""
    said = logits.detach().argmax(dim=1)
    right = said == batch.labels
    if batch.others is None or batch.share is None:
        count = right.sum(dtype=torch.float32)
    else:
        own, other = torch.where(right, batch.share, 0), torch.where(said == batch.others, 1 - batch.share, 0)
        count = own.sum() + other.sum()
    return count if batch.copies == 1 else count / batch.copies
