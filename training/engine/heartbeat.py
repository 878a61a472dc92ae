"""heartbeat.json: a thread of the worker shows that its process is alive, also where its pid cannot be looked at."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import msgspec

from training import files
from training.engine.beside import Beside
from training.runs.process import Heartbeat

BEAT_SECONDS = 2.0


class Heart(Beside):
    """Beats while the block lasts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__("heartbeat")

    def run(self) -> None:
        counter = 0
        while True:
            counter += 1
            # A beat that a full disk swallows is not worth the run; the next one tries again.
            with suppress(OSError):
                files.replace(self._path, msgspec.json.encode(Heartbeat(counter, time.time())), sync=False)
            if self.over.wait(BEAT_SECONDS):
                return
