"""The figures of a run: its metrics sorted into charts, each curve laid on the x axis that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from training.curve import Series
from training.curves import Curves
from training.errors import InvalidInput
from training.story.charts import (
    BEHIND,
    BY_STEP,
    FROM_ZERO,
    MAY_LOG,
    SERIES,
    SHARES,
    TITLES,
    group_of,
    in_order,
    label_of,
    series_of,
)
from training.story.export.figure import Figure, FigureCurve, FigureMark, itself
from training.story.milestones import best_epoch
from training.story.run_axis import RunAxis, Unit
from training.text import one_line

SET = ("lr",)
"""Charts of what is set, not measured: there is no noise in them."""
SETTINGS = {"learning_rate": "learning rate", "early_stopping_patience": "patience", "epochs": "epochs"}
"""What an override is about, in words."""


def metrics_of(curves: Curves) -> list[str]:
    """What the run has values of."""
    columns = [*curves.steps.items(), *curves.epochs.items()]
    return list(dict.fromkeys(name for name, series in columns if len(series)))


def wanted_groups(metrics: Collection[str], names: Iterable[str], run: str) -> list[str]:
    """The charts of that name, or of a metric of that name, of a run that has these metrics.

    Raises InvalidInput for one that it does not have, and where it has none at all.
    """
    groups = in_order(map(group_of, metrics))
    if not groups:
        raise InvalidInput(f"{one_line(run)} has logged no value yet.", "Wait for its first steps.")
    found = []
    for name in names:
        group = name if name in groups else group_of(name) if name in metrics else ""
        if group not in groups:
            listed = ", ".join(map(one_line, groups))
            raise InvalidInput(f"{one_line(run)} has no chart {one_line(name)!r}.", f"Its charts: {listed}.")
        found.append(group)
    return list(dict.fromkeys(found))


def figures_of(
    curves: Curves, groups: Iterable[str], unit: Unit, *, run: str = "", log_scale: bool | None = None
) -> list[Figure]:
    """A figure for each of the groups. Raises InvalidInput where the log does not say when things were."""
    if unit == "time" and not len(curves.clock):
        raise InvalidInput("The log does not say when its steps were.", "Draw it by epoch or by step.")
    axis = FigureAxis(curves, unit)
    return [
        Figure(
            TITLES.get(group, one_line(group)),
            tuple(axis.curves(group)),
            runs=one_line(run),
            x_name=axis.name_for(group),
            percent=group in SHARES,
            from_zero=group in FROM_ZERO,
            may_log=group in MAY_LOG,
            smooths=group not in SET,
            log_scale=log_scale,
            marks=tuple(axis.marks(group)),
        )
        for group in groups
    ]


class FigureAxis:
    """What lies where on an axis of that unit, for figures."""

    def __init__(self, history: Curves, unit: Unit) -> None:
        self.history, self.unit = history, unit
        self._axis = RunAxis(history, unit)

    @property
    def of_step(self) -> Callable[[float], float] | None:
        """From a step, counted from 0; an epoch ends at its last step. None where steps have no place on the axis."""
        nowhere = self.unit == "epoch" and not self._axis.steps_per_epoch
        return None if nowhere else self._axis.by_step.on_axis

    @property
    def of_epoch(self) -> Callable[[float], float]:
        """From an epoch to where it ends."""
        return self._axis.by_epoch.on_axis

    def name_for(self, group: str) -> str:
        """The unit of a chart's x axis: steps without a place among epochs stay steps where they are all there is."""
        return "step" if self.unit == "epoch" and self._only_steps(group) else self.unit

    def curves(self, group: str) -> list[FigureCurve]:
        """As in the monitor: what was logged by step lies quietly behind what was logged by epoch."""
        by_epoch = _of_group(self.history.epochs, group)
        by_step = _of_group(self.history.steps, group)
        if group in BY_STEP and by_step and (self.of_step is not None or not by_epoch):
            by_epoch = []
        place = itself if self._only_steps(group) else self.of_step
        found = []
        for name, series in by_step:
            if place is not None:
                quiet = bool(by_epoch)
                number = SERIES.get(name, BEHIND) if quiet else series_of(name)
                label = "steps" if quiet else one_line(label_of(name))
                found.append(FigureCurve(label, series.x, series.y, number, place))
        for name, series in by_epoch:
            found.append(FigureCurve(one_line(label_of(name)), series.x, series.y, series_of(name), self.of_epoch))
        return sorted(found, key=lambda curve: curve.series)

    def marks(self, group: str) -> list[FigureMark]:
        """The best epoch, where the run was resumed, and where its settings were changed."""
        history = self.history
        axis = RunAxis(history, "step") if self._only_steps(group) else self._axis
        found = [
            FigureMark(axis.after_steps(seam.step), "resumed", f"resumed at epoch {seam.epoch}")
            for seam in history.seams
        ]
        for override in history.overrides:
            label = f"{SETTINGS.get(override.setting, one_line(override.setting))} {_value(override.value)}"
            found.append(FigureMark(axis.after_steps(override.step), "override", label))
        best = best_epoch(history)
        if best is not None and not self._only_steps(group):
            found.append(FigureMark(axis.after_epoch(best), "best", f"best, epoch {best}"))
        return found

    def _only_steps(self, group: str) -> bool:
        return self.of_step is None and not _of_group(self.history.epochs, group)


def _of_group(columns: dict[str, Series], group: str) -> list[tuple[str, Series]]:
    return [(name, series) for name, series in columns.items() if len(series) and group_of(name) == group]


def _value(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, int | float) else one_line(value)
