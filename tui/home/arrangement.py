"""How Home arranges its runs: columns, order and groups; remembered between two starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from tui import settings

DEFAULT_COLUMNS = ("state", "name", "epoch", "finding", "acc", "loss", "time", "model", "data", "size")
NAME = "home"
"""Under which the settings know it."""


@dataclass(frozen=True)
class Arrangement:
    """What a person chose."""

    columns: tuple[str, ...] = DEFAULT_COLUMNS
    """Keys of `training.runs.columns`, in their order."""
    sort: str = ""
    """A key; empty for the newest first."""
    reverse: bool = False
    group: str = ""
    """A key, or `seeds`; empty for none."""

    def sorted_by(self, key: str) -> Arrangement:
        """In the order of that column; the same once more turns it round."""
        return replace(self, sort=key, reverse=not self.reverse if key == self.sort else False)


def recall() -> Arrangement:
    """The one that was chosen last; the usual one where none was, or it cannot be read."""
    kept = settings.recall(NAME, Arrangement, Arrangement())
    return kept if kept.columns else replace(kept, columns=DEFAULT_COLUMNS)


def remember(chosen: Arrangement) -> None:
    """Use this one at the next start."""
    settings.remember(NAME, msgspec.to_builtins(chosen))
