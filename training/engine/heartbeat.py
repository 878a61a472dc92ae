"""heartbeat.json: a thread of the worker shows that its process is alive, also where its pid cannot be looked at."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec

from training import files
from training.runs.process import Heartbeat

BEAT_SECONDS = 2.0


class Heart:
    """Beats while the block lasts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        counter = 0
        while True:
            counter += 1
            # A beat that a full disk swallows is not worth the run; the next one tries again.
            with suppress(OSError):
                files.replace(self._path, msgspec.json.encode(Heartbeat(counter, time.time())), sync=False)
            if self._over.wait(BEAT_SECONDS):
                return
