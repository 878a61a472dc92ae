"""The best value of a metric, looked for only in what came since the last time."""

from __future__ import annotations

from dataclasses import dataclass

from training.curve import Series


@dataclass
class Best:
    """Of one metric, by epochs."""

    highest: bool
    _found: tuple[float, int] | None = None
    _looked_at: int = 0
    _rewinds: int = 0

    def of(self, series: Series) -> tuple[float, int] | None:
        """The best finite value after an epoch of training, and that epoch; the first of several."""
        if series.rewinds != self._rewinds:
            self._found, self._looked_at, self._rewinds = None, 0, series.rewinds
        new = zip(series.x[self._looked_at :], series.y[self._looked_at :], strict=True)
        for epoch, value in new:
            if epoch >= 1 and abs(value) < float("inf") and self._is_better(value):
                self._found = value, int(epoch)
        self._looked_at = len(series)
        return self._found

    def _is_better(self, value: float) -> bool:
        if self._found is None:
            return True
        return value > self._found[0] if self.highest else value < self._found[0]
