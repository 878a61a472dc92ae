"""The end of a rank whose torchrun is gone: nobody would wait for it, restart it or tell it anything any more."""

from __future__ import annotations

import os
from collections.abc import Callable

from training.engine.beside import Beside
from training.errors import EXIT_FAILED

POLL_SECONDS = 0.5
GRACE_SECONDS = 15.0
"""To stop with a checkpoint together with the other ranks, before it ends here and now."""
REASON = "the torchrun of its processes is gone"


class ParentWatch(Beside):
    """While the block lasts, notices that another process has become this one's parent, and says so once."""

    def __init__(self, gone: Callable[[str], None]) -> None:
        self._gone = gone
        self._parent = os.getppid()
        super().__init__("parent")

    def run(self) -> None:
        while os.getppid() == self._parent:
            if self.over.wait(POLL_SECONDS):
                return
        self._gone(REASON)
        if not self.over.wait(GRACE_SECONDS):
            os._exit(EXIT_FAILED)
