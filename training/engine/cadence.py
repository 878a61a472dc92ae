"""When a checkpoint is due (`runtime.checkpoint_every`)."""

from __future__ import annotations


class Cadence:
    """`epoch`, `N steps` or `N min`: since the last checkpoint, in steps or in minutes of training without pauses."""

    def __init__(self, every: str) -> None:
        number, _, unit = every.partition(" ")
        self.each_epoch = every == "epoch"
        self._steps = int(number) if unit == "steps" else None
        self._seconds = 60.0 * int(number) if unit == "min" else None
        self._step = 0
        self._second = 0.0

    def wrote(self, step: int, seconds: float) -> None:
        """One was written there."""
        self._step, self._second = step, seconds

    def due(self, step: int, seconds: float) -> bool:
        """Between two steps, or at the end of an epoch; where each epoch is one's turn, that end alone decides."""
        if self._steps is not None:
            return step - self._step >= self._steps
        return self._seconds is not None and seconds - self._second >= self._seconds

    def behind(self, step: int) -> bool:
        """Whether steps were taken since."""
        return step > self._step
