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
    """Steps may count anew in every epoch: then what went before is added."""

    def __init__(self, done: int = 0) -> None:
        self.done = done
        """Steps that there were, the last one included."""
        self._before = 0
        self._last: int | None = None

    def number(self, step: float) -> int:
        """Ours, from 0."""
        told = max(0, int(step))
        if self._last is not None and told < self._last:
            self._before = self.done
        self._last = told
        self.done = self._before + told + 1
        return self._before + told


class Shares:
    """Accuracies as shares; once one lies above 1.5 they are all in percent."""

    NAMES = ("train_acc", "val_acc")
    LIMIT = 1.5

    def __init__(self) -> None:
        self._whole = 1.0

    def adjust(self, row: dict[str, float]) -> None:
        """Change the accuracies of a row in place."""
        found = [name for name in self.NAMES if name in row]
        if any(math.isfinite(row[name]) and row[name] > self.LIMIT for name in found):
            self._whole = 100.0
        for name in found:
            row[name] /= self._whole
