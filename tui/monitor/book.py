"""Which charts a run has: its metrics sorted into groups of curves that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.curve import Series
from training.curves import Curves, Interruption
from training.diagnosis.findings import Finding
from training.story.charts import (
    BEHIND,
    BY_STEP,
    FROM_ZERO,
    MAY_LOG,
    SERIES,
    SHARES,
    TITLES,
    group_of,
    label_of,
    series_of,
    stretch_of,
)
from training.story.run_axis import RunAxis, units_of
from training.story.telling import curves_of
from tui.monitor.lens import UNITS, Unit
from tui.monitor.run_marks import RunMarks
from tui.widgets.chart_spec import ChartSpec, Curve
from tui.widgets.placing import Placing

ALWAYS = ("loss", "acc", "lr")
"""Groups that have a chart even before they have a value, until an epoch shows what the run logs."""


@dataclass
class ChartBook:
    """The charts of a run, made anew only when a metric appears or an attempt begins."""

    curves: Curves
    empty: str = "no values yet"
    marked: Finding | None = None
    """Its stretch is pointed at, in the charts of the curves that show it."""
    unit: Unit = "epoch"
    """What the x axes are to count, where the log tells it."""
    _known: tuple[object, ...] = ()
    _specs: list[ChartSpec] = field(default_factory=list)
    _drawn: dict[tuple[str, str], Curve] = field(default_factory=dict)
    _axes: dict[str, RunAxis] = field(default_factory=dict)
    _marks: RunMarks = field(init=False)

    def __post_init__(self) -> None:
        self._marks = RunMarks(self.curves)

    @property
    def units(self) -> list[Unit]:
        """What an x axis can count."""
        return units_of(self.curves)

    def specs(self) -> list[ChartSpec]:
        """The charts in their order; the same objects as long as the set of metrics stays."""
        curves = self.curves
        attempt = curves.attempt
        plan = (curves.planned_epochs, attempt.steps_per_epoch) if attempt else (0, 0)
        units = self.units
        unit: Unit = self.unit if self.unit in units else (units or ["epoch"])[0]
        known = (frozenset(curves.steps), frozenset(curves.epochs), plan, curves.epoch > 0, unit)
        if known != self._known or not self._specs:
            self._known = known
            self._axes = {each: RunAxis(curves, each) for each in UNITS}
            self._specs = [self._spec(group, unit, *plan) for group in self._groups()]
        for axis in self._axes.values():
            axis.follow()
        reached = self._reached(unit, plan[1])
        for spec in self._specs:
            axis = self._axes[spec.x_name]
            spec.reached = reached if spec.x_name == unit else 0.0
            spec.seams = tuple(axis.after_steps(seam.step) for seam in curves.seams)
            spec.seam_label = _seam_label(curves.seams)
            spec.empty = self.empty
            spec.band, spec.band_label = self._band(spec)
            spec.marks = self._marks.marks(axis, drops=spec.group != "lr")
        return self._specs

    def _reached(self, unit: Unit, steps_per_epoch: int) -> float:
        """How far the run is on an axis of that unit."""
        curves = self.curves
        reached = float(curves.epoch) if unit == "epoch" else 0.0
        if unit == "epoch" and steps_per_epoch:
            reached = max(reached, curves.step / steps_per_epoch)
        shared = [spec for spec in self._specs if spec.x_name == unit]
        return max((reached, *(curve.reached for spec in shared for curve in spec.curves)))

    def _band(self, spec: ChartSpec) -> tuple[tuple[float, float] | None, str]:
        """From the start of the first epoch of the stretch to the end of the last, on the chart's own axis."""
        if self.marked is None or not spec.metrics.intersection(curves_of(self.marked)):
            return None, ""
        still_open = self.marked.label in self.curves.findings
        first, last = stretch_of(self.marked, self.curves, still_open=still_open)
        first = min(max(1, first), max(1, last))
        label = f"epochs {first}–{last}" if last > first else f"epoch {first}"
        axis = self._axes[spec.x_name]
        return (axis.after_epoch(first - 1), axis.after_epoch(max(first, last))), label

    def _groups(self) -> list[str]:
        names = [*self.curves.steps, *self.curves.epochs]
        found = dict.fromkeys(group_of(name) for name in names)
        expected = ALWAYS if not (self.curves.epoch and found) else ()
        first = [group for group in TITLES if group in found or group in expected]
        return [*first, *sorted(group for group in found if group not in TITLES)]

    def _spec(self, group: str, unit: Unit, epochs: int, steps_per_epoch: int) -> ChartSpec:
        by_epoch = [(name, series) for name, series in self.curves.epochs.items() if group_of(name) == group]
        by_step = [(name, series) for name, series in self.curves.steps.items() if group_of(name) == group]
        if unit == "epoch" and not steps_per_epoch and by_step:
            # Without the length of an epoch, steps have no place among epochs.
            if by_epoch:
                by_step = []
            else:
                unit = "step"
        elif group in BY_STEP and by_step:
            by_epoch = []
        axis = self._axes[unit]
        found = [self._curve("step", name, series, axis.by_step, behind=bool(by_epoch)) for name, series in by_step]
        found += [self._curve("epoch", name, series, axis.by_epoch) for name, series in by_epoch]
        planned = {"epoch": epochs, "step": epochs * steps_per_epoch}.get(unit, 0)
        return ChartSpec(
            TITLES.get(group, group),
            sorted(found, key=lambda curve: curve.series),
            x_name=unit,
            planned=float(planned),
            percent=group in SHARES,
            from_zero=group in FROM_ZERO,
            may_log=group in MAY_LOG,
            smooths=group != "lr",
            metrics=frozenset(name for name, _ in (*by_step, *by_epoch)),
            group=group,
        )

    def _curve(self, kind: str, name: str, points: Series, placing: Placing, *, behind: bool = False) -> Curve:
        """The curve, with the pyramid it had before."""
        series, label = series_of(name), label_of(name)
        if kind == "step" and behind:
            series, label = SERIES.get(name, BEHIND), "steps"
        curve = Curve(label, points, series, place=placing, unit=kind)
        known = self._drawn.get((kind, name))
        if known is not None and known.points is points:
            curve.pyramid = known.pyramid
        self._drawn[kind, name] = curve
        return curve


def _seam_label(seams: Sequence[Interruption]) -> str:
    """What the mark at the last of them means, in words."""
    if not seams:
        return ""
    epoch = seams[-1].epoch
    return f"resumed {len(seams)}×, last at epoch {epoch}" if len(seams) > 1 else f"resumed at epoch {epoch}"
