"""Following many runs by epoch: a log without its steps, which are nearly all of it."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from training.runs.events import AnyEvent, Epoch, Step, Steps, decode

_STEP = b'{"type":"step'  # one, or many in columns
_CHUNK = 1 << 20
STEPS_KEPT = 20_000
"""Of a log without epochs, beyond which only every tenth step is kept, beyond ten times as many every hundredth."""


class EpochTail:
    """Reads the events of a log but its steps; those are read too until its first epoch with metrics, thinned.

    Whole lines only; a line that cannot be read is passed over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at_end = False
        """Whether the last read reached what was then the end of the file."""
        self._offset = 0
        self._rest = b""
        self._has_epochs = False
        self._steps = 0

    def read(self, seconds: float = 0.05) -> list[AnyEvent]:
        """The next events, for about so many seconds; empty where there is nothing new. Raises OSError."""
        deadline = time.monotonic() + seconds
        events: list[AnyEvent] = []
        self.at_end = False
        while time.monotonic() < deadline:
            chunk = self._chunk()
            if not chunk:
                self.at_end = True
                break
            lines = (self._rest + chunk).split(b"\n")
            self._rest = lines.pop()
            for line in lines:
                if not (self._has_epochs and line.startswith(_STEP)):
                    self._take(line, events)
        return events

    def _chunk(self) -> bytes:
        try:
            if self.path.stat().st_size <= self._offset:
                return b""
            with self.path.open("rb") as file:
                file.seek(self._offset)
                chunk = file.read(_CHUNK)
        except FileNotFoundError:
            return b""
        self._offset += len(chunk)
        return chunk

    def _take(self, line: bytes, events: list[AnyEvent]) -> None:
        try:
            event = decode(line)
        except msgspec.DecodeError:
            return
        if isinstance(event, Step):
            self._steps += 1
            if self._has_epochs or self._steps % self._stride:
                return
        elif isinstance(event, Steps) and self._has_epochs:
            return
        elif isinstance(event, Epoch) and event.epoch > 0 and event.metrics:
            self._has_epochs = True
        events.append(event)

    @property
    def _stride(self) -> int:
        return 1 if self._steps <= STEPS_KEPT else 10 if self._steps <= 10 * STEPS_KEPT else 100
