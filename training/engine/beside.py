"""A thread that works beside a block of code, and ends with it."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self


class Beside:
    """`run` begins with the block and returns soon after `over` is set, which the end of the block does."""

    def __init__(self, name: str) -> None:
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    def run(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._thread.join()
