"""Where the steps and the epochs of one run lie on an x axis that counts epochs, steps or the time of training."""

from __future__ import annotations

from typing import Literal

from training.curve import Series
from training.curves import Curves
from training.story.placing import EpochEnds, Knots, Linear, Placing

Unit = Literal["epoch", "step", "time"]


def units_of(curves: Curves) -> list[Unit]:
    """What an x axis of the run can count, as far as its log tells."""
    found: list[Unit] = []
    if any(len(series) for series in curves.epochs.values()) or (curves.attempt and curves.attempt.steps_per_epoch):
        found.append("epoch")
    if any(len(series) for series in curves.steps.values()):
        found.append("step")
    if len(curves.clock) > 1:
        found.append("time")
    return found


class RunAxis:
    """The x axis of a run in that unit."""

    def __init__(self, curves: Curves, unit: Unit) -> None:
        self._curves = curves
        self.unit = unit
        self._ends = Series()
        self._revision = -1
        length = self.steps_per_epoch
        if unit == "epoch":
            self.by_epoch: Placing = Linear()
            self.by_step: Placing = Linear(1 / length, 1 / length) if length else Linear()
        elif unit == "step":
            self.by_step = Linear()
            self.by_epoch = EpochEnds(length) if length else Knots(self._ends)
        else:
            self.by_step = Knots(curves.clock)
            self.by_epoch = Knots(curves.epoch_clock)
        self.follow()

    @property
    def steps_per_epoch(self) -> int:
        """0 where the log does not tell."""
        return self._curves.attempt.steps_per_epoch if self._curves.attempt else 0

    def follow(self) -> None:
        """Take in the epochs that ended, where only they tell how long they are."""
        if self.unit != "step" or self.steps_per_epoch or self._revision == self._curves.revision:
            return
        self._revision = self._curves.revision
        epochs = range(self._curves.epoch + 1)
        done = [max(0.0, self._curves.steps_after(epoch) - 1) for epoch in epochs]
        if list(self._ends.y) != done:
            self._ends.truncate(0)
            for epoch, step in zip(epochs, done, strict=True):
                self._ends.append(epoch, step)

    def after_steps(self, done: float) -> float:
        """Where so many steps are done: at the last of them, as the first one is step 0."""
        if self.unit == "epoch":
            length = self.steps_per_epoch
            return done / length if length else float(sum(done >= end for end in self._epoch_ends()))
        return max(0.0, done - 1) if self.unit == "step" else self._seconds_after(done)

    def after_epoch(self, epoch: float) -> float:
        """Where an epoch ends; 0 is where the first one begins."""
        if self.unit == "epoch":
            return float(epoch)
        if self.unit == "step":
            return self.after_steps(self._curves.steps_after(int(epoch)))
        return self.by_epoch.on_axis(epoch) if epoch > 0 else 0.0

    def _seconds_after(self, done: float) -> float:
        """Where an epoch ended, with the validation that belongs to it."""
        epoch = self._curves.epoch_ended_after(done)
        if epoch and epoch in self._curves.epoch_clock.x:
            return self.by_epoch.on_axis(epoch)
        return max(0.0, self.by_step.on_axis(done - 1)) if done > 0 else 0.0

    def _epoch_ends(self) -> list[float]:
        return [self._curves.steps_after(epoch) for epoch in range(1, self._curves.epoch + 1)]
