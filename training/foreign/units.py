"""Columns that say what we want to know in another way: error rates, percentages, a loss in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Convert = Callable[[dict[str, float]], None]
"""Changes a row in place."""

ERRORS = (("train_error", "train_acc"), ("val_error", "val_acc"))


class ErrorRates:
    """Error rates as accuracies; where one was above 1.5 they are percentages, and so are the accuracies then."""

    def __init__(self) -> None:
        self._whole = 1.0

    def __call__(self, row: dict[str, float]) -> None:
        for error, accuracy in ERRORS:
            if error in row:
                value = row.pop(error)
                if value > 1.5:
                    self._whole = 100.0
                row.setdefault(accuracy, self._whole - value)


def shares(row: dict[str, float]) -> None:
    """Accuracies in percent as shares."""
    for name in ("train_acc", "val_acc"):
        if name in row:
            row[name] /= 100


def summed(total: str, parts: Sequence[str]) -> Convert:
    """A loss that the log has in parts, as their sum; a row that lacks one has none."""

    def add(row: dict[str, float]) -> None:
        values = [row[part] for part in parts if part in row]
        if len(values) == len(parts):
            row[total] = sum(values)

    return add
