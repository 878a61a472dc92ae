"""Runs in the order of a column, and in groups: by what a column says of them, or those that differ in a seed alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from training.figures import loss, percent
from training.runs.columns import RunColumn
from training.runs.lifecycle import RunView
from training.runs.seeds import Spread, seed_key, spread

SEEDS = "seeds"
"""In the place of a column: runs that differ in their seed alone are a group."""


@dataclass(frozen=True)
class Group:
    """Runs that belong together, in the order in which they came."""

    key: str
    """Stays the same while runs come and go; empty for those that belong nowhere."""
    title: str
    """Plain, on one line."""
    runs: tuple[RunView, ...]

    @property
    def acc(self) -> Spread | None:
        """Of the best validation accuracies; those that are not finite do not count."""
        return spread(float(run.summary.best_val_acc) for run in self.runs if run.summary.best_val_acc is not None)

    @property
    def loss(self) -> Spread | None:
        """Of the best validation losses."""
        return spread(float(run.summary.best_val_loss) for run in self.runs if run.summary.best_val_loss is not None)


def by_column(runs: Iterable[RunView], column: RunColumn) -> list[Group]:
    """Groups of equal values, each where its first run stands; those without a value last."""
    found: dict[str, list[RunView]] = {}
    for run in runs:
        found.setdefault(column.text(run), []).append(run)
    groups = [
        Group(text, f"{column.title} {text}" if text else f"no {column.title}", tuple(of)) for text, of in found.items()
    ]
    return sorted(groups, key=lambda group: not group.key)


def by_seed(runs: Iterable[RunView], key_of: Callable[[RunView], str] = seed_key) -> list[Group]:
    """Runs that differ in their seed alone; one without such others is a group of its own with an empty key.

    `key_of` may know the keys already: see `training.runs.seeds.seed_key` for what it costs.
    """
    found: dict[str, list[RunView]] = {}
    for run in runs:
        found.setdefault(key_of(run) or str(run.folder.path), []).append(run)
    return [
        Group(key if len(of) > 1 else "", f"seeds of {of[-1].summary.name}" if len(of) > 1 else "", tuple(of))
        for key, of in found.items()
    ]


def spread_of_shares(values: Spread | None) -> str:
    """Such as `97.1 ± 0.3 %`; empty for none."""
    if values is None:
        return ""
    return percent(values.mean) if values.std is None else f"{100 * values.mean:.1f} ± {100 * values.std:.1f} %"


def spread_of_losses(values: Spread | None) -> str:
    """Such as `0.1234 ± 0.01`; empty for none."""
    if values is None:
        return ""
    return loss(values.mean) if values.std is None else f"{loss(values.mean)} ± {values.std:.2g}"


def in_order(runs: Sequence[RunView], column: RunColumn, reverse: bool = False) -> list[RunView]:
    """What matters most first, or last with `reverse`; runs without a value come last either way, equal ones stay."""
    return sorted(runs, key=sort_key(column, reverse))


def sort_key(column: RunColumn, reverse: bool = False) -> Callable[[RunView], tuple[Any, ...]]:
    """By this, runs come in the order of a column, what matters most first; runs without a value come last."""
    largest_first = column.largest_first != reverse

    def key(run: RunView) -> tuple[Any, ...]:
        value = column.value(run)
        if isinstance(value, bool | int | float) and not math.isnan(value):
            return (0, -value if largest_first else value)
        if value is None or value in ("", ()) or isinstance(value, int | float):
            return (2,)
        text = ", ".join(value) if isinstance(value, tuple) else value
        folded = text.casefold()
        return (1, _Reversed(folded) if reverse else folded)

    return key


class _Reversed:
    """A text that sorts the other way round."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __lt__(self, other: _Reversed) -> bool:
        return other.text < self.text
