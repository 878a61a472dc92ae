"""Planning a launch in a thread, and what the editor hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from training.config.schema import TrainingConfig
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
    config: TrainingConfig
    """The draft's, when it was planned."""
    plan: LaunchPlan | None
    error: TraindeckError | None
    slurm: bool = False
    """Whether it could be submitted to Slurm, too."""


def plan_draft(draft: Draft, progress: Callable[[object], None]) -> Planned:
    """Plan it where it belongs: on Slurm from a login node, and where this machine has no device for it."""
    from training.runs.plan import aim, plan
    from training.slurm.place import place
    from training.slurm.script import Allocation

    config = draft.config
    try:
        here = place()
        planned = plan(config, draft.base_dir, progress=progress, target=Allocation() if here.login_node else None)
        if here.slurm and planned.problems and all(one.key == "runtime.device" for one in planned.problems):
            planned = aim(config, Allocation())
        return Planned(draft, config, planned, None, here.slurm)
    except TraindeckError as error:
        return Planned(draft, config, None, error)
