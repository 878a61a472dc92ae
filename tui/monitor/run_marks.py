"""What happened in a run and when, for the row of marks under its charts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from training.curve import Series
from training.curves import Curves
from training.runs.events import Checkpoint, Override, number
from training.runs.override_names import STOP_AFTER_EPOCH
from training.story.milestones import best_epoch
from training.story.run_axis import RunAxis
from training.text import one_line
from tui.widgets.chart_spec import Mark

FALL = 0.7
"""Of the learning rate of the epoch before, at which an epoch counts as one where it dropped."""
SETTINGS = {
    "learning_rate": "lr {}",
    "lr_factor": "lr ×{}",
    "early_stopping_patience": "patience {}",
    "epochs": "epochs {}",
}
"""Names of what can be changed in a running job, with its value."""


@dataclass
class RunMarks:
    """The marks of a run, looked for again where an epoch ended, a checkpoint was written or a setting changed."""

    curves: Curves
    _known: object = None
    _found: dict[tuple[str, bool], tuple[Mark, ...]] = field(default_factory=dict)
    _seen: tuple[object, ...] = ()
    _drops: list[int] = field(default_factory=list)

    def marks(self, axis: RunAxis, *, drops: bool = True) -> tuple[Mark, ...]:
        """In the order of drawing; `drops` for those of the learning rate, which its own chart shows anyway."""
        curves = self.curves
        counts = (len(curves.checkpoint_history), len(curves.overrides), len(curves.interruptions))
        known = (curves.epoch, axis.steps_per_epoch, *counts)
        if known != self._known:
            self._known = known
            self._found.clear()
        if (axis.unit, drops) not in self._found:
            self._found[axis.unit, drops] = self._look(axis, drops=drops)
        return self._found[axis.unit, drops]

    def _look(self, axis: RunAxis, *, drops: bool) -> tuple[Mark, ...]:
        curves = self.curves
        found = [Mark(axis.after_epoch(epoch - 1), "lr", "LR drop") for epoch in self._dropped()] if drops else []
        if (last := curves.checkpoints.get("last")) is not None:
            found.append(Mark(_place(axis, last), "checkpoint", "last checkpoint"))
        if (epoch := best_epoch(curves)) is not None:
            found.append(Mark(axis.after_epoch(epoch), "best", f"best {epoch}"))
        changed = [each for each in curves.overrides if each.setting != STOP_AFTER_EPOCH]
        found += [Mark(axis.after_steps(each.step), "override", _changed(each)) for each in changed]
        return tuple(found)

    def _dropped(self) -> list[int]:
        """The epochs in which the learning rate was lower than in the one before by a good part."""
        series = self.curves.epochs.get("lr")
        by_epoch = bool(series)
        if series is None or not series:
            series = self.curves.steps.get("lr")
        if series is None:
            return []
        seen = (by_epoch, id(series), series.rewinds, self.curves.epoch, len(series) if by_epoch else 0)
        if seen != self._seen:
            self._seen = seen
            self._drops = _drops_by_epoch(series) if by_epoch else _drops_at_ends(self.curves, series)
        return self._drops


def _drops_by_epoch(series: Series) -> list[int]:
    return _drops([(int(x), y) for x, y in zip(series.x, series.y, strict=True)])


def _drops_at_ends(curves: Curves, series: Series) -> list[int]:
    """From the rate of the last step of each epoch."""
    rates = []
    for epoch in range(1, curves.epoch + 1):
        at = _index_before(series, curves.steps_after(epoch))
        if at is not None:
            rates.append((epoch, series.y[at]))
    return _drops(rates)


def _index_before(series: Series, step: float) -> int | None:
    at = bisect_left(series.x, step) - 1
    return at if at >= 0 else None


def _drops(rates: Sequence[tuple[int, float]]) -> list[int]:
    return [epoch for (_, before), (epoch, rate) in pairwise(rates) if epoch > 1 and 0 <= rate <= FALL * before]


def _place(axis: RunAxis, checkpoint: Checkpoint) -> float:
    return axis.after_steps(checkpoint.step) if checkpoint.step else axis.after_epoch(checkpoint.epoch)


def _changed(override: Override) -> str:
    """A word and its value, as `lr 3e-4`."""
    try:
        value = _short(number(override.value))
    except ValueError:
        value = one_line(str(override.value))
    pattern = SETTINGS.get(override.setting)
    return pattern.format(value) if pattern else f"{one_line(override.setting)} {value}"


def _short(value: float) -> str:
    text = f"{value:.3g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text
