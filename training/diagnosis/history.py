"""What the rules look at: the curves of one run so far, cleaned and in one unit.

Every metric is a series of its own, because any of them may be missing, come every n epochs, or be not finite for a
while. All state is derived from the points, so that epochs that are done again after a resume can be taken back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from training.diagnosis.facts import Facts
from training.diagnosis.rate_change import RateChange
from training.diagnosis.series import KEPT, Point, Series
from training.diagnosis.settings import Settings

SMOOTHING = 3
"""Points in the running mean of the validation loss."""


LEAST_CHANCE = 0.6
"""No classification problem has a chance loss below ln 2, and an epoch does not start far from it by luck."""
LONGEST_SPAN = 100
SPANS = 20
"""As many stretches of stalling fit into a planned run."""
LARGEST = 1e100
"""Larger values are taken for this one, so that their squares are numbers still."""
TWO_CLASSES = math.log(2)
TEN_CLASSES = math.log(10)
GUESSING = 0.1
GUESSING_ACC = 0.6
BLAST = 3.0
"""A first epoch whose mean loss is so many times its validation loss had an explosion in it."""
CUT, RISEN = 0.8, 1.05
"""Shares of the highest and of the lowest recent learning rate from which on it was cut, or has risen."""
WARM = 0.7
"""A first loss so far below chance is that of weights that were trained before."""
NO_SHARE = 1.5
"""An accuracy above it is in percent."""
NEXT_TO_NOTHING = 1e-3
"""Share of chance below which a loss is as good as 0: a ratio to less means nothing."""


@dataclass(frozen=True)
class Minimum:
    """The lowest running mean of the validation loss, the train loss of that epoch, the mean accuracy around it."""

    val_loss: Point
    train_loss: float
    val_acc: float | None


class History:
    """The curves so far. `epoch` counts from 1; 0 is the state before training."""

    def __init__(self, settings: Settings, facts: Facts) -> None:
        self.settings = settings
        self.facts = facts
        self.epoch = 0
        self.train_loss = Series()
        self.val_loss = Series()
        self.val_smooth = Series()
        self.train_acc = Series()
        self.val_acc = Series()
        self.lr = Series()
        self.grad_norm = Series()
        self.grad_norm_max = Series()
        self.grad_ratio = Series()
        self.grad_first = Series()
        self.dead_relu = Series()
        self.val_recall_min = Series()
        self._minima: list[Minimum] = []
        self.not_finite: dict[str, list[tuple[int, int]]] = {"train_loss": [], "val_loss": []}
        """First and last epoch of each stretch without a finite value."""
        self.rate_changes: list[RateChange] = []
        """Made by hand, in their order."""
        self.start_loss: float | None = None
        """Training loss of the untrained net, where known."""
        self.stopped_early = False
        self._percent = False
        self._guessing_loss: float | None = None

    def add(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Take in an epoch; one that is done again replaces itself and everything after it."""
        if epoch <= 0:
            self._before_training(metrics)
            return
        if epoch <= self.epoch:
            self._forget(epoch)
        self.epoch = epoch
        self._notice_percent(metrics)
        for name, series in self._plain():
            self._point(series, epoch, name, metrics)
        for name, series in (("train_acc", self.train_acc), ("val_acc", self.val_acc)):
            value = metrics.get(name)
            if value is not None and math.isfinite(value):
                series.add(epoch, _bounded(value) / (100 if self._percent else 1))
        self._gradients(epoch, metrics)
        self._notice_guessing(epoch)
        if self.val_loss.at(epoch) is not None:
            self._smooth_validation(epoch)

    def _smooth_validation(self, epoch: int) -> None:
        smooth, before = self.val_smooth, self.val_smooth.lowest()
        smooth.add(epoch, fmean(self.val_loss.last(SMOOTHING)))
        now = smooth.lowest()
        if now is None or now is before or not self.train_loss.y:
            return
        accuracies = self.val_acc.last(SMOOTHING)
        self._minima.append(Minimum(now, self.train_loss.y[-1], fmean(accuracies) if accuracies else None))
        if len(self._minima) >= 2 * KEPT:
            del self._minima[:KEPT]

    @property
    def minimum(self) -> Minimum | None:
        """The lowest smoothed validation loss so far, with what went with it."""
        return self._minima[-1] if self._minima else None

    def first_loss(self, loss: float) -> None:
        """The first training loss ever seen stands for the untrained net."""
        if self.start_loss is None and self.epoch == 0 and math.isfinite(loss):
            self.start_loss = loss

    @property
    def chance_loss(self) -> float | None:
        """Loss of a net that knows nothing: from the facts, else the untrained net's, else as the accuracy tells."""
        if self.facts.chance_loss is not None:
            return self.facts.chance_loss
        # A net that begins better than any guess has been trained before.
        untrained = self.start_loss is not None and self.start_loss >= LEAST_CHANCE
        return self.start_loss if untrained else self._guessing_loss

    @property
    def chance_acc(self) -> float | None:
        """Accuracy of such a model, likewise."""
        if self.facts.chance_acc is None and self._guessing_loss is not None:
            return math.exp(-self._guessing_loss)
        return self.facts.chance_acc

    @property
    def scale(self) -> float | None:
        """The loss to measure by, above 0: chance, else the first epoch's; None for an objective that is none of them.

        The mean of a first epoch in which the loss exploded is no measure; the validation after it is. Where accuracies
        say that it is a classification, its chance loss is ln 2 at least, however well the first epoch did.
        """
        level = self.chance_loss
        if level is None:
            level = self._first_epoch()
            if level is not None and (self.train_acc.y or self.val_acc.y):
                level = max(level, TWO_CLASSES)
        return level if level is not None and level > 0 else None

    def _first_epoch(self) -> float | None:
        first, validated = self.loss.first, self.val_loss.first
        if first is None:
            return None
        if validated is not None and validated.x == first.x and LEAST_CHANCE <= validated.y < first.y / BLAST:
            return validated.y
        return first.y

    def is_low(self, loss: float, share: float) -> bool:
        """Whether a loss is below that share of chance; where chance is unknown, of ten classes' chance at least."""
        level = self.chance_loss if self.chance_loss is not None else max(self.scale or 0.0, TEN_CLASSES)
        return loss < share * level

    @property
    def loss(self) -> Series:
        """The training loss; the validation loss in a log that has no other."""
        return self.train_loss if self.train_loss.y or not self.val_loss.y else self.val_loss

    @property
    def best_loss(self) -> float | None:
        """Lowest training loss before the last epoch; chance counts, and so does a net that has yet to beat it.

        Weights that were trained before do not: what is new in this run may cost more than they had left to lose.
        """
        lowest = self.loss.lowest(before_last=1)
        level = self.chance_loss
        warm = self.start_loss is not None and level is not None and self.start_loss < WARM * level
        known = [
            None if warm else self.start_loss,
            self.facts.chance_loss,
            self._guessing_loss,
            lowest.y if lowest is not None else None,
        ]
        values = [value for value in known if value is not None]
        scale = self.scale
        return max(min(values), NEXT_TO_NOTHING * scale) if values and scale is not None else None

    @property
    def lr_position(self) -> float | None:
        """Where the learning rate in force lies against the guide's range (Settings.lr_position)."""
        return self.settings.lr_position(self.lr.y[-1] if self.lr.y else None)

    @property
    def lr_position_at_highest(self) -> float | None:
        """The same for the highest rate so far: a schedule takes a rate out of its range later, as it should."""
        return self.settings.lr_position(self.lr.highest() if self.lr.y else None)

    @property
    def lr_was_lowered(self) -> bool:
        """Whether the learning rate has ever been higher than it is."""
        return bool(self.lr.y) and self.lr.y[-1] < self.lr.highest() / RISEN

    def span(self, epochs: int) -> int:
        """So many epochs, or a twentieth of those planned: what stalls in a long run stalls for longer."""
        planned = self.settings.get("epochs")
        return max(epochs, min(planned // SPANS, LONGEST_SPAN)) if isinstance(planned, int) else epochs

    def lr_fell_within(self, points: int) -> bool:
        """Whether the learning rate was cut by a fifth or more inside the last so many epochs."""
        rates = self.lr.last(points)
        return len(rates) > 1 and min(rates) < CUT * max(rates[: rates.index(min(rates)) + 1])

    def lr_rose_within(self, points: int) -> bool:
        rates = self.lr.last(points)
        return len(rates) > 1 and rates[-1] > RISEN * min(rates)

    def _plain(self) -> list[tuple[str, Series]]:
        return [
            ("train_loss", self.train_loss),
            ("val_loss", self.val_loss),
            ("lr", self.lr),
            ("grad_norm", self.grad_norm),
            ("grad_norm_max", self.grad_norm_max),
            ("dead_relu", self.dead_relu),
            ("val_recall_min", self.val_recall_min),
        ]

    def _point(self, series: Series, epoch: int, name: str, metrics: Mapping[str, float]) -> None:
        value = metrics.get(name)
        if value is None:
            return
        if math.isfinite(value):
            series.add(epoch, _bounded(value))
        elif name in self.not_finite:
            stretches = self.not_finite[name]
            goes_on = stretches and (not series.x or series.x[-1] < stretches[-1][1])
            stretches.append((stretches.pop()[0], epoch) if goes_on else (epoch, epoch))
            del stretches[: -2 * KEPT]

    def _gradients(self, epoch: int, metrics: Mapping[str, float]) -> None:
        first, last = metrics.get("grad_norm_first"), metrics.get("grad_norm_last")
        if first is None or not math.isfinite(first):
            return
        self.grad_first.add(epoch, first)
        if last is not None and math.isfinite(last) and last > 0:
            self.grad_ratio.add(epoch, first / last)

    def _before_training(self, metrics: Mapping[str, float]) -> None:
        loss = metrics.get("train_loss")
        if loss is not None and math.isfinite(loss):
            self.start_loss = loss

    def _notice_percent(self, metrics: Mapping[str, float]) -> None:
        """Accuracies above 1 mean that all of them are in percent."""
        values = [metrics.get("train_acc"), metrics.get("val_acc")]
        if self._percent or not any(
            value is not None and math.isfinite(value) and value > NO_SHARE for value in values
        ):
            return
        self._percent = True
        for series in (self.train_acc, self.val_acc):
            series.multiply(0.01)

    def _notice_guessing(self, epoch: int) -> None:
        """Take the chance level from an epoch of guessing, in a log that does not tell it.

        A net that guesses among K classes has accuracy a = 1/K and loss ln K = -ln a; one that has learned has a loss
        above -ln a, since its errors cost more than a guess. Validation comes after the epoch, and tells of a net whose
        loss exploded in it.
        """
        if self._guessing_loss is not None:
            return
        for losses, accuracies in ((self.train_loss, self.train_acc), (self.val_loss, self.val_acc)):
            loss, accuracy = losses.at(epoch), accuracies.at(epoch)
            if loss is None or accuracy is None or not 0 < accuracy <= GUESSING_ACC:
                continue
            if abs(loss / -math.log(accuracy) - 1) <= GUESSING:
                self._guessing_loss = -math.log(accuracy)
                return

    def _forget(self, epoch: int) -> None:
        for value in vars(self).values():
            if isinstance(value, Series):
                value.drop_from(epoch)
        while self._minima and self._minima[-1].val_loss.x >= epoch:
            self._minima.pop()
        while self.rate_changes and self.rate_changes[-1].epoch > epoch:
            self.rate_changes.pop()
        for stretches in self.not_finite.values():
            while stretches and stretches[-1][0] >= epoch:
                stretches.pop()
            if stretches and stretches[-1][1] >= epoch:
                stretches[-1] = (stretches[-1][0], epoch - 1)


def _bounded(value: float) -> float:
    return min(max(value, -LARGEST), LARGEST)
