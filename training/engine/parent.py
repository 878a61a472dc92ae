"""The end of a rank whose torchrun is gone: nobody would wait for it, restart it or tell it anything any more."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import TracebackType

from training.errors import EXIT_FAILED

POLL_SECONDS = 0.5
GRACE_SECONDS = 15.0
"""To stop with a checkpoint together with the other ranks, before it ends here and now."""
REASON = "the torchrun of its processes is gone"


class ParentWatch:
    """While the block lasts, notices that another process has become this one's parent, and says so once."""

    def __init__(self, gone: Callable[[str], None]) -> None:
        self._gone = gone
        self._parent = os.getppid()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="parent", daemon=True)

    def __enter__(self) -> ParentWatch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while os.getppid() == self._parent:
            if self._over.wait(POLL_SECONDS):
                return
        self._gone(REASON)
        if not self._over.wait(GRACE_SECONDS):
            os._exit(EXIT_FAILED)
