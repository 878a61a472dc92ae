"""Turning a fix into a run: the corrected config, what happens to the parent, and the launch of the child."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from training.config import files as config_files
from training.config.patch import Change, apply, diff
from training.config.schema import TrainingConfig
from training.diagnosis.findings import Finding, Fix
from training.errors import InvalidInput, RunFailed
from training.runs import checkpoints, commands
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.plan import LaunchPlan
from training.runs.stop import ask_to_stop
from training.runs.store import NAME_LENGTH

Fate = Literal["stop", "beside", "live"]


@dataclass(frozen=True)
class Correction:
    """A fix worked out on the config of its run; `text` keeps the comments of the original."""

    parent: RunFolder
    finding: Finding
    fix: Fix
    config: TrainingConfig
    text: str
    changes: list[Change]


def correct(folder: RunFolder, finding: Finding, fix: Fix) -> Correction:
    """Work the fix out.

    Raises InvalidInput for a fix that is advice in words, changes nothing here, or needs weights that are gone.
    """
    loaded = config_files.read(folder.config)
    config = config_files.load(folder.config)
    if not fix.patch:
        raise InvalidInput(f"“{fix.title}” cannot be applied by a key.", "Change it by hand and launch a new run.")
    corrected = apply(config, fix.patch)
    changes = diff(config, corrected)
    if not changes:
        raise InvalidInput(f"“{fix.title}” changes nothing in this config.")
    _check_weights(folder, fix)
    return Correction(folder, finding, fix, corrected, config_files.edit(loaded.text, corrected), changes)


def _check_weights(folder: RunFolder, fix: Fix) -> None:
    """Raises InvalidInput where the weights that the corrected run would start from have been cleaned away."""
    run = view(folder)
    if fix.start_from == "scratch" or run is None or not run.summary.cleaned:
        return
    path = checkpoints.path_of(folder, fix.start_from)
    if not path.exists():
        raise InvalidInput(
            f"“{fix.title}” starts from {path}, which was removed by `traindeck clean`.",
            "Change the config by hand and launch a new run from scratch.",
        )


def fates(parent: RunView, fix: Fix, plan: LaunchPlan) -> tuple[tuple[Fate, ...], Fate | None]:
    """What can happen to the parent, and the default; nothing where it is over already."""
    if not parent.live:
        return (), None
    options: tuple[Fate, ...] = ("stop", "beside", "live") if fix.live else ("stop", "beside")
    return options, "stop" if plan.shares_device else "beside"


def launch_correction(correction: Correction, fate: Fate | None, plan: LaunchPlan, name: str = "") -> RunFolder:
    """Do it; returns the child's folder, or the parent's where the job is changed live. Raises TraindeckError."""
    parent = correction.parent
    if fate == "live":
        commands.send(parent, "set_lr", learning_rate=correction.config.learning_rate)
        return parent
    child = launch(
        correction.text,
        correction.config,
        plan,
        name=name or child_name(parent.id),
        runs_dir=parent.path.parent,
        base_dir=parent.path,
        parent=parent,
        reason=correction.fix.title,
        start_from=correction.fix.start_from,
        after=parent if fate == "stop" else None,
    )
    if fate == "stop":
        try:
            if (going := view(parent)) is not None:
                ask_to_stop(going, f"corrected by {child.id}")
        except RunFailed:
            # Somebody else's run, or a full disk: the child would wait for ever.
            if (waiting := view(child)) is not None:
                ask_to_stop(waiting, f"{parent.id} could not be told to stop")
            raise
    return child


def child_name(parent: str) -> str:
    """Such as `digits-fix`, `digits-fix-2` (make_folder adds a number where even that is taken); a long one is cut."""
    match = re.fullmatch(r"(.+)-fix(?:-(\d+))?", parent)
    stem, suffix = (match[1], f"-fix-{int(match[2] or 1) + 1}") if match else (parent, "-fix")
    return stem[: NAME_LENGTH - len(suffix)] + suffix
