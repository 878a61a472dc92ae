"""Which charts an overlay has: one for each metric, with a curve for each side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.curve import Series
from training.curves import Curves
from training.story.charts import FROM_ZERO, MAY_LOG, SHARES, TITLES, group_of
from tui.monitor.lens import UNITS, Unit
from tui.overlay.band import Band
from tui.overlay.model import Overlaid, Side
from tui.overlay.overlaid_run import OverlaidRun
from tui.widgets.chart import ChartSpec, Curve
from tui.widgets.placing import EpochEnds, Knots, Linear, Placing

ROLES = {"val": "Validation", "train": "Training"}
NAMES = {"loss": "loss", "acc": "accuracy"}
NOT_NOISY = ("lr",)
"""Charts of what is set."""


@dataclass
class OverlayBook:
    """The charts of the runs, made anew only when a metric, a side or the unit of the x axis changes."""

    overlaid: Overlaid
    empty: str = "no values yet"
    _known: tuple[object, ...] = ()
    _specs: list[ChartSpec] = field(default_factory=list)
    _curves: dict[tuple[object, ...], Curve] = field(default_factory=dict)
    _bands: dict[tuple[str, tuple[int, ...]], Band] = field(default_factory=dict)

    @property
    def units(self) -> list[Unit]:
        """What the x axis can count: what any of the runs tells."""
        curves = [run.curves for run in self.overlaid.runs]
        told: dict[Unit, bool] = {
            "epoch": any(each.epochs or _per_epoch(each) for each in curves),
            "step": any(_per_epoch(each) or (each.steps and not each.epochs) for each in curves),
            "time": any(each.epoch_clock.y or each.clock.y for each in curves),
        }
        return [unit for unit in UNITS if told[unit]] or ["epoch"]

    def specs(self, unit: Unit) -> list[ChartSpec]:
        """The charts in their order, by that unit where any run tells it; the same objects while they show the same."""
        units = self.units
        unit = unit if unit in units else units[0]
        sides = [side for side in self.overlaid.sides if not side.hidden]
        runs = self.overlaid.runs
        known = (unit, tuple(sides), *(_kinds(run.curves) for run in runs))
        if known != self._known or not self._specs:
            self._known = known
            self._specs = [self._spec(group, metric, sides, unit) for group, metric in _metrics(runs)]
        self._follow_bands(sides)
        for spec in self._specs:
            spec.empty = self.empty
            spec.reached = max((curve.reached for curve in spec.curves), default=0.0)
        return self._specs

    def _follow_bands(self, sides: Sequence[Side]) -> None:
        """Bring the means up to date where a seed went on."""
        shown = {side.places for side in sides}
        for (metric, places), band in self._bands.items():
            if places in shown:
                band.follow([points for place in places if (points := self._points(place, metric))])

    def _points(self, place: int, metric: str) -> Series | None:
        return self.overlaid.runs[place].curves.epochs.get(metric)

    def _spec(self, group: str, metric: str, sides: Sequence[Side], unit: Unit) -> ChartSpec:
        drawn = [curve for side in sides if (curve := self._curve(metric, side, unit))]
        kind = group_of(metric)
        return ChartSpec(
            _title(metric),
            drawn,
            x_name=unit,
            planned=self._planned(sides, unit),
            percent=kind in SHARES,
            from_zero=kind in FROM_ZERO,
            may_log=kind in MAY_LOG,
            smooths=kind not in NOT_NOISY,
            metrics=frozenset({metric}),
            group=group,
        )

    def _planned(self, sides: Sequence[Side], unit: Unit) -> float:
        """Where the longest plan of them ends; 0 where one has none."""
        planned = [self.overlaid.runs[place].curves for side in sides for place in side.places]
        if unit == "time" or not planned or not all(curves.planned_epochs for curves in planned):
            return 0.0
        lengths = [float(curves.planned_epochs * (_per_epoch(curves) if unit == "step" else 1)) for curves in planned]
        return max(lengths) if all(lengths) else 0.0

    def _curve(self, metric: str, side: Side, unit: Unit) -> Curve | None:
        """The side's curve, with the pyramid it had before; None where nobody knows where its points lie."""
        key = (metric, side.places, unit)
        having = [place for place in side.places if self._points(place, metric)]
        if len(side.places) > 1 and having:
            band = self._bands.setdefault((metric, side.places), Band(share=group_of(metric) in SHARES))
            curve = self._made(key, side, band.mean, of_epochs(self.overlaid.runs[having[0]].curves, unit))
            if curve is not None:
                curve.low, curve.high = band.low, band.high
            return curve
        curves = self.overlaid.runs[having[0] if having else side.places[0]].curves
        if metric in curves.epochs:
            return self._made(key, side, curves.epochs[metric], of_epochs(curves, unit))
        if metric in curves.steps and not curves.epochs:
            return self._made(key, side, curves.steps[metric], of_steps(curves, unit), points="step")
        return None

    def _made(
        self, key: tuple[object, ...], side: Side, series: Series, place: Placing | None, points: str = "epoch"
    ) -> Curve | None:
        if place is None:
            return None
        curve = Curve(side.name, series, side.colour, place=place, unit=points, again=side.again)
        known = self._curves.get(key)
        if known is not None and known.points is series:
            curve.pyramid = known.pyramid
        self._curves[key] = curve
        return curve


def _kinds(curves: Curves) -> tuple[object, ...]:
    """Changes when there is something else to draw than more of the same."""
    attempt = curves.attempt
    plan = (curves.planned_epochs, attempt.steps_per_epoch) if attempt else ()
    timed = bool(curves.epoch_clock.y), bool(curves.clock.y)
    return frozenset(curves.epochs), frozenset(curves.steps) if not curves.epochs else (), plan, timed


def _metrics(runs: Sequence[OverlaidRun]) -> list[tuple[str, str]]:
    """The charts as (group, metric): of each group the validation's, the training's after all others."""
    names = dict.fromkeys(name for run in runs for name in (run.curves.epochs or run.curves.steps))
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(group_of(name), []).append(name)
    found = []
    for group in [*(group for group in TITLES if group in groups), *sorted(groups.keys() - TITLES.keys())]:
        found.append((group, main_metric(group, groups[group])))
    found += [(name, name) for name in names if name.startswith("train_") and (group_of(name), name) not in found]
    return found


def main_metric(group: str, names: Sequence[str]) -> str:
    """The metric of a group that a run is judged by."""
    wanted = (f"val_{group}", group, f"train_{group}")
    return next((name for name in wanted if name in names), names[0])


def _title(metric: str) -> str:
    role, _, rest = metric.partition("_")
    if role in ROLES and rest in NAMES:
        return f"{ROLES[role]} {NAMES[rest]}"
    return TITLES.get(group_of(metric), metric)


def _per_epoch(curves: Curves) -> int:
    return curves.attempt.steps_per_epoch if curves.attempt else 0


def of_epochs(curves: Curves, unit: Unit) -> Placing | None:
    """Where epochs lie; None where that is not known."""
    if unit == "epoch":
        return Linear()
    if unit == "step":
        return EpochEnds(_per_epoch(curves)) if _per_epoch(curves) else None
    return Knots(curves.epoch_clock) if curves.epoch_clock.y else None


def of_steps(curves: Curves, unit: Unit) -> Placing | None:
    """Where steps lie; without the length of an epoch they have no place among epochs."""
    if unit == "step":
        return Linear()
    if unit == "epoch":
        length = _per_epoch(curves)
        return Linear(1 / length, 1 / length) if length else None
    return Knots(curves.clock) if curves.clock.y else None
