"""What Home hears of its threads: the runs as they are now, and what became of a change to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textual.message import Message

from training.errors import TraindeckError
from training.runs.disk import DiskUse
from training.runs.lifecycle import RunView


@dataclass
class RunsRead(Message):
    """What the runs folder holds now, and what goes on elsewhere; a newer one replaces it in the queue."""

    runs_dir: Path
    runs: Sequence[RunView]
    others: Sequence[RunView]
    disk: Mapping[Path, DiskUse] = field(default_factory=dict)
    """Of the runs of the folder that are measured, by run folder."""
    drafts: int = 0
    """Configs with changes that were left unsaved and that nobody edits."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunsRead)


@dataclass
class RunChanged(Message):
    """A run was deleted, pinned or unpinned, as `said`; or could not be, for the reason given."""

    run_id: str
    said: str
    error: TraindeckError | None
