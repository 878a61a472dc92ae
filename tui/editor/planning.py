"""Planning a launch in a thread, and what the editor hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.errors import TraindeckError
from tui.editor.draft import Draft

if TYPE_CHECKING:
    from training.runs.plan import LaunchPlan


LISTED = frozenset({"data.path", "data.classes", "data.groups"})
"""Keys at which listing the data finds what is wrong; the editor lists them, too."""


@dataclass(frozen=True)
class Refused:
    """What was in the way of a launch; it is shown as long as the config is the one that was to be launched."""

    config: TrainingConfig
    problems: tuple[Problem, ...]

    @property
    def of_data(self) -> bool:
        """Whether the data were to blame."""
        return any(problem.key in LISTED for problem in self.problems)

    def still(self, *, listed: bool) -> Iterator[Problem]:
        """Of the data the newer look decides, once they are `listed`."""
        return (problem for problem in self.problems if not (listed and problem.key in LISTED))


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
