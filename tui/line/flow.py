"""How far the terminal is behind: a slow line is not given more than it can carry, so that no key waits behind frames.

After each frame the terminal is asked what it is, which every terminal answers at once, but not before it has read the
frame. How full the pseudo-terminal is would tell less: ssh takes megabytes from it that the network has yet to carry.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

ROOM = 600
"""Bytes on their way above which the next frame waits: what changes now then goes out with what changes until then."""
PATIENCE = 5.0
"""Seconds after which an answer is not waited for any more: it may have gone to another terminal."""
LOOK_SECONDS = 0.02
"""Between two looks whether a line that was full has room again."""
TRIES = 4
"""Questions without any answer, after which no more are asked."""
TIMES = 3.0
"""News may take a third of the time of the line."""


class Frame(NamedTuple):
    sent: float
    size: int


class Flow:
    """What is on its way. Frames come from one thread and answers from another."""

    def __init__(self, backlog: Callable[[], int] = lambda: 0, clock: Callable[[], float] = time.monotonic) -> None:
        """`backlog` counts what could not even be handed to the line yet."""
        self._backlog = backlog
        self._clock = clock
        self._lock = Lock()
        self._frames: deque[Frame] = deque()
        self._asked = 0
        """How many of the frames, from the oldest one on, lie before the question that is on its way; 0 for none."""
        self._asked_at = 0.0
        self._tries = 0
        self._seconds = 0.0
        self.answers = False
        """Whether the terminal is known to answer; where it is not, a frame is there once it is handed over."""

    def sent(self, size: int) -> bool:
        """A frame of so many bytes was sent; whether a question belongs behind it. One is on its way at a time."""
        with self._lock:
            self._give_up()
            if not self.answers and self._tries >= TRIES:
                return False
            self._frames.append(Frame(self._clock(), size))
            return self._ask()

    def answered(self) -> bool:
        """The terminal has answered; whether to ask again at once, for what was sent since."""
        with self._lock:
            self.answers, self._tries = True, 0
            for _ in range(self._asked):
                self._seconds = self._clock() - self._frames.popleft().sent
            self._asked = 0
            return bool(self._frames) and self._ask()

    def _ask(self) -> bool:
        if self._asked:
            return False
        self._asked, self._asked_at = len(self._frames), self._clock()
        return True

    def _give_up(self) -> None:
        """Wait no more for an answer that is overdue, and after two of them for none until there is one again."""
        if self._asked and self._clock() - self._asked_at > PATIENCE:
            self._frames.clear()
            self._asked = 0
            self._seconds = PATIENCE if self.answers else 0.0
            self._tries += 1
            self.answers = self.answers and self._tries < 2

    def _on_its_way(self) -> int:
        """Bytes; 0 where nobody can tell."""
        with self._lock:
            self._give_up()
            return sum(frame.size for frame in self._frames) if self.answers else 0

    @property
    def waiting(self) -> bool:
        """Whether anything is on its way."""
        return self._on_its_way() > 0 or self._backlog() > 0

    @property
    def full(self) -> bool:
        """Whether another frame has to wait."""
        return self._on_its_way() > ROOM or self._backlog() > 0

    def wait(self, painted: float, seconds: float) -> float:
        """Seconds until the next painting of news, where the last one was at `painted` (`time.monotonic`) and another
        `seconds` later is soon enough; at most PATIENCE in all, and not above 0 for now.

        A line that is slow at taking in what it gets is left to keys most of the time.
        """
        left = painted + max(seconds, min(PATIENCE, TIMES * self._seconds)) - self._clock()
        return max(left, LOOK_SECONDS) if self.waiting else left


FREE = Flow()
"""Of a terminal that nothing is written to."""


def flow_of(app: Any) -> Flow:
    """That of the app's terminal."""
    flow = getattr(app._driver, "flow", FREE)
    assert isinstance(flow, Flow)
    return flow
