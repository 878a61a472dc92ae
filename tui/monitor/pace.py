"""How fast a run goes now, and when it will be done."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from training.runs.events import AnyEvent, Attempt, Epoch, Step, Steps
from training.runs.steps import numbers_of, times_of

WINDOW = 60.0
"""Seconds of the past that the pace is taken from: long enough to hold validation and checkpoints."""
SPACING = 1.0
"""Seconds between two moments that are remembered."""

LEAST_SECONDS = 2.0
"""Less says nothing: the steps of one flush carry the same time."""


@dataclass
class Pace:
    """Steps per second of wall time, from what the events say."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, t: float, step: int) -> None:
        """`step` steps were done at wall time `t`."""
        if self._seen and (step < self._seen[-1][1] or t < self._seen[-1][0]):
            self.reset()
        if len(self._seen) > 1 and t - self._seen[-2][0] < SPACING:
            self._seen.pop()
        self._seen.append((t, step))
        while len(self._seen) > 2 and self._seen[1][0] < t - WINDOW:
            self._seen.popleft()

    def take(self, events: Iterable[AnyEvent], *, by_step: bool) -> None:
        """What the events say of steps, or of epochs where those are what the run is planned in."""
        for event in events:
            if isinstance(event, Attempt):
                self.reset()  # what lies between two attempts is no training
            elif isinstance(event, Epoch):
                self.add(event.t, event.step if by_step else event.epoch)
            elif isinstance(event, Step) and by_step:
                self.add(event.t, event.step + 1)
            elif isinstance(event, Steps) and by_step:
                times, steps = times_of(event), numbers_of(event)
                for end in (0, -1):
                    self.add(times[end], int(steps[end]) + 1)

    def reset(self) -> None:
        """Forget the past: the run paused, or begins anew."""
        self._seen.clear()

    def steps_per_second(self) -> float | None:
        """None until there is something to judge by."""
        if len(self._seen) < 2:
            return None
        (begun, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - begun) if now - begun >= LEAST_SECONDS and last > first else None

    def seconds_left(self, steps: int) -> float | None:
        """Wall seconds for so many more steps."""
        pace = self.steps_per_second()
        return steps / pace if pace else None
