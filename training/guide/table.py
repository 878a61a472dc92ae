"""What a table of the guide is: rows of text that explain some keys of a config, and which row a config falls under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.config.schema import TrainingConfig
from training.guide.hint import Facts

Find = Callable[[TrainingConfig, Facts, str], int | None]
"""The index of a config's row; the key is that of the field in question, since a config has many dropouts."""


@dataclass(frozen=True, eq=False)
class Table:
    """Each row has a cell for each column; the first one names the row."""

    id: str
    title: str
    guide: str
    """Section of the guide."""
    keys: tuple[str, ...]
    """The dotted keys that it explains, `*` for the index of an item; "section:" and a name for a whole section."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    find: Find | None = None
    notes: tuple[str, ...] = ()
    """Sentences that go with it."""

    def current(self, config: TrainingConfig, facts: Facts | None = None, key: str = "") -> int | None:
        """The index of the row that the config falls under; None where there is none, or where it is not known."""
        return self.find(config, facts or Facts(), key) if self.find is not None else None
