"""What the rows of one epoch say together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

from training.runs.events import Metrics, spell

AVERAGED = frozenset({"train_loss", "train_acc", "grad_norm", "step_loss"})
"""Metrics that may come several times an epoch, a part of the epoch each; of all others the last word counts."""
TRAINING = frozenset({"train_loss", "step_loss", "train_acc"})
VALIDATION = frozenset({"val_loss", "val_acc"})
KNOWN = TRAINING | VALIDATION


class Gathered:
    """Means and last words of the rows so far; `ahead` was said before the epoch began."""

    def __init__(self, ahead: Mapping[str, float]) -> None:
        self.rows = 0
        self._sums: dict[str, list[float]] = {}
        self._last = dict(ahead)

    def add(self, row: Mapping[str, float]) -> None:
        self.rows += 1
        for name, value in row.items():
            if name in AVERAGED:
                entry = self._sums.get(name)
                if entry is None:
                    self._sums[name] = [value, 1]
                else:
                    entry[0] += value
                    entry[1] += 1
            else:
                self._last[name] = value

    def add_many(self, columns: Mapping[str, Sequence[float]], count: int) -> None:
        """Rows with the same names, as `add` one by one."""
        self.rows += count
        for name, values in columns.items():
            if name in AVERAGED:
                entry = self._sums.get(name)
                # In the order of `add`, which is not how newer Pythons' sum() adds.
                if entry is None:
                    self._sums[name] = [reduce(add, values), count]
                else:
                    entry[0] = reduce(add, values, entry[0])
                    entry[1] += count
            else:
                self._last[name] = values[-1]

    def __contains__(self, name: str) -> bool:
        return name in self._sums or name in self._last

    @property
    def validated(self) -> bool:
        return not VALIDATION.isdisjoint(self._last)

    @property
    def trained(self) -> bool:
        return bool(self._sums)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._sums) | frozenset(self._last)

    def are(self, names: frozenset[str]) -> bool:
        """Whether these are its names."""
        several = len(self._sums) + len(self._last) == len(names)
        return several and names.issuperset(self._sums) and names.issuperset(self._last)

    def metrics(self) -> Metrics:
        """The loss of an epoch is its own where the log has one, else the mean over its steps."""
        found = {name: total / count for name, (total, count) in self._sums.items()}
        if "step_loss" in found:
            single = found.pop("step_loss")
            found.setdefault("train_loss", single)
        found |= self._last
        metrics: Metrics = {**found}
        for name, value in found.items():
            if not math.isfinite(value):
                metrics[name] = spell(value)
        return metrics
