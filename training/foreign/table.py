"""Reader of a table with a header: Lightning's and Keras' CSVLogger, and whatever else uses the usual column names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from statistics import fmean

from training.foreign.log import ForeignLog, NotThisFormat, numeric
from training.runs.events import AnyEvent, Attempt, Epoch, Number, number, spell
from training.text import one_line

_ACCURACIES = ("acc", "accuracy", "top1", "categorical accuracy", "sparse categorical accuracy", "binary accuracy")
_TRAIN = ("train {}", "train {} epoch", "training {}", "{} train", "{}")
_VAL = ("val {}", "val {} epoch", "validation {}", "valid {}", "eval {}", "test {}", "{} val")

COLUMNS: dict[str, tuple[str, ...]] = {
    "epoch": ("epoch", "epochs"),
    "step": ("step", "global step", "iteration", "iter"),
    "train_loss": ("train loss", "train loss epoch", "training loss", "trainloss", "loss", "loss train"),
    "val_loss": ("val loss", "val loss epoch", "validation loss", "valid loss", "eval loss", "test loss", "loss val"),
    "train_acc": tuple(form.format(name) for form in _TRAIN for name in _ACCURACIES),
    "val_acc": tuple(form.format(name) for form in _VAL for name in _ACCURACIES),
    "lr": ("lr", "learning rate", "lr adam", "lr adamw", "lr sgd", "lr rmsprop", "lr pg0", "lr pg1"),
    "grad_norm": ("grad norm", "gradient norm"),
}
"""Our name → the names that people use, in lower case, with every run of other characters as one space."""

AVERAGED = frozenset({"train_loss", "train_acc", "grad_norm"})
"""Metrics that may come several times an epoch, a part of the epoch each; of all others the last word counts."""

_NAMES = {name: ours for ours, names in COLUMNS.items() for name in names}
_LOSSES = frozenset({"train_loss", "val_loss"})


def read(lines: Iterable[str]) -> ForeignLog:
    """The log of a table separated by commas, semicolons or tabs. Raises NotThisFormat where the header names no
    loss.

    Rows of one epoch make one event: Lightning writes training and validation into rows of their own. Epochs that
    count from 0 are counted from 1; without an epoch column each row with a loss is one. Repeated headers are passed
    over.
    """
    rows = iter(_rows(lines))
    header = next(rows, [])
    names = _translated(header)
    if not _LOSSES.intersection(names):
        found = ", ".join(one_line(cell) for cell in header[:8]) or "nothing"
        raise NotThisFormat(f"the first line names no column for a loss, but {found}")
    table = _Table(names)
    for row in rows:
        if row != header:
            table.add(row)
    return ForeignLog("table (CSV)", [Attempt(attempt=1), *table.events()], {}, table.skipped)


class _Table:
    """Collects the rows of an epoch until the next one begins."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._events: list[AnyEvent] = []
        self._epoch: int | None = None
        self._step = 0
        self._first = 1
        self._values: dict[str, list[Number]] = {}
        self._ahead: dict[str, Number] = {}
        self.skipped = 0

    def add(self, row: Sequence[str]) -> None:
        cells = {name: numeric(cell) for name, cell in zip(self._names, row, strict=False)}
        values = {name: value for name, value in cells.items() if value is not None}
        epoch, step = values.pop("epoch", None), values.pop("step", None)
        if not values or isinstance(epoch, str):
            self.skipped += 1
            return
        if isinstance(epoch, float):
            self._begin(int(epoch))
        elif "epoch" in self._names:
            # Lightning writes the learning rate into rows without an epoch, ahead of the epoch that they belong to.
            self._ahead |= values
            return
        elif _LOSSES.intersection(values):
            self._begin((self._epoch or 0) + 1)
        if isinstance(step, float):
            self._step = int(step)
        for name, value in values.items():
            self._values.setdefault(name, []).append(value)

    def events(self) -> list[AnyEvent]:
        self._finish()
        return self._events

    def _begin(self, epoch: int) -> None:
        if self._epoch is None:
            self._first = 0 if epoch == 0 else 1
        if epoch != self._epoch:
            self._finish()
            self._epoch = epoch
            self._values = {name: [value] for name, value in self._ahead.items()}
            self._ahead = {}

    def _finish(self) -> None:
        if self._epoch is None or not self._values:
            return
        metrics = {
            name: spell(fmean(number(value) for value in values)) if name in AVERAGED else values[-1]
            for name, values in self._values.items()
        }
        epoch = self._epoch + 1 - self._first
        self._events.append(Epoch(attempt=1, epoch=max(epoch, 1), step=self._step, metrics=metrics))
        self._values = {}


def _rows(lines: Iterable[str]) -> Iterable[list[str]]:
    """The cells of every line that holds any; comments and blank lines are passed over."""
    kept = (line for line in lines if line.strip() and not line.startswith("#"))
    first = next(iter(kept), "")
    delimiter = max(",;\t", key=first.count)
    yield from csv.reader([first], delimiter=delimiter, skipinitialspace=True)
    yield from csv.reader(kept, delimiter=delimiter, skipinitialspace=True)


def _translated(header: Sequence[str]) -> list[str]:
    """Our names of the columns; the first of several that mean the same is taken, others keep their own."""
    names: list[str] = []
    for cell in header:
        plain = re.sub(r"[^a-z0-9]+", " ", cell.casefold()).strip()
        ours = _NAMES.get(plain, "")
        names.append(ours if ours and ours not in names else one_line(cell.strip()))
    return names
