"""The values behind charts as CSV, each spelled so that it reads back as the very same number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from training.runs.events import AnyEvent, Epoch, Metrics, Step, Steps, number
from training.runs.log import standing_batches
from training.runs.steps import one_by_one
from training.story.export.figure import FigureCurve
from training.text import one_line

Batches = Callable[[], Iterable[list[AnyEvent]]]
"""The events that stand, from the first on at each call."""
PLACE = ("kind", "step", "epoch")
"""Columns before the metrics. A row of kind `step` was logged by a step, counted from 0; one of kind `epoch` at the end
of an epoch, and its `step` is how many were done by then."""
BY_STEP, BY_EPOCH = "step", "epoch"


def log_of(path: Path) -> Batches:
    """Those of a run's log, a batch at a time, so that a long one is never in memory as a whole."""
    return lambda: standing_batches(path)


def write_log(batches: Batches, file: BinaryIO, *, names: Sequence[str]) -> int:
    """A row for each step and each epoch that has one of these metrics, which are the columns.

    Returns how many rows there are. Values are as logged: `nan`, `inf` and `-inf` where they are not finite.
    """
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    table = csv.writer(out, lineterminator="\n")
    table.writerow((*PLACE, *map(one_line, names)))
    rows = 0
    for batch in batches():
        for row in _rows(batch, names):
            table.writerow(row)
            rows += 1
    out.flush()
    out.detach()
    return rows


def columns(batches: Batches) -> list[str]:
    """The metrics of a log in the order in which they come."""
    found: dict[str, None] = {}
    for batch in batches():
        for event in batch:
            if isinstance(event, Step | Steps | Epoch):
                found.update(dict.fromkeys(event.metrics))
    return list(found)


def _rows(batch: Iterable[AnyEvent], names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for event in one_by_one(batch):
        if isinstance(event, Step | Epoch) and any(name in event.metrics for name in names):
            kind = BY_STEP if isinstance(event, Step) else BY_EPOCH
            yield (kind, event.step, event.epoch, *(_spelled(event.metrics, name) for name in names))


def _spelled(metrics: Metrics, name: str) -> str:
    """The shortest digits that mean this number; nothing for one that is missing, or that is none."""
    with suppress(KeyError, ValueError):
        return repr(number(metrics[name]))
    return ""


def write_curves(curves: Iterable[FigureCurve], x_name: str, file: BinaryIO) -> int:
    """A row for each point of each curve: what is drawn, of several runs side by side. Returns how many there are."""
    drawn = [curve for curve in curves if curve.name]
    banded = any(len(curve.low) for curve in drawn)
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("curve", x_name, "value", *(("low", "high") if banded else ())))
    rows = 0
    for curve in drawn:
        for index, (x, y) in enumerate(zip(curve.x, curve.y, strict=True)):
            ends = (repr(curve.low[index]), repr(curve.high[index])) if len(curve.low) else ("", "")
            table.writerow((one_line(curve.name), repr(curve.place(x)), repr(y), *(ends if banded else ())))
            rows += 1
    out.flush()
    out.detach()
    return rows
