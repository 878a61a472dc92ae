"""The objects of JSON Lines as their bytes come; blank lines are passed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from training.foreign.log import record_of
from training.foreign.tail import Lines


class Objects:
    """None stands for a line that is no object."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, data: bytes) -> Iterator[dict[str, Any] | None]:
        """Those of the lines that these bytes complete."""
        return _objects(self._lines.feed(data))

    def last(self) -> Iterator[dict[str, Any] | None]:
        """That of the last line, which has no end: at most one."""
        return _objects([self._lines.last()])


def _objects(lines: Iterable[str]) -> Iterator[dict[str, Any] | None]:
    return (record_of(line) for line in lines if line and not line.isspace())
