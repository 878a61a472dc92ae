"""What the rules look at: the curves of one run so far, cleaned and in one unit.

Every metric is a series of its own, because any of them may be missing, come every n epochs, or be not finite for a
while. All state is derived from the points, so that epochs that are done again after a resume can be taken back.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from statistics import fmean

from training.diagnosis.facts import Facts
from training.diagnosis.settings import Settings

SMOOTHING = 3
"""Points in the running mean of the validation loss."""


LEAST_CHANCE = 0.6
"""No classification problem has a chance loss below ln 2, and an epoch does not start far from it by luck."""
TEN_CLASSES = math.log(10)
GUESSING = 0.1
GUESSING_ACC = 0.6


class Series:
    """Finite values of one metric over the epochs, with the place of the lowest value so far."""

    def __init__(self) -> None:
        self.x: list[int] = []
        self.y: list[float] = []
        self._lowest: list[int] = []
        self._highest: list[float] = []

    def __len__(self) -> int:
        return len(self.y)

    def add(self, x: int, y: float) -> None:
        self.x.append(x)
        self.y.append(y)
        last = self._lowest[-1] if self._lowest else 0
        self._lowest.append(len(self.y) - 1 if y < self.y[last] else last)
        self._highest.append(max(y, self._highest[-1]) if self._highest else y)

    def drop_from(self, x: int) -> None:
        """Forget the points at `x` and later."""
        while self.x and self.x[-1] >= x:
            self.x.pop()
            self.y.pop()
            self._lowest.pop()
            self._highest.pop()

    def last(self, n: int) -> list[float]:
        return self.y[-n:]

    def lowest(self, before_last: int = 0) -> int:
        """Index of the lowest value, leaving out the last so many points; -1 where there is none."""
        place = len(self.y) - 1 - before_last
        return self._lowest[place] if place >= 0 else -1

    def highest(self) -> float:
        """The highest value so far; minus infinity where there is none."""
        return self._highest[-1] if self._highest else -math.inf

    def upto(self, x: int) -> list[float]:
        """The values at `x` and before it, at most the last SMOOTHING of them."""
        end = bisect_right(self.x, x)
        return self.y[max(0, end - SMOOTHING) : end]

    def at(self, x: int) -> float | None:
        """The value at the last point; None unless that point is at `x`."""
        return self.y[-1] if self.x and self.x[-1] == x else None


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
        self.not_finite: dict[str, list[int]] = {"train_loss": [], "val_loss": []}
        self.start_loss: float | None = None
        """Training loss of the untrained net, where known."""
        self.start_acc: float | None = None
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
                series.add(epoch, value / 100 if self._percent else value)
        self._gradients(epoch, metrics)
        self._notice_guessing(epoch)
        if self.val_loss.at(epoch) is not None:
            self.val_smooth.add(epoch, fmean(self.val_loss.last(SMOOTHING)))

    def first_loss(self, loss: float) -> None:
        """The first training loss ever seen stands for the untrained net."""
        if self.start_loss is None and self.epoch == 0 and math.isfinite(loss):
            self.start_loss = loss

    @property
    def chance_loss(self) -> float | None:
        """Loss of a net that knows nothing: from the facts, else the untrained net's, else as the accuracy tells."""
        for loss in (self.facts.chance_loss, self.start_loss, self._guessing_loss):
            if loss is not None:
                return loss
        return None

    @property
    def chance_acc(self) -> float | None:
        """Accuracy of such a model, likewise."""
        if self.facts.chance_acc is None and self._guessing_loss is not None:
            return math.exp(-self._guessing_loss)
        return self.facts.chance_acc

    @property
    def scale(self) -> float | None:
        """The loss to measure by, above 0: chance, else the first epoch's; None for an objective that is none of them.

        The mean of a first epoch in which the loss exploded is no measure; the validation after it is.
        """
        level = self.chance_loss if self.chance_loss is not None else self._first_epoch()
        return level if level is not None and level > 0 else None

    def _first_epoch(self) -> float | None:
        if not self.train_loss.y:
            return None
        first = self.train_loss.y[0]
        val = self.val_loss.y[0] if self.val_loss.y and self.val_loss.x[0] == self.train_loss.x[0] else first
        return val if LEAST_CHANCE <= val < first / 3 else first

    def is_low(self, loss: float, share: float) -> bool:
        """Whether a loss is below that share of chance; where chance is unknown, of ten classes' chance at least."""
        level = self.chance_loss if self.chance_loss is not None else max(self.scale or 0.0, TEN_CLASSES)
        return loss < share * level

    @property
    def best_loss(self) -> float | None:
        """Lowest training loss before the last epoch; the untrained net and chance count."""
        index = self.train_loss.lowest(before_last=1)
        known = [
            self.start_loss,
            self.facts.chance_loss,
            self._guessing_loss,
            self.train_loss.y[index] if index >= 0 else None,
        ]
        values = [value for value in known if value is not None]
        return min(values) if values else None

    def lr_fell_within(self, points: int) -> bool:
        """Whether the learning rate was cut by a fifth or more inside the last so many epochs."""
        rates = self.lr.last(points)
        return len(rates) > 1 and min(rates) < 0.8 * max(rates[: rates.index(min(rates)) + 1])

    def lr_rose_within(self, points: int) -> bool:
        rates = self.lr.last(points)
        return len(rates) > 1 and rates[-1] > 1.05 * min(rates)

    def _plain(self) -> list[tuple[str, Series]]:
        return [
            ("train_loss", self.train_loss),
            ("val_loss", self.val_loss),
            ("lr", self.lr),
            ("grad_norm", self.grad_norm),
            ("grad_norm_max", self.grad_norm_max),
        ]

    def _point(self, series: Series, epoch: int, name: str, metrics: Mapping[str, float]) -> None:
        value = metrics.get(name)
        if value is None:
            return
        if math.isfinite(value):
            series.add(epoch, value)
        elif name in self.not_finite:
            self.not_finite[name].append(epoch)

    def _gradients(self, epoch: int, metrics: Mapping[str, float]) -> None:
        first, last = metrics.get("grad_norm_first"), metrics.get("grad_norm_last")
        if first is None or not math.isfinite(first):
            return
        self.grad_first.add(epoch, first)
        if last is not None and math.isfinite(last) and last > 0:
            self.grad_ratio.add(epoch, first / last)

    def _before_training(self, metrics: Mapping[str, float]) -> None:
        loss, accuracy = metrics.get("train_loss"), metrics.get("val_acc")
        if loss is not None and math.isfinite(loss):
            self.start_loss = loss
        if accuracy is not None and math.isfinite(accuracy):
            self.start_acc = accuracy

    def _notice_percent(self, metrics: Mapping[str, float]) -> None:
        """Accuracies above 1 mean that all of them are in percent."""
        values = [metrics.get("train_acc"), metrics.get("val_acc")]
        if self._percent or not any(value is not None and math.isfinite(value) and value > 1.5 for value in values):
            return
        self._percent = True
        for series in (self.train_acc, self.val_acc):
            series.y = [value / 100 for value in series.y]

    def _notice_guessing(self, epoch: int) -> None:
        """Take the chance level from an epoch of guessing, in a log that does not tell it.

        A net that guesses among K classes has accuracy a = 1/K and loss ln K = -ln a; one that has learned has a loss
        above -ln a, since its errors cost more than a guess.
        """
        loss, accuracy = self.train_loss.at(epoch), self.train_acc.at(epoch)
        if self._guessing_loss is not None or loss is None or accuracy is None or not 0 < accuracy <= GUESSING_ACC:
            return
        if abs(loss / -math.log(accuracy) - 1) <= GUESSING:
            self._guessing_loss = -math.log(accuracy)

    def _forget(self, epoch: int) -> None:
        for value in vars(self).values():
            if isinstance(value, Series):
                value.drop_from(epoch)
        for epochs in self.not_finite.values():
            while epochs and epochs[-1] >= epoch:
                epochs.pop()
