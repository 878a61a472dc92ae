"""Reading a whole log for its curves: steps come in columns, and how far the reading is can be told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from training.runs.events import AnyEvent, decode, decode_lines
from training.runs.steps import count_of, in_columns

CHUNK = 1 << 20
"""Bytes that are read at a time."""
MOST_EVENTS = 2000
"""At a time: each has to be taken in by itself, however many steps it has."""
PIECE = 1 << 16
"""Bytes that are decoded at a time: few enough for a core's cache, and for a key that is pressed meanwhile."""


class ColumnReader:
    """Follows a log from its start as `EventReader` does, with the steps in a row as `Steps`."""

    def __init__(self, path: Path, between: Callable[[], None] = lambda: None) -> None:
        """`between` is called between two pieces of work, each of less than a millisecond."""
        self.path = path
        self._between = between
        self.skipped = 0
        """Lines that could not be read: torn by a crash, or of an unknown type."""
        self.at_end = False
        """Whether the last read reached what was then the end of the file."""
        self._offset = 0
        self._size = 0
        self._rest = b""
        self._chunk = b""
        self._place = 0

    @property
    def share(self) -> float:
        """How much of the file, as it was at the last read, is read."""
        left = len(self._chunk) - self._place
        return (self._offset - left) / self._size if self._size else 1.0

    def read(self, limit: int = 20_000, seconds: float = 0.05) -> list[AnyEvent]:
        """The next events, about `limit` of them at most, each step counted, MOST_EVENTS as they are, and for about
        `seconds`; empty where there is nothing new.
        """
        deadline = time.monotonic() + seconds
        events: list[AnyEvent] = []
        read = 0
        self.at_end = False
        while read < limit and len(events) < MOST_EVENTS and time.monotonic() < deadline:
            self._between()
            piece = self._piece()
            if not piece:
                self.at_end = True
                break
            new = list(in_columns(self._decoded(piece)))
            read += sum(map(count_of, new))
            events += new
        return events

    def _decoded(self, piece: bytes) -> list[AnyEvent]:
        with suppress(msgspec.DecodeError):
            return decode_lines(piece)
        events = []  # some line is damaged: one by one, to leave out that one alone
        for line in piece.split(b"\n"):
            try:
                events.append(decode(line))
            except msgspec.DecodeError:
                self.skipped += bool(line.strip())
        return events

    def _piece(self) -> bytes:
        """The next whole lines; b"" where the file ends, or does not exist yet."""
        while self._place >= len(self._chunk):
            if not self._fill():
                return b""
        end = self._place + PIECE
        if end < len(self._chunk):
            end = self._chunk.find(b"\n", end) + 1
        piece = self._chunk[self._place : end]
        self._place += len(piece)
        return piece

    def _fill(self) -> bool:
        """Read one chunk, to the end of its last whole line; False where the file ends."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(CHUNK)
                self._size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return False
        self._offset += len(data)
        whole = data.rfind(b"\n") + 1
        self._chunk, self._place = (self._rest + data[:whole], 0) if whole else (b"", 0)
        self._rest = data[whole:] if whole else self._rest + data
        return bool(data)


def in_batches(path: Path) -> Iterator[list[AnyEvent]]:
    """Every event of a log, its steps in columns."""
    reader = ColumnReader(path)
    while not reader.at_end:
        yield reader.read(seconds=1.0)
