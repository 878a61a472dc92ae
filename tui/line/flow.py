"""How far the terminal is behind: a slow line is not given more than it can carry, so that no key waits behind frames.

After each frame the terminal is asked what it is, which every terminal answers at once, but not before it has read the
frame. How full the pseudo-terminal is would tell less: ssh takes megabytes from it that the network has yet to carry.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

ROOM = 600
"""Bytes on their way above which the next frame waits: what changes now then goes out with what changes until then."""
PATIENCE = 5.0
"""Seconds after which an answer is not waited for any more: it may have gone to another terminal."""
LOOK_SECONDS = 0.02
"""Between two looks whether a line that was full has room again."""
TRIES = 4
"""Questions without any answer, after which there is no more to ask."""
TIMES = 3.0
"""News may take a third of the time of the line."""


class Frame(NamedTuple):
    question: int
    sent: float
    size: int


class Flow:
    """What is on its way. Frames come from one thread and answers from another."""

    def __init__(self, backlog: Callable[[], int] = lambda: 0, clock: Callable[[], float] = time.monotonic) -> None:
        """`backlog` counts what could not even be handed to the line yet."""
        self._backlog = backlog
        self._clock = clock
        self._frames: deque[Frame] = deque()
        self._asked = 0
        self._answered = 0
        self._given_up = 0
        self._seconds = 0.0
        self.answers = False
        """Whether the terminal is known to answer; where it is not, a frame is there once it is handed over."""

    @property
    def asks(self) -> bool:
        """Whether a question belongs behind the next frame."""
        return self.answers or self._asked < TRIES

    def sent(self, size: int) -> None:
        """A frame of so many bytes was sent, with a question where that `asks`."""
        if self.asks:
            self._asked += 1
            self._frames.append(Frame(self._asked, self._clock(), size))

    def answered(self) -> None:
        """The terminal has answered the oldest question that it had not."""
        self._answered = min(self._asked, self._answered + 1)
        self._given_up, self.answers = 0, True
        while self._frames and self._frames[0].question <= self._answered:
            self._seconds = self._clock() - self._frames.popleft().sent

    def _on_their_way(self) -> tuple[Frame, ...]:
        """The frames without an answer; two of them that are overdue end the waiting until there is one again."""
        frames = tuple(self._frames)
        if frames and self._clock() - frames[0].sent > PATIENCE:
            self._frames.clear()
            self._answered, self._seconds = self._asked, PATIENCE
            self._given_up += 1
            self.answers = self.answers and self._given_up < 2
            frames = ()
        return frames if self.answers else ()

    @property
    def waiting(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._on_their_way()) or self._backlog() > 0

    @property
    def full(self) -> bool:
        """Whether another frame has to wait."""
        return sum(frame.size for frame in self._on_their_way()) > ROOM or self._backlog() > 0

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
