"""What readers of rows have in common: columns in our names, accuracies as shares, rows onto a timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.foreign.columns import Columns
from training.foreign.rows import Rows
from training.foreign.timeline import Timeline
from training.foreign.units import Accuracies


class RowParser:
    """`names` maps our metric to the log's column; `config` is the guide's flat keys, as far as the log tells them."""

    skipped = 0

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        self.timeline = timeline
        self.config: dict[str, Any] = {}
        self.accuracies = Accuracies()
        self._columns = Columns(names)
        self._rows = Rows(timeline)

    @property
    def by_epochs(self) -> bool:
        return self._rows.by_epochs
