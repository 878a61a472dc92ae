"""Work in the screen's thread that can wait: short spells of it, with room for keys between them."""

from __future__ import annotations

import time

from tui.turns import TURNS

SECONDS = 0.004
"""Of one spell. All charts share it: a key that comes meanwhile waits no longer."""
PAUSE = 0.004
"""Between two: a key passes through several hands on its way, and each would wait for a spell."""


class Spells:
    """Hands out the time, to one at once."""

    def __init__(self) -> None:
        self._next = 0.0

    @property
    def wait(self) -> float:
        """Seconds until the next one may begin; 0 where it may now."""
        return max(0.0, self._next - time.monotonic(), TURNS.left)

    def begin(self) -> float:
        """The time, by `time.perf_counter`, at which the spell is over."""
        self._next = time.monotonic() + SECONDS + PAUSE
        return time.perf_counter() + SECONDS


SPELLS = Spells()
