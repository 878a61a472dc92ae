"""What the editor hears while a launch is planned in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from training.errors import TraindeckError
from tui.editor.draft import Draft

if TYPE_CHECKING:
    from training.runs.plan import LaunchPlan


@dataclass
class Fetching(Message):
    """How far the download of pretrained weights is."""

    said: str

    def can_replace(self, message: Message) -> bool:
        """Only the latest figure is worth showing."""
        return isinstance(message, Fetching)


@dataclass
class Planned(Message):
    """What a launch of the draft would do, or why that cannot be told."""

    draft: Draft
    plan: LaunchPlan | None
    error: TraindeckError | None
