"""A foreign log in a file: polled while it grows, read again where it was written anew."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Protocol

from training.foreign.parser import Parser
from training.foreign.tail import Tail
from training.foreign.timeline import Timeline
from training.runs.events import AnyEvent, Step, Steps, encode
from training.runs.steps import count_of, in_columns, numbers_of, one_by_one, without

MakeParser = Callable[[Timeline], Parser]


class Bytes(Protocol):
    """Where the bytes come from: a `Tail`, or a `Whole`."""

    def read(self) -> tuple[bytes, bool]:
        """The next bytes, and whether they are the first of a file that was written anew."""

    def rewind(self) -> None:
        """Read from the start again."""


class LogFile:
    """A `Source` over one parser.

    Some tools write their whole log anew for every line or for a new column, and then it says what it said before, and
    more: only the more is told. Where it says something else, it is another log: an `Attempt` begins it.
    """

    def __init__(self, format: str, content: Bytes, make: MakeParser, config: dict[str, Any] | None = None) -> None:
        self.format = format
        self._beside = config or {}
        self._bytes = content
        self._make = make
        self._marks = array("q")
        self._place = 0
        self._began = (1, 0, "")
        self._last = (0, -1)
        self._percent = False
        """Whether the log is known to have its accuracies in percent."""
        self._rewound = False
        self._parser = self._parser_from_the_start()

    @property
    def config(self) -> dict[str, Any]:
        told = self._beside | self._parser.config
        if not self._parser.by_epochs:
            told.pop("epochs", None)
        return told

    @property
    def share(self) -> float:
        return self._bytes.share if isinstance(self._bytes, Tail) else 1.0

    @property
    def skipped(self) -> int:
        return self._parser.skipped

    def poll(self) -> list[AnyEvent]:
        return list(one_by_one(self._poll()))

    def poll_columns(self) -> list[AnyEvent]:
        return list(in_columns(self._poll()))

    def finish(self) -> list[AnyEvent]:
        return list(one_by_one(self._finish()))

    def rest(self) -> list[AnyEvent]:
        return list(in_columns(deepcopy(self)._finish()))

    def _poll(self) -> list[AnyEvent]:
        while True:
            events = self._new()
            if events:
                return events
            data, anew = self._bytes.read()
            if not data and not anew:
                return []
            if anew:
                self._percent = self._percent and self._rewound
                self._parser = self._parser_from_the_start()
            self._rewound = False
            self._parser.feed(data)
            if self._parser.accuracies.misread and not self._percent:
                self._percent = True
                if len(self._marks) > 1:  # more than that it begins
                    self._start_anew("the accuracies of the log are in percent")
                else:
                    self._rewind()

    def _finish(self) -> list[AnyEvent]:
        events = []
        while new := self._poll():
            events += new
        self._parser.finish()
        return events + self._new()

    def _new(self) -> list[AnyEvent]:
        """What the parser made that was not told yet."""
        fresh: list[AnyEvent] = []
        for event in self._parser.timeline.take():
            if self._place == len(self._marks):
                self._marks.extend(_marks(event))
                self._place = len(self._marks)
                fresh.append(event)
                continue
            marks = _marks(event)
            known = self._marks[self._place : self._place + len(marks)]
            if known != marks[: len(known)]:
                self._start_anew("the log was written anew")
                return []
            self._place += len(marks)
            if len(known) < len(marks):
                self._marks.extend(marks[len(known) :])
                fresh.append(without(event, len(known)) if isinstance(event, Steps) else event)
        if fresh:
            self._last = (fresh[-1].attempt, fresh[-1].seq + count_of(fresh[-1]) - 1)
        return fresh

    def _start_anew(self, why: str) -> None:
        """What was told does not hold: an attempt of its own will supersede it."""
        attempt, seq = self._last
        self._began = (attempt + 1, seq + 1, why)
        self._marks = array("q")
        self._rewind()

    def _rewind(self) -> None:
        self._parser = self._parser_from_the_start()
        self._bytes.rewind()
        self._rewound = True

    def _parser_from_the_start(self) -> Parser:
        self._place = 0
        parser = self._make(Timeline(*self._began))
        if self._percent:
            parser.accuracies.are_in_percent()
        return parser


def _marks(event: AnyEvent) -> array[int]:
    """What tells an event from another, one for each step of many; those by their number alone, since there may be a
    million.
    """
    if isinstance(event, Steps):
        return array("q", map(int, numbers_of(event)))
    return array("q", (event.step if isinstance(event, Step) else hash(encode(event)),))
