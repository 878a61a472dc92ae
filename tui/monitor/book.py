"""Which charts a run has: its metrics sorted into groups of curves that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.curve import Series
from training.curves import Curves, Interruption
from training.diagnosis.findings import Finding
from training.story.charts import SHARES, TITLES, group_of, stretch_of
from training.story.telling import curves_of
from tui.widgets.chart import ChartSpec, Curve

ALWAYS = ("loss", "acc", "lr")
"""Groups that have a chart even before they have a value, until an epoch shows what the run logs."""
BY_STEP = ("lr", "images_per_s")
"""Groups in which the value of an epoch says nothing that those of its steps do not."""
FROM_ZERO = ("lr", "images_per_s", "epoch_seconds")
BEHIND, TRAIN, VALIDATION, OTHER = 1, 2, 3, 4
ROLES = {"macro_f1": OTHER, "grad_norm_max": OTHER, "grad_norm_first": TRAIN, "grad_norm_last": VALIDATION}
LABELS = {"grad_norm_first": "first layer", "grad_norm_last": "last layer"}


@dataclass
class ChartBook:
    """The charts of a run, made anew only when a metric appears or an attempt begins."""

    curves: Curves
    empty: str = "no values yet"
    marked: Finding | None = None
    """Its stretch is pointed at, in the charts of the curves that show it."""
    _known: tuple[object, ...] = ()
    _specs: list[ChartSpec] = field(default_factory=list)
    _drawn: dict[tuple[str, str], Curve] = field(default_factory=dict)

    def specs(self) -> list[ChartSpec]:
        """The charts in their order; the same objects as long as the set of metrics stays."""
        curves = self.curves
        attempt = curves.attempt
        plan = (attempt.epochs, attempt.steps_per_epoch) if attempt else (0, 0)
        known = (frozenset(curves.steps), frozenset(curves.epochs), plan, curves.epoch > 0)
        if known != self._known or not self._specs:
            self._known = known
            self._specs = [self._spec(group, *plan) for group in self._groups()]
        reached = float(curves.epoch)
        if plan[1]:
            reached = max(reached, curves.step / plan[1])
        by_epoch = [spec for spec in self._specs if spec.x_name == "epoch"]
        reached = max((reached, *(curve.reached for spec in by_epoch for curve in spec.curves)))
        seams = curves.seams
        for spec in self._specs:
            spec.reached = reached if spec.x_name == "epoch" else 0.0
            length = plan[1] if spec.x_name == "epoch" else 1
            spec.seams = tuple(seam.step / length if length else float(seam.epoch) for seam in seams)
            spec.seam_label = _seam_label(seams)
            spec.empty = self.empty
            spec.band, spec.band_label = self._band(spec)
        return self._specs

    def _band(self, spec: ChartSpec) -> tuple[tuple[float, float] | None, str]:
        """From the start of the first epoch of the stretch to the end of the last, on the chart's own axis."""
        if self.marked is None or not spec.metrics.intersection(curves_of(self.marked)):
            return None, ""
        still_open = self.marked.label in self.curves.findings
        first, last = stretch_of(self.marked, self.curves, still_open=still_open)
        first = min(max(1, first), max(1, last))
        label = f"epochs {first}–{last}" if last > first else f"epoch {first}"
        if spec.x_name == "epoch":
            return (float(first - 1), float(max(first, last))), label
        return (self.curves.steps_after(first - 1), self.curves.steps_after(max(first, last))), label

    def _groups(self) -> list[str]:
        names = [*self.curves.steps, *self.curves.epochs]
        found = dict.fromkeys(group_of(name) for name in names)
        expected = ALWAYS if not (self.curves.epoch and found) else ()
        first = [group for group in TITLES if group in found or group in expected]
        return [*first, *sorted(group for group in found if group not in TITLES)]

    def _spec(self, group: str, epochs: int, steps_per_epoch: int) -> ChartSpec:
        by_epoch = [(name, series) for name, series in self.curves.epochs.items() if group_of(name) == group]
        by_step = [(name, series) for name, series in self.curves.steps.items() if group_of(name) == group]
        # Without the length of an epoch, steps have no place among epochs.
        mixed = steps_per_epoch > 0 or not by_step
        if not mixed and by_epoch:
            by_step = []
        elif group in BY_STEP and by_step:
            by_epoch = []
        found = [
            self._curve("step", name, series, steps_per_epoch if mixed else 0, behind=bool(by_epoch))
            for name, series in by_step
        ]
        found += [self._curve("epoch", name, series, 0) for name, series in by_epoch]
        return ChartSpec(
            TITLES.get(group, group),
            sorted(found, key=lambda curve: curve.series),
            x_name="epoch" if by_epoch or mixed else "step",
            planned=float(epochs) if by_epoch or mixed else 0.0,
            percent=group in SHARES,
            from_zero=group in FROM_ZERO,
            may_log=group in ("loss", "grad_norm", "grad_norm_ends", "ce"),
            metrics=frozenset(name for name, _ in (*by_step, *by_epoch)),
        )

    def _curve(self, kind: str, name: str, points: Series, steps_per_epoch: int, *, behind: bool = False) -> Curve:
        """The curve, with the pyramid it had before; a step lies at the part of its epoch that is done with it."""
        role = name.partition("_")[0]
        series = VALIDATION if role == "val" else TRAIN if role == "train" or group_of(name) == name else OTHER
        label = role if role in ("train", "val") else LABELS.get(name, name)
        if kind == "step" and behind:
            series, label = BEHIND, "steps"
        series = ROLES.get(name, series)
        scale = 1 / steps_per_epoch if kind == "step" and steps_per_epoch else 1.0
        curve = Curve(label, points, series, scale, scale if scale != 1.0 else 0.0)
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
