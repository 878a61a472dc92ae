"""When the ranks of a run meet to hear of commands and signals, so that all obey at the same step.

A meeting at every step would cost each of them a round trip. Rank 0 measures what a step and an evaluation batch take
and tells the others; all add up the same numbers, and so come to the same step at which about POLL_SECONDS have passed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import NamedTuple

from training.engine.ranks import Ranks
from training.runs.commands import Command

POLL_SECONDS = 0.2


class _Said(NamedTuple):
    """What a rank brings to a meeting; of the commands, the clock and the costs, rank 0's count."""

    commands: list[Command]
    reason: str
    seconds: float | None
    costs: dict[str, float]


class Agreement:
    """Of one rank with the others. Every rank must call `due` and `meet` as often, and in the same order."""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks
        self.seconds = 0.0
        """Of training, by rank 0's clock at the last meeting."""
        self._costs: dict[str, float] = {}
        """Seconds from one call of `due` to the next of its kind; an unknown one counts as long."""
        self._spent = 0.0
        self._kind = ""
        self._at = 0.0
        self._spans: dict[str, list[float]] = defaultdict(list)

    def due(self, kind: str) -> bool:
        """Whether it is time to meet. Calls of different kinds, such as steps, take differently long."""
        now = time.monotonic()
        if kind == self._kind:
            self._spans[kind].append(now - self._at)
        self._kind, self._at = kind, now
        self._spent += self._costs.get(kind, POLL_SECONDS)
        return self._spent >= POLL_SECONDS

    def meet(self, commands: list[Command], reason: str, seconds: float | None) -> tuple[list[Command], str]:
        """What rank 0 has read, and why to stop, if any rank was told to: the same on all of them."""
        measured = {kind: sum(spans) / len(spans) for kind, spans in self._spans.items()}
        every = self._ranks.gather(_Said(commands, reason, seconds, {**self._costs, **measured}))
        first = every[0]
        self._costs = first.costs
        if first.seconds is not None:
            self.seconds = first.seconds
        self._spans.clear()
        self._spent, self._at = 0.0, time.monotonic()
        return first.commands, next((said.reason for said in every if said.reason), "")
