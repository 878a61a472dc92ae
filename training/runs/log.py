"""Writing and following events.jsonl: whole lines only, bounded reads, a torn last line means 'not yet'."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from training.runs.events import Acknowledged, AnyEvent, Attempt, Event, Step, decode, decode_all, encode
from training.runs.steps import count_of

FLUSH_SECONDS = 0.25
_CHUNK = 1 << 18
_BATCH = 500
"""Events at a time where a whole log is gone through: few enough for a core's cache, which halves the time."""
_STEP = b'{"type":"step",'

E = TypeVar("E", bound=Event)


class EventWriter:
    """Appends events of one attempt. Steps are held back for at most 0.25 s; everything else is written at once.

    Sequence numbers go on from what the log already holds. Raises OSError when the disk refuses.
    """

    stamps = True
    """Whether an event that does not know when it happened gets the time."""

    def __init__(self, path: Path, attempt: int | None = None) -> None:
        """Of the attempt after the last that the log knows, unless another is named."""
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.next_seq, last_attempt, torn = _end_of(path)
        self.attempt = last_attempt + 1 if attempt is None else attempt
        self._held = bytearray(b"\n" if torn else b"")
        self._flushed = time.monotonic()

    def write(self, event: Event) -> None:
        """Take the event; it is stamped with seq, attempt and, unless it knows when it happened, wall time."""
        self._hold(event)
        if not isinstance(event, Step) or time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def write_all(self, events: Iterable[Event]) -> None:
        """Many at once."""
        for event in events:
            self._hold(event)
        self.flush()

    def _hold(self, event: Event) -> None:
        event.seq = self.next_seq
        event.attempt = self.attempt
        event.t = event.t or (time.time() if self.stamps else 0.0)
        self.next_seq += count_of(event)
        self._held += encode(event)

    def flush(self) -> None:
        """Hand what is held to the kernel, in whole lines."""
        self._flushed = time.monotonic()
        while self._held:
            written = os.write(self._fd, self._held)
            del self._held[:written]

    def sync(self) -> None:
        """Hand all to the disk: what comes next must not outlive it there."""
        self.flush()
        os.fsync(self._fd)

    def close(self) -> None:
        if self._fd >= 0:
            self.flush()
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class EventReader:
    """Follows a log from its start. Lines of a newer version that this one does not know are counted, not fatal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped = 0
        """Lines that could not be read: torn by a crash, or of an unknown type."""
        self.at_end = False
        """Whether the last read reached what was then the end of the file."""
        self._offset = 0
        self._rest = b""
        self._lines: list[bytes] = []

    def read(self, limit: int = 5000, seconds: float = 0.05) -> list[AnyEvent]:
        """The next events, at most `limit` and for about `seconds`; empty where there is nothing new."""
        deadline = time.monotonic() + seconds
        events: list[AnyEvent] = []
        self.at_end = False
        while len(events) < limit:
            if not self._lines and not self._fill():
                self.at_end = True
                break
            taken = self._lines[: limit - len(events)]
            del self._lines[: len(taken)]
            events.extend(self._decode(taken))
            if time.monotonic() > deadline:
                break
        return events

    def _decode(self, lines: list[bytes]) -> list[AnyEvent]:
        with suppress(msgspec.DecodeError):
            return decode_all(lines)
        events = []  # some line is damaged: one by one, to leave out that one alone
        for line in lines:
            try:
                events.append(decode(line))
            except msgspec.DecodeError:
                self.skipped += bool(line.strip())
        return events

    def _fill(self) -> bool:
        """Read one chunk; False where the file ends (or does not exist yet)."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                chunk = file.read(_CHUNK)
        except FileNotFoundError:
            return False
        self._offset += len(chunk)
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        self._lines = lines
        return bool(chunk)


def read_all(path: Path) -> list[AnyEvent]:
    """Every event of a log."""
    reader = EventReader(path)
    events: list[AnyEvent] = []
    while not reader.at_end:
        events.extend(reader.read(limit=100_000, seconds=1.0))
    return events


def standing(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """The events that no later attempt has superseded, and the `attempt` events of them all, in their order.

    An attempt that goes on from a checkpoint supersedes what its predecessors logged after that was written, and what a
    predecessor that is not quite dead logs after it has begun.
    """
    kept: list[AnyEvent] = []
    latest = 1
    for event in events:
        if event.attempt < latest:
            continue
        if isinstance(event, Attempt) and event.attempt > 1:
            latest = event.attempt
            kept = [old for old in kept if old.seq < event.from_seq or isinstance(old, Attempt)]
        kept.append(event)
    return kept


def standing_batches(path: Path) -> Iterator[list[AnyEvent]]:
    """What `standing` makes of a whole log, a batch at a time: memory does not grow with the log.

    The log is gone through twice. It ends before an attempt that has begun since the first time, because that one
    supersedes what was given out already.
    """
    attempts = standing(_attempts(path))
    cuts: list[float] = [one.from_seq for one in attempts if isinstance(one, Attempt) and one.attempt > 1]
    # Of each stretch between two attempts, the last first: the seq from which on a later attempt supersedes it.
    limits = list(accumulate(reversed(cuts), min, initial=math.inf))
    limit, latest = limits.pop(), 1
    reader = EventReader(path)
    while not reader.at_end:
        kept: list[AnyEvent] = []
        for event in reader.read(limit=_BATCH, seconds=1.0):
            if event.attempt < latest:
                continue
            if isinstance(event, Attempt):
                if event.attempt > 1 and not limits:
                    yield kept
                    return
                if event.attempt > 1:
                    latest, limit = event.attempt, limits.pop()
            elif event.seq >= limit:
                continue
            kept.append(event)
        yield kept


def _attempts(path: Path) -> Iterator[Attempt]:
    """All of them, in whatever order a line spells its keys; the steps, nearly all of a log, are not decoded."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            if not line.startswith(_STEP) and line.endswith(b"\n"):
                with suppress(msgspec.DecodeError):
                    event = decode(line)
                    if isinstance(event, Attempt):
                        yield event


def read_standing(path: Path, before: int) -> Iterator[AnyEvent]:
    """The standing events with a seq below `before`, without keeping the log in memory."""
    attempts = list(only(path, Attempt))
    reader = EventReader(path)
    while not reader.at_end:
        for event in reader.read(limit=_BATCH, seconds=1.0):
            if event.seq < before and _stands(event, attempts):
                yield event


def _stands(event: AnyEvent, attempts: list[Attempt]) -> bool:
    return all(event.seq < later.from_seq for later in attempts if later.attempt > event.attempt)


def answered(path: Path) -> set[str]:
    """The ids of all commands that any attempt has answered."""
    return {event.id for event in only(path, Acknowledged)}


def only(path: Path, *kinds: type[E]) -> Iterator[E]:
    """The events of these types, in their order; others are not even decoded: msgspec writes the type first."""
    begins = tuple(b'{"type":"%s"' % str(kind.__struct_config__.tag).encode() for kind in kinds)
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            if line.startswith(begins) and line.endswith(b"\n"):
                with suppress(msgspec.DecodeError):
                    event = decode(line)
                    if isinstance(event, kinds):
                        yield event


def length(path: Path) -> int:
    """The seq that the next event would get; 0 where there is no log."""
    try:
        return _end_of(path)[0]
    except FileNotFoundError:
        return 0


def _end_of(path: Path) -> tuple[int, int, bool]:
    """The number after the last whole line's, that line's attempt, and whether a torn line follows it."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        span = 4096
        while True:
            file.seek(max(0, size - span))
            tail = file.read()
            whole, newline, torn = tail.rpartition(b"\n")
            for line in reversed(whole.split(b"\n")[1 if span < size else 0 :] if newline else []):
                try:
                    event = decode(line)
                except msgspec.DecodeError:
                    continue
                return event.seq + count_of(event), event.attempt, bool(torn)
            if span >= size:
                return 0, 0, bool(torn)
            span *= 8
