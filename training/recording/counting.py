"""Epochs and steps as a script counts them, made into ours: epochs from 1, steps of the whole run from 0."""

from __future__ import annotations

import math


class Epochs:
    """The first epoch may be 0 or 1; a fraction counts as the epoch that it is part of."""

    def __init__(self, first: int = 1) -> None:
        self.first = first

    def number(self, epoch: float) -> int:
        """Ours, from 1."""
        if epoch == 0:
            self.first = 0
        return max(1, math.ceil(epoch) + 1 - self.first)


class Steps:
    """Steps may count anew in every epoch: then what went before is added. Late ones have no number."""

    RESTART = 10
    """A counter that falls to less than the tenth part of its highest, or so far, begins anew; less is disorder."""

    def __init__(self, done: int = 0) -> None:
        self.done = done
        """Steps that there were, the last one included."""
        self._before = 0
        self._first = 1 if done else None
        """With what this counter began; of one that another attempt began, the most that one begins with."""
        self._highest = done - 1
        """Of this counter."""
        self._epoch: int | None = None

    def number(self, step: float, epoch: int | None = None) -> int | None:
        """Ours, from 0; None for a step that is out of order. `epoch` is the one that the report names."""
        told = max(0, int(step))
        if told < self._highest and self._begins_anew(told, epoch):
            self._before, self._first, self._highest = self.done, None, -1
        self._epoch = max(filter(None, (epoch, self._epoch)), default=None)
        if told < self._highest:
            return None
        if self._first is None:
            self._first = told
        self._highest = told
        self.done = self._before + told + 1
        return self._before + told

    def lags(self, step: float) -> bool:
        """Whether it lies behind what was reached."""
        return step < self._highest

    def _begins_anew(self, told: int, epoch: int | None) -> bool:
        assert self._first is not None
        if told == self._first or (told <= 1 and told < self._first and self._highest >= self._first + self.RESTART):
            return True
        later = epoch is not None and self._epoch is not None and epoch > self._epoch
        return later and (told <= self._first or told * self.RESTART < self._highest)
