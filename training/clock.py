"""When the training was where: seconds of the run by step and by epoch, without the time between two attempts."""

from __future__ import annotations

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
        """x is the step, y the seconds since the first event; at the end of an epoch x is the step that comes next."""
        self.epochs = Series()
        """The same by the number of the epoch that ended."""
        self._origin = 0.0
        self._last = 0.0
        self._due = _ANY_TIME
        """Wall time from which on a step is a point."""

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
        reached, last = self._reached, 0.0
        if isinstance(steps, range) and steps and steps[0] >= reached and max(times) < self._due:
            self.see(next((t for t in reversed(times) if t), 0.0))  # nearly all of a long log
            return
        for step, t in zip(steps, times, strict=True):
            last = t or last
            if t >= self._due or step < reached:
                self._take(step, t)
                reached = self._reached
        self.see(last)

    def end_epoch(self, epoch: int, step: int, t: float) -> None:
        """An epoch ended after so many steps."""
        self.see(t)
        if t:
            self._add(step, t)
            self.epochs.append(epoch, self._seconds(t, self.epochs))

    def back_to(self, step: float) -> None:
        """That step and all that followed are superseded."""
        self.steps.truncate(step)

    @property
    def _reached(self) -> float:
        return self.steps.x[-1] if len(self.steps) else -1.0

    def _take(self, step: float, t: float) -> None:
        self.see(t)
        if step < self._reached:
            self.steps.truncate(step)
        if t >= self._due:
            self._add(step, t)

    def _add(self, step: float, t: float) -> None:
        if step > self._reached:
            at = self._seconds(t, self.steps)
            self.steps.append(step, at)
            self._due = t + max(SPACING, SHARE * at)

    def _seconds(self, t: float, before: Series) -> float:
        """Never fewer than before: a wall clock may be set back."""
        return max(t - self._origin, before.last or 0.0)
