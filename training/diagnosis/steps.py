"""Divergence within an epoch: one of a large data set takes hours, and an explosion need not wait for its end."""

from __future__ import annotations

import math
from collections.abc import Mapping

from training.diagnosis.history import History
from training.diagnosis.rules.divergence import CAUSES
from training.diagnosis.rules.not_finite import CAUSES as NOT_FINITE_CAUSES
from training.diagnosis.rules.rule import Evidence, figure

BLOCK = 25
RATIO = 3.0
BACK = 0.85
SHARE = 0.8


class StepWatch:
    """Means of blocks of steps against the best block so far; constant memory, constant time a step.

    Statistic: mean train loss of BLOCK steps. Diverged: RATIO × the best block, RATIO × the untrained net's loss and
    chance unless the best block was below a third of chance, with SHARE of the steps at BACK × chance or more, so
    that one spike does not count. A loss that is not finite counts at once. Needs: train_loss of the steps. Source:
    as rules/divergence.py, on a finer scale.
    """

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self._high = 0
        self._lost = math.inf
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
        self._high += loss >= self._lost
        return self._close_block(history, step, epoch) if self._count >= BLOCK else None

    def _begin_block(self, history: History, step: int, loss: float) -> None:
        history.first_loss(loss)
        self._sum, self._count, self._high, self._block_start = 0.0, 0, 0, step
        self._lost = BACK * history.scale if history.scale is not None else math.inf

    def _close_block(self, history: History, step: int, epoch: int) -> tuple[str, Evidence] | None:
        mean, high = self._sum / self._count, self._high / self._count
        self._count = 0
        scale = history.scale
        if scale is None:
            return None
        start = max(scale, history.start_loss or 0.0)
        learned = self._best < scale / RATIO
        limit = RATIO * self._best if learned else RATIO * start
        if mean >= limit and high >= SHARE and mean >= BACK * scale:
            return "divergence", self._diverged(mean, start, learned, step, epoch)
        if mean < self._best:
            self._best, self._best_step = mean, step
        return None

    def _diverged(self, mean: float, start: float, learned: bool, step: int, epoch: int) -> Evidence:
        base = self._best if learned else start
        name = (
            f"its best, {figure(base)} around step {self._best_step}"
            if learned
            else f"the untrained net's {figure(base)}"
        )
        return Evidence(
            epoch,
            f"Train loss {figure(mean)} in steps {self._block_start} to {step} is {figure(mean / base)}× {name}.",
            mean / base,
            CAUSES,
            "critical",
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
