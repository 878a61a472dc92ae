"""The metrics of several runs side by side: at the last epoch that all have, at their best, and in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.runs.metric_names import higher_is_better
from training.story.charts import group_of
from training.story.versus.measured import Measured, best_of, common_epochs

FIRST = ("val_loss", "val_acc", "macro_f1", "val_ce", "train_loss", "train_acc")
"""The metrics that matter most; those of other names that are validated follow."""
LEFT_OUT = ("ce", "recall_min", "lr", "images_per_s", "epoch_seconds", "grad_norm", "grad_norm_ends", "dead_relu")
"""Groups of what says how a run trains, not how good it is; cross-entropy is told where losses differ in kind."""


@dataclass(frozen=True)
class Figures:
    """One run's figures of a metric; None where there is none."""

    at_common: float | None = None
    """After the last epoch that all have behind them."""
    best: float | None = None
    best_epoch: int = 0
    final: float | None = None
    final_epoch: int = 0


@dataclass(frozen=True)
class Aligned:
    """A metric of all the runs, in their order."""

    metric: str
    common: int
    """The last epoch after which every run that has the metric at all has a value; 0 for none."""
    figures: tuple[Figures, ...]

    @property
    def best(self) -> int | None:
        """Which of the runs has the best best; None where fewer than two have any."""
        sign = -1.0 if higher_is_better(self.metric) else 1.0
        known = [(sign * one.best, index) for index, one in enumerate(self.figures) if one.best is not None]
        return min(known)[1] if len(known) > 1 else None


def aligned(runs: Sequence[Measured], metrics: Sequence[str] = ()) -> list[Aligned]:
    """A table for each metric, of those that are asked for, else of all that say how good the runs are."""
    return [_align(runs, metric) for metric in metrics or telling(runs)]


def telling(runs: Sequence[Measured]) -> list[str]:
    """The metrics that say how good the runs are, the one that decides about the first run's best epoch first."""
    found = {metric for run in runs for metric in run.epochs if run.at(metric)}
    different = len({run.loss for run in runs if run.loss}) > 1
    shown = [name for name in FIRST if name in found and (name != "val_ce" or different)]
    others = sorted(name for name in found - set(FIRST) if name.startswith("val_") and group_of(name) not in LEFT_OUT)
    if runs and runs[0].monitor in shown:
        shown.sort(key=lambda name: name != runs[0].monitor)
    return [*shown, *others]


def _align(runs: Sequence[Measured], metric: str) -> Aligned:
    having = [run for run in runs if run.at(metric)]
    epochs = common_epochs(having, metric)
    common = epochs[-1] if epochs else 0
    return Aligned(metric, common, tuple(_figures(run, metric, common) for run in runs))


def _figures(run: Measured, metric: str, common: int) -> Figures:
    values = run.at(metric)
    if not values:
        return Figures()
    best, best_epoch = best_of(values, metric) or (None, 0)
    last = max(values)
    return Figures(values.get(common), best, best_epoch, values[last], last)
