"""Reader of TensorBoard's event files: scalars of any writer, without TensorBoard or TensorFlow.

A file is a row of records, each an `Event` message between its length and two checksums (TensorFlow's record_writer.cc,
event.proto, summary.proto). Older writers put a scalar into `simple_value`, newer ones into a tensor.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from training.foreign.row_parser import RowParser
from training.foreign.tail import Tail
from training.foreign.timeline import Timeline
from training.foreign.wire import Malformed, fields, signed, text

FORMAT = "TensorBoard event file"
PATTERN = "*tfevents*"
LONGEST = 1 << 28
_VERSION = b"brain.Event:"
_LENGTH = struct.Struct("<Q")
_FRAME = 16
"""Bytes of a record beside its data: length 8, checksum of it 4, checksum of the data 4."""
_DOUBLE, _FLOAT = struct.Struct("<d"), struct.Struct("<f")


def is_event_file(data: bytes) -> bool:
    """Whether a file that begins so is one: its first record says its version."""
    return _VERSION in data[12:64]


class EventFiles:
    """The whole records of one event file, or of all in a folder, which a resume gives one more; oldest first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tails: dict[Path, tuple[Tail, bytearray]] = {}

    def read(self) -> tuple[bytes, bool]:
        """The next whole records; never anew, since event files only grow."""
        for path in sorted(self.path.glob(PATTERN)) if self.path.is_dir() else [self.path]:
            tail, rest = self._tails.setdefault(path, (Tail(path), bytearray()))
            while True:
                chunk, _ = tail.read()
                if not chunk:
                    break
                rest += chunk
                size = _whole(rest)
                if size:
                    records = bytes(rest[:size])
                    del rest[:size]
                    return records, False
        return b"", False

    def rewind(self) -> None:
        """Read from the start again."""
        self._tails.clear()


class Scalars(RowParser):
    """Scalars of one step that follow each other are a row; its step is the writer's, which may count epochs."""

    format = FORMAT

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        super().__init__(timeline, names)
        self._row: dict[str, float] = {}
        self._step: int | None = None
        timeline.begin()

    def feed(self, data: bytes) -> None:
        """Take in whole records."""
        found, damaged = scalars(data)
        self.skipped += damaged
        for step, tag, value in found:
            name = self._columns.ours(tag)
            if step != self._step or name in self._row:
                self._end_row()
            self._step = step
            self._row[name] = value

    def finish(self) -> None:
        self._end_row()
        self._rows.finish()

    def _end_row(self) -> None:
        row, self._row = self._row, {}
        if row and self._step is not None:
            row["step"] = float(self._step)
            self.accuracies(row)
            self._rows.add(row)


def split(data: bytes) -> Iterable[bytes]:
    """The data of whole records."""
    place = 0
    while place + _FRAME <= len(data):
        size = _LENGTH.unpack_from(data, place)[0]
        yield data[place + 12 : place + 12 + size]
        place += size + _FRAME


def _whole(data: bytearray) -> int:
    """How many of the bytes are whole records; none any more after a length that cannot be."""
    place = 0
    while place + 12 <= len(data):
        size = _LENGTH.unpack_from(data, place)[0]
        if size > LONGEST or place + size + _FRAME > len(data):
            break
        place += size + _FRAME
    return place


def scalars_of(event: bytes) -> tuple[int, list[tuple[str, float]]]:
    """Step, and tag and value of every scalar of an event. Raises Malformed."""
    step, found = 0, []
    for number, value in fields(event):
        if number == 2 and isinstance(value, int):
            step = signed(value)
        elif number == 5 and isinstance(value, bytes):
            for kind, content in fields(value):
                if kind == 1 and isinstance(content, bytes):
                    scalar = _scalar(content)
                    if scalar is not None:
                        found.append(scalar)
    return step, found


def scalars(data: bytes) -> tuple[list[tuple[int, str, float]], int]:
    """Step, tag and value of every scalar in whole records, and how many records are damaged."""
    found: list[tuple[int, str, float]] = []
    damaged = 0
    for event in split(data):
        try:
            step, values = scalars_of(event)
        except Malformed:
            damaged += 1
            continue
        found += [(step, tag, value) for tag, value in values]
    return found, damaged


def tags(data: bytes) -> list[str]:
    """The tags of the scalars in what may be the beginning of a file."""
    return list(dict.fromkeys(tag for _, tag, _ in scalars(data)[0]))


def _scalar(summary: bytes) -> tuple[str, float] | None:
    tag, number = "", None
    for kind, content in fields(summary):
        if not isinstance(content, bytes):
            continue
        if kind == 1:
            tag = text(content)
        elif kind == 2 and len(content) == 4:
            number = _FLOAT.unpack(content)[0]
        elif kind == 8:
            number = _tensor(content)
    return (tag, number) if tag and number is not None else None


def _tensor(tensor: bytes) -> float | None:
    """The number of a tensor that holds one float or double."""
    kind, content = 0, b""
    for number, value in fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number in (4, 5, 6) and isinstance(value, bytes):
            content = value
    if kind == 1 and len(content) == 4:
        return float(_FLOAT.unpack(content)[0])
    return float(_DOUBLE.unpack(content)[0]) if kind == 2 and len(content) == 8 else None
