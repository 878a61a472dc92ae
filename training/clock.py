"""When the training was where: seconds of the run by step and by epoch, without the time between two attempts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from training.curve import Series

SPACING = 0.25
"""Seconds between two points of a young run: as often as the worker flushes its steps."""
SHARE = 1e-3
"""Of the time that has passed, between two points of an old one: points grow with the logarithm of the time."""
_ANY_TIME = 1e-9


class Clock:
    """Fed with the wall time of every event that stands, in their order. A time of 0 is unknown, as in other tools'
    logs: a run of such events has no points.
    """

    def __init__(self) -> None:
        self.steps = Series()
        """x is the step, from 0, y the seconds since the first event when it was done; the last one before a pause (the
        validation, another attempt) and the first one after it are always points.
        """
        self.epochs = Series()
        """The same by the number of the epoch that ended."""
        self._origin = 0.0
        self._last = 0.0
        self._due = _ANY_TIME
        """Wall time from which on a step is a point."""
        self._latest: tuple[float, float] | None = None
        """The latest step and its seconds, a point or not."""

    def see(self, t: float) -> None:
        """Something happened."""
        if t:
            self._origin = self._origin or t
            self._last = t

    def begin(self, t: float) -> None:
        """An attempt begins: what lies between it and the last event before is no training."""
        if t and self._last:
            self._origin += t - self._last
            self._due += t - self._last
        self.see(t)

    def take(self, steps: Sequence[float], times: Sequence[float]) -> None:
        """Steps in a row, and when they were."""
        self._take_all(steps[:1], times[:1])  # after which there may be no other point for long
        self._take_all(steps[1:], times[1:])
        at = next((at for at in reversed(range(len(times))) if times[at]), None)
        if at is not None:
            self.see(times[at])
            self._latest = (steps[at], self._seconds(times[at], self.steps))

    def end_epoch(self, epoch: int, step: int, t: float) -> None:
        """An epoch ended after so many steps: what passed since the last one belongs to none."""
        self.see(t)
        if t:
            self._keep_latest()
            self._add(step - 1, self._seconds(t, self.steps))
            self._due = _ANY_TIME
            self.epochs.append(epoch, self._seconds(t, self.epochs))

    def back_to(self, step: float) -> None:
        """That step and all that followed are superseded; the one before stays where it was."""
        self._keep_latest()
        x, y = self.steps.x, self.steps.y
        at = bisect_left(x, step - 1)
        last = None
        if 0 < at < len(y):
            share = (step - 1 - x[at - 1]) / (x[at] - x[at - 1])
            last = y[at - 1] + share * (y[at] - y[at - 1])
        self.steps.truncate(step)
        if last is not None:
            self._add(step - 1, last)
        self._latest, self._due = None, _ANY_TIME

    @property
    def _reached(self) -> float:
        return self.steps.x[-1] if len(self.steps) else -1.0

    def _take(self, step: float, t: float) -> None:
        self.see(t)
        if step < self._reached:
            self.steps.truncate(step)
            self._latest = None
        if t >= self._due:
            seconds = self._seconds(t, self.steps)
            self._add(step, seconds)
            self._due = t + max(SPACING, SHARE * seconds)

    def _take_all(self, steps: Sequence[float], times: Sequence[float]) -> None:
        reached = self._reached
        if not steps or (isinstance(steps, range) and steps[0] >= reached and max(times) < self._due):
            return  # nearly all of a long log
        for step, t in zip(steps, times, strict=True):
            if t >= self._due or step < reached:
                self._take(step, t)
                reached = self._reached

    def _keep_latest(self) -> None:
        if self._latest is not None:
            self._add(*self._latest)

    def _add(self, step: float, seconds: float) -> None:
        if step > self._reached:
            self.steps.append(step, max(seconds, self.steps.last or 0.0))

    def _seconds(self, t: float, before: Series) -> float:
        """Never fewer than before: a wall clock may be set back."""
        return max(t - self._origin, before.last or 0.0)
