"""Which curves belong into one chart, and a run's charts as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from training.curves import Curves
from training.diagnosis.findings import Finding
from training.story.plot import Line, plot

TITLES = {
    "loss": "Loss",
    "acc": "Accuracy",
    "lr": "Learning rate",
    "macro_f1": "Macro F1",
    "grad_norm": "Gradient norm",
    "images_per_s": "Images per second",
    "gpu": "GPU load and memory",
    "ce": "Cross-entropy",
    "grad_norm_ends": "Gradient norm at both ends",
    "dead_relu": "Dead ReLUs",
    "recall_min": "Recall of the weakest class",
    "epoch_seconds": "Seconds per epoch",
}
"""Charts with a name of their own, in their order; all others follow under the name of their metric."""
SHARES = ("acc", "macro_f1", "recall_min", "dead_relu", "gpu")
"""Charts of what lies between 0 and 1."""
OVERVIEW = ("loss", "acc")
BY_STEP = ("lr", "images_per_s")
"""Charts in which the value of an epoch says nothing that those of its steps do not."""
FROM_ZERO = ("lr", "images_per_s", "epoch_seconds")
"""Charts whose linear y axis begins at 0."""
MAY_LOG = ("loss", "grad_norm", "grad_norm_ends", "ce")
"""Charts that turn logarithmic by themselves where one curve explodes."""
BEHIND, TRAIN, VALIDATION, OTHER = 1, 2, 3, 4
"""Series of a chart: each has its colour and its marker."""
SERIES = {
    "macro_f1": OTHER, "grad_norm_max": OTHER, "grad_norm_first": TRAIN, "grad_norm_last": VALIDATION,
    "gpu_util": TRAIN, "gpu_memory": VALIDATION,
}  # fmt: skip
LABELS = {
    "grad_norm_first": "first layer", "grad_norm_last": "last layer", "gpu_util": "utilisation", "gpu_memory": "memory",
}  # fmt: skip
GPU_METRIC = re.compile(r"gpu\d*_(?:util|memory)")
MARKS_OF_ROLES = {"train": "*", "val": "o"}
"""In this order, and the same in every chart, whichever a log names first."""


def group_of(name: str) -> str:
    """The chart that a metric belongs to: `loss` for `val_loss`, `gpu` for `gpu1_util`."""
    if name in ("grad_norm_first", "grad_norm_last"):
        return "grad_norm_ends"
    if GPU_METRIC.fullmatch(name):
        return "gpu"
    name = name.removesuffix("_max")
    role, _, rest = name.partition("_")
    return rest if role in ("train", "val") and rest else name


def series_of(name: str) -> int:
    """The series of a metric in its chart."""
    role = name.partition("_")[0]
    usual = VALIDATION if role == "val" else TRAIN if role == "train" or group_of(name) == name else OTHER
    return SERIES.get(name, usual)


def label_of(name: str) -> str:
    """What its curve is called there."""
    role = name.partition("_")[0]
    return role if role in ("train", "val") else LABELS.get(name, name)


def in_order(groups: Iterable[str]) -> list[str]:
    """The groups as charts stand where nobody chose otherwise: those with a name of their own first."""
    found = set(groups)
    return [*(group for group in TITLES if group in found), *sorted(found.difference(TITLES))]


@dataclass(frozen=True)
class TextChart:
    """A titled chart as lines of text."""

    title: str
    lines: list[str]


def charts_of(
    curves: Curves, metrics: Iterable[str], *, stretch: tuple[int, int] | None = None, width: int, height: int
) -> list[TextChart]:
    """A chart for each group that the metrics belong to and that has values by epoch, with the stretch marked."""
    drawn = []
    for group in dict.fromkeys(group_of(name) for name in metrics):
        lines = _lines_of(curves, group)
        if lines:
            text = plot(lines, width=width, height=height, stretch=stretch, percent=group in SHARES)
            drawn.append(TextChart(TITLES.get(group, group), text))
    return drawn


def stretch_of(finding: Finding, curves: Curves, *, still_open: bool) -> tuple[int, int]:
    """First and last epoch of what shows it: as it was told last, and of one that is still open up to now."""
    first, last = finding.stretch
    return (first, max(last, curves.epoch)) if still_open else (first, last)


def _lines_of(curves: Curves, group: str) -> list[Line]:
    """The curves by epoch of a chart: training first, validation second."""
    marks = {f"{role}_{group}": mark for role, mark in MARKS_OF_ROLES.items()}
    order = list(marks)
    names = [name for name, series in curves.epochs.items() if group_of(name) == group and len(series)]
    names.sort(key=lambda name: order.index(name) if name in marks else len(order))
    return [Line(name, curves.epochs[name].x, curves.epochs[name].y, marks.get(name, "")) for name in names]
