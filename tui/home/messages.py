"""What Home hears of its threads: the runs as they are now, and what became of a change to some."""

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
    unread: int = 0
    """Runs of the folder that are still to be read."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunsRead)


@dataclass
class SeedsRead(Message):
    """What runs come to but for their seed, by run folder (training/runs/seeds.py)."""

    keys: Mapping[Path, str]


@dataclass
class RunsChanged(Message):
    """Runs were deleted, pinned, tagged or archived, as `said`; or some could not be, for the reasons given."""

    said: str
    errors: Sequence[TraindeckError] = ()
