"""Reader of JSON Lines, an object a line, with the usual names; nested objects count by their path, as `val/loss`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from training.foreign.log import numeric
from training.foreign.objects import Objects
from training.foreign.row_parser import RowParser
from training.foreign.timeline import Timeline

FORMAT = "JSON Lines"
DEPTH = 4


class Records(RowParser):
    """A line that is no object, or that holds no number, is skipped and counted."""

    format = FORMAT

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        super().__init__(timeline, names)
        self._objects = Objects()
        timeline.begin()

    def feed(self, data: bytes) -> None:
        for record in self._objects.feed(data):
            self._take(record)

    def finish(self) -> None:
        for record in self._objects.last():
            self._take(record)
        self._rows.finish()

    def _take(self, record: Mapping[str, Any] | None) -> None:
        row = {self._columns.ours(name): value for name, value in flat(record or {})}
        self.accuracies(row)
        if not self._rows.add(row):
            self.skipped += 1


def flat(record: Mapping[str, Any], above: str = "", depth: int = DEPTH) -> Iterator[tuple[str, float]]:
    """The numbers of an object, those of nested ones under `outer/inner`; lists and words are left out."""
    for name, value in record.items():
        if isinstance(value, float):
            yield above + name, value
        elif isinstance(value, Mapping):
            if depth > 1:
                yield from flat(value, f"{above}{name}/", depth - 1)
        else:
            found = numeric(value)
            if found is not None:
                yield above + name, float(found)
