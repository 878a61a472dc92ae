"""Divergence within an epoch: one of a large data set takes hours, and an explosion need not wait for its end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

from training.diagnosis.history import NEXT_TO_NOTHING, History
from training.diagnosis.rules import divergence
from training.diagnosis.rules.not_finite import CAUSES as NOT_FINITE_CAUSES
from training.diagnosis.rules.rule import Evidence, figure

BLOCK = 25
RATIO = 3.0
BACK = 0.85
SHARE = 0.5
FIRST = 1
"""The first step, in a log that counts from 0 or from 1."""


class StepWatch:
    """Blocks of steps against the best block so far; constant memory, constant time a step.

    Statistic: the share of BLOCK steps whose train loss is RATIO × the best block's mean, or RATIO × the start where no
    block has come below chance / RATIO; and at BACK × chance or more. Diverged: SHARE of them, which is to say the
    block's median, so that one spike does not count. The start is the larger of chance and the untrained net's loss.
    A loss that is not finite counts at once. Needs: train_loss of the steps. Source: rules/divergence.py, scaled down.
    """

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self._high = 0
        self._limit = math.inf
        self._base = math.inf
        self._block_start = 0
        self._best = math.inf
        self._best_step = 0

    def update(
        self, history: History, step: int, epoch: int, metrics: Mapping[str, float]
    ) -> tuple[str, Evidence] | None:
        """(label, evidence) of what this step shows; None nearly always."""
        loss = metrics.get("train_loss")
        if loss is None:
            return None
        if not math.isfinite(loss):
            return "nan", self._not_finite(step, epoch, loss)
        if self._count == 0:
            self._begin_block(history, step, loss)
        self._count += 1
        self._sum += loss
        self._high += loss >= self._limit
        return self._close_block(history, step, epoch) if self._count >= BLOCK else None

    def pass_over(self, history: History, steps: Sequence[int], losses: Sequence[float], place: int) -> int:
        """Take in the steps from that place on, as `update` would, up to the first that may show something.

        Returns that one's place; it is not taken in. What may show something is the first loss of a run, one that is
        not finite, and the step that closes a block.
        """
        if place >= len(losses) or not math.isfinite(losses[place]):
            return place
        if history.epoch == 0 and history.start_loss is None and steps[place] <= FIRST:
            return place
        if self._count == 0:
            self._begin_block(history, steps[place], losses[place])
        block = losses[place : place + BLOCK - 1 - self._count]
        total = reduce(add, block, self._sum)  # in the order of `update`, which is not how newer Pythons' sum() adds
        if not math.isfinite(total):
            block = block[: next((at for at, loss in enumerate(block) if not math.isfinite(loss)), len(block))]
            total = reduce(add, block, self._sum)
        self._count += len(block)
        self._sum = total
        if max(block, default=0.0) >= self._limit:
            self._high += sum(loss >= self._limit for loss in block)
        return place + len(block)

    def _begin_block(self, history: History, step: int, loss: float) -> None:
        if step <= FIRST:  # a log that begins later does not tell of the untrained net
            history.first_loss(loss)
        self._sum, self._count, self._high, self._block_start = 0.0, 0, 0, step
        scale = history.scale
        if scale is not None:
            start = max(scale, history.start_loss or 0.0)
            self._base = max(self._best, NEXT_TO_NOTHING * scale) if self._learned(scale) else start
            self._limit = max(RATIO * self._base, BACK * scale)

    def _close_block(self, history: History, step: int, epoch: int) -> tuple[str, Evidence] | None:
        mean, high = self._sum / self._count, self._high / self._count
        self._count = 0
        scale = history.scale
        if scale is not None and high >= SHARE:
            return "divergence", self._diverged(history, mean, self._learned(scale), step, epoch)
        if mean < self._best:
            self._best, self._best_step = mean, step
        return None

    def _learned(self, scale: float) -> bool:
        return self._best < scale / RATIO

    def _diverged(self, history: History, mean: float, learned: bool, step: int, epoch: int) -> Evidence:
        base = self._base
        name = f"its best, {figure(base)} up to step {self._best_step}" if learned else f"the start, {figure(base)}"
        return Evidence(
            epoch,
            f"Train loss averages {figure(mean)} in steps {self._block_start} to {step}, "
            f"{figure(mean / base)}× {name}.",
            divergence.size(mean / base),
            divergence.CAUSES,
            "critical",
            title=divergence.title(history),
            variant="mid_run" if learned else "start",
            since_step=self._block_start,
        )

    def _not_finite(self, step: int, epoch: int, loss: float) -> Evidence:
        learned = math.isfinite(self._best)
        before = f"; the best mean of {BLOCK} steps before was {figure(self._best)}" if learned else ""
        return Evidence(
            epoch,
            f"The train loss is {loss} at step {step}{before}.",
            1.0,
            NOT_FINITE_CAUSES,
            "critical",
            variant="start" if not learned else "mid_run",
            since_step=step,
        )
