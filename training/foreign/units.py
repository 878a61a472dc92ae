"""Columns that say what we want to know in another way: error rates, percentages, a loss in parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Columns = dict[str, list[float]]
"""Rows with the same names, a list a name."""


class Convert(Protocol):
    """Changes rows in place."""

    def __call__(self, row: dict[str, float]) -> None:
        """One row."""

    def all(self, columns: Columns) -> bool:
        """Many, as one by one; False, and nothing is changed, where they have to be converted one by one."""


ACCURACIES = ("train_acc", "val_acc")
ERRORS = (("train_error", "train_acc"), ("val_error", "val_acc"))
WHOLE = 1.1
"""A share may lie above 1 by rounding, by noise, or where batches of several sizes are averaged; what lies above this
is a percentage. A log in percent that stays below it is of a net that guesses one of a hundred classes, and rare."""


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

    def all(self, columns: Columns) -> bool:
        """Many rows, in place; False where one of them shows that all are in percent."""
        found = [name for name in (*ACCURACIES, *(error for error, _ in ERRORS)) if name in columns]
        if not self.percent and any(WHOLE < value < math.inf for name in found for value in columns[name]):
            return False
        for name in found:
            self._ambiguous = self._ambiguous or (
                not self.percent and any(0 < value <= WHOLE for value in columns[name])
            )
            if self.percent:
                columns[name] = [value / 100 for value in columns[name]]
        for error, accuracy in ERRORS:
            if error in columns:
                shares = [1.0 - value for value in columns.pop(error)]
                columns.setdefault(accuracy, shares)
        return True

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


@dataclass(frozen=True)
class Summed:
    """A loss that the log has in parts, as their sum; a row that lacks one has none."""

    total: str
    parts: Sequence[str]

    def __call__(self, row: dict[str, float]) -> None:
        values = [row[part] for part in self.parts if part in row]
        if len(values) == len(self.parts):
            row[self.total] = sum(values)

    def all(self, columns: Columns) -> bool:
        """Many rows."""
        values = [columns[part] for part in self.parts if part in columns]
        if len(values) == len(self.parts):
            columns[self.total] = list(map(sum, zip(*values, strict=True)))
        return True
