"""Whose turn it is: Python runs one thread at a time, and one that reads a long log is in no hurry.

It stands aside while a key is answered or a screen is painted: otherwise each of them would take twice as long.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

ANSWER_SECONDS = 0.02
"""So long a key is answered, until its answer is on the line."""
LONGEST_SECONDS = 0.5


class Turns:
    """The screen's thread takes turns; threads that can wait do so between two short pieces of work."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def take(self, seconds: float = ANSWER_SECONDS) -> None:
        """From now on, for so long."""
        self._free_at = max(self._free_at, time.monotonic() + seconds)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """As long as the block lasts."""
        before, self._free_at = self._free_at, time.monotonic() + LONGEST_SECONDS
        try:
            yield
        finally:
            self._free_at = before

    @property
    def left(self) -> float:
        """Seconds of somebody's turn; 0 where it is nobody's."""
        return max(0.0, self._free_at - time.monotonic())

    def wait(self) -> None:
        """Until nobody else's turn is."""
        while (left := self.left) > 0:
            time.sleep(min(left, ANSWER_SECONDS / 4))


TURNS = Turns()
