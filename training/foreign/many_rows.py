"""Rows with the same names, many at once: most of a long table are of an epoch that is open already."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import groupby, repeat

from training.foreign.rows import LARGEST, Rows


class ManyRows(Rows):
    """Takes in columns as it does rows; what is made is the same."""

    def add_many(self, columns: Mapping[str, Sequence[float]], count: int) -> int:
        """Take in rows with the same names, as `add` one by one; returns how many of them told something."""
        counters = ("epoch", "step")
        told = {name: values for name, values in columns.items() if name not in counters}
        if not told:
            return 0
        epochs, steps = (columns.get(name) for name in counters)
        place = 0
        for epoch, alike in groupby(epochs or repeat(None, count)):
            end = place + sum(1 for _ in alike)
            while place < end:
                taken = min(end - place, self._room(epoch))
                part = {name: values[place : place + taken] for name, values in told.items()}
                if taken < 2 or not self._take_many(part, steps and steps[place : place + taken], taken):
                    self.add({name: values[place] for name, values in columns.items()})
                    taken = 1
                place += taken
        return count

    def _room(self, epoch: float | None) -> int:
        """How many rows of that number may follow that neither begin an epoch nor complete it."""
        if self._mode != "epochs" or epoch is None or epoch != self._same or self._told:
            return 1
        if not self._early or self._like < 2 or self._pattern is None or self._gathered.rows >= self._pattern[0]:
            return sys.maxsize
        return max(1, self._pattern[0] - 1 - self._gathered.rows)

    def _take_many(self, columns: Mapping[str, Sequence[float]], steps: Sequence[float] | None, count: int) -> bool:
        """Rows of the epoch that is open; False, and nothing is taken in, where some step is no number."""
        if steps:
            try:
                numbers = list(map(int, steps))
            except (ValueError, OverflowError):
                return False
            if max(numbers) >= LARGEST or min(numbers) <= -LARGEST:
                return False
            self._step = numbers[-1]
            self._steps.add_many(columns, numbers, self._epoch)
        self._gathered.add_many(columns, count)
        return True
