"""Reader of the `.wandb` file that W&B keeps of a run, offline or not, without W&B.

The file is a LevelDB log: a head of 7 bytes, then blocks of 32 KiB that hold records in pieces (LevelDB's
log_format.md, with zlib's crc32). A record is a message of wandb_internal.proto: its `history` is what was logged in
one step, `config` what the run was started with, `exit` how it ended.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from training.foreign.beside import guide_keys
from training.foreign.log import numeric
from training.foreign.records import flat
from training.foreign.row_parser import RowParser
from training.foreign.timeline import Timeline
from training.foreign.wire import Malformed, fields, text

FORMAT = "W&B run file"
MAGIC = b":W&B"
HEAD = 7
BLOCK = 32768
_PIECE = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_HISTORY, _CONFIG, _RUN, _EXIT = 2, 5, 17, 18
_RUN_CONFIG = 4
_DOUBLE = struct.Struct("<d")


class Pieces:
    """The whole records of a LevelDB log that comes in pieces; a damaged one is skipped and counted."""

    def __init__(self) -> None:
        self.skipped = 0
        self._data = b""
        self._offset = 0
        self._parts = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._data += data
        place = 0
        if self._offset == 0:
            if len(self._data) < HEAD:
                return
            place = HEAD
        while True:
            left = BLOCK - (self._offset + place) % BLOCK
            if left < _PIECE.size:  # the rest of a block is too short for a piece
                if len(self._data) - place < left:
                    break
                place += left
                continue
            if len(self._data) - place < _PIECE.size:
                break
            checksum, size, kind = _PIECE.unpack_from(self._data, place)
            begin = place + _PIECE.size
            if size > left - _PIECE.size or not _FULL <= kind <= _LAST:
                self.skipped += 1  # no piece begins here; the next block is whole again
                if len(self._data) - place < left:
                    break
                place += left
                self._parts = b""
                continue
            if len(self._data) < begin + size:
                break
            piece = self._data[begin : begin + size]
            place = begin + size
            if zlib.crc32(piece, zlib.crc32(bytes([kind]))) != checksum:
                self.skipped += 1
                self._parts = b""
                continue
            self._parts = piece if kind in (_FULL, _FIRST) else self._parts + piece
            if kind in (_FULL, _LAST):
                yield self._parts
                self._parts = b""
        self._offset += place
        self._data = self._data[place:]


class OfflineRun(RowParser):
    """What was logged in one step is a row; `_step` counts the rows, other names with an underscore are W&B's own."""

    format = FORMAT

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        super().__init__(timeline, {"step": "_step", **(names or {})})
        self._bad = 0
        self._told: dict[str, Any] = {}
        self._pieces = Pieces()
        self._last = (0, 0)
        timeline.begin()

    @property
    def skipped(self) -> int:  # type: ignore[override]
        return self._bad + self._pieces.skipped

    def feed(self, data: bytes) -> None:
        for record in self._pieces.feed(data):
            try:
                self._take(record)
            except Malformed:
                self._bad += 1

    def finish(self) -> None:
        self._rows.finish()

    def _take(self, record: bytes) -> None:
        for number, content in fields(record):
            if not isinstance(content, bytes):
                continue
            if number == _HISTORY:
                row = {
                    self._columns.ours(name): value
                    for name, value in flat(items(content, 1))
                    if name == "_step" or not name.startswith("_")
                }
                self.accuracies(row)
                self._rows.add(row)
            elif number == _CONFIG:
                self._told |= items(content, 1)
                self.config = guide_keys(self._told)
            elif number == _RUN:
                for kind, inner in fields(content):
                    if kind == _RUN_CONFIG and isinstance(inner, bytes):
                        self._told |= items(inner, 1)
                self.config = guide_keys(self._told)
            elif number == _EXIT:
                self._exit(content)

    def _exit(self, content: bytes) -> None:
        code = next((value for number, value in fields(content) if number == 1 and isinstance(value, int)), 0)
        self._rows.finish()
        epoch, step = self._rows.epoch, self._rows.step
        if code:
            self.timeline.end("failed", f"exit code {code}", epoch, step)
        else:
            self.timeline.end("finished", "W&B says that the run is over", epoch, step)


def logged_names(data: bytes) -> list[str]:
    """The names of all numbers logged in what may be the beginning of a file."""
    found: dict[str, None] = {}
    for record in Pieces().feed(data):
        with suppress(Malformed):
            for number, content in fields(record):
                if number == _HISTORY and isinstance(content, bytes):
                    found |= dict.fromkeys(name for name, _ in flat(items(content, 1)))
    return list(found)


def items(message: bytes, place: int) -> dict[str, Any]:
    """Names and values of the items in a message's field; a nested name by its path."""
    found: dict[str, Any] = {}
    for number, content in fields(message):
        if number != place or not isinstance(content, bytes):
            continue
        path: list[str] = []
        value: Any = None
        for kind, inner in fields(content):
            if kind in (1, 2) and isinstance(inner, bytes):
                path.append(text(inner))
            else:
                value = _value(kind, inner)
        if path:
            found["/".join(path)] = value
    return found


def _value(kind: int, content: int | bytes) -> Any:
    """The value of an item: JSON in all versions so far, or a field of its own kind, which newer ones know too."""
    if kind == 16 and isinstance(content, bytes):
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError):
            return numeric(text(content))
    if kind == 5 and isinstance(content, int):  # sint64
        return (content >> 1) ^ -(content & 1)
    if kind == 6 and isinstance(content, bytes) and len(content) == _DOUBLE.size:
        return _DOUBLE.unpack(content)[0]
    return text(content) if kind == 7 and isinstance(content, bytes) else None
