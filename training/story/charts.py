"""Which curves belong into one chart, and a run's charts as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from training.curves import Curves
from training.diagnosis.findings import Finding
from training.story.plot import Line, plot

TITLES = {
    "loss": "Loss",
    "acc": "Accuracy",
    "lr": "Learning rate",
    "grad_norm": "Gradient norm",
    "images_per_s": "Images per second",
    "macro_f1": "Macro F1",
    "ce": "Cross-entropy",
    "grad_norm_ends": "Gradient norm at both ends",
    "dead_relu": "Dead ReLUs",
    "recall_min": "Recall of the weakest class",
    "epoch_seconds": "Seconds per epoch",
}
"""Charts with a name of their own, in their order; all others follow under the name of their metric."""
SHARES = ("acc", "macro_f1", "recall_min", "dead_relu")
"""Charts of what lies between 0 and 1."""
OVERVIEW = ("loss", "acc")
MARKS_OF_ROLES = {"train": "*", "val": "o"}
"""In this order, and the same in every chart, whichever a log names first."""


def group_of(name: str) -> str:
    """The chart that a metric belongs to: `loss` for `val_loss`."""
    if name in ("grad_norm_first", "grad_norm_last"):
        return "grad_norm_ends"
    name = name.removesuffix("_max")
    role, _, rest = name.partition("_")
    return rest if role in ("train", "val") and rest else name


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
