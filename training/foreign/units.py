"""Columns that say what we want to know in another way: error rates, percentages, a loss in parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Convert = Callable[[dict[str, float]], None]
"""Changes a row in place."""

ACCURACIES = ("train_acc", "val_acc")
ERRORS = (("train_error", "train_acc"), ("val_error", "val_acc"))
WHOLE = 1.001
"""A share may lie above 1 by the rounding of a sum in half precision; what lies above this is a percentage."""


class Accuracies:
    """Accuracies, and error rates as accuracies, all as shares: once one lies above 1, they are all in percent."""

    def __init__(self, *, percent: bool = False) -> None:
        self.percent = percent
        self.misread = False
        """Whether some that are in percent, and below 1, were taken for shares before that was seen."""
        self._ambiguous = False

    def __call__(self, row: dict[str, float]) -> None:
        """Change a row in place."""
        for accuracy in ACCURACIES:
            if accuracy in row:
                row[accuracy] = self._share(row[accuracy])
        for error, accuracy in ERRORS:
            if error in row:
                row.setdefault(accuracy, 1.0 - self._share(row.pop(error)))

    def _share(self, value: float) -> float:
        if not self.percent:
            if not WHOLE < value < math.inf:
                self._ambiguous = self._ambiguous or 0 < value <= WHOLE
                return value
            self.are_in_percent()
        return value / 100

    def are_in_percent(self) -> None:
        """The log says so."""
        self.percent, self.misread = True, self._ambiguous


def summed(total: str, parts: Sequence[str]) -> Convert:
    """A loss that the log has in parts, as their sum; a row that lacks one has none."""

    def add(row: dict[str, float]) -> None:
        values = [row[part] for part in parts if part in row]
        if len(values) == len(parts):
            row[total] = sum(values)

    return add
