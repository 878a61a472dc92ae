"""Which curves belong into one chart, and a run's charts as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from training.curves import Curves
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
        lines = [
            Line(name, series.x, series.y)
            for name, series in curves.epochs.items()
            if group_of(name) == group and len(series)
        ]
        if lines:
            text = plot(lines, width=width, height=height, stretch=stretch, percent=group in SHARES)
            drawn.append(TextChart(TITLES.get(group, group), text))
    return drawn
