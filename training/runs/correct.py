"""Turning a fix into a run: the corrected config, what happens to the parent, and the launch of the child."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from training.config import files as config_files
from training.config.fields import format_value
from training.config.patch import Change, apply, diff
from training.config.schema import TrainingConfig
from training.diagnosis.findings import Finding, Fix
from training.errors import InvalidInput, RunFailed
from training.runs import checkpoints, commands
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.naming import child_name
from training.runs.plan import LaunchPlan
from training.runs.stop import ask_to_stop
from training.text import one_line

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
    note: str = ""
    """What is not as the fix wanted it; may be empty."""


def correct(folder: RunFolder, finding: Finding, fix: Fix) -> Correction:
    """Work the fix out. Where the run left no weights to start from, the correction starts from scratch and says so.

    Raises InvalidInput for a fix that is advice in words, changes nothing here, or needs weights that are gone.
    """
    if not fix.patch:
        raise InvalidInput(f"“{fix.title}” cannot be applied by a key.", "Change it by hand and launch a new run.")
    if (run := view(folder)) is not None and not run.controllable:
        raise _by_hand(run, fix)
    loaded = config_files.read(folder.config)
    config = config_files.load(folder.config)
    corrected = apply(config, fix.patch)
    changes = diff(config, corrected)
    if not changes:
        raise InvalidInput(f"“{fix.title}” changes nothing in this config.")
    fix, note = _with_weights(folder, fix)
    return Correction(folder, finding, fix, corrected, config_files.edit(loaded.text, corrected), changes, note)


def _by_hand(run: RunView, fix: Fix) -> InvalidInput:
    """What to change where traindeck does not train the run, in the guide's keys."""
    told = run.summary.settings
    changes = [
        f"{key}: {f'{format_value(told[key])} → ' if key in told else ''}{format_value(value)}"
        for key, value in fix.patch.items()
        if not isinstance(value, dict | list | tuple)  # whole layers are told by the fix's title
    ]
    name = one_line(run.summary.name)
    what = f" Change it there: {one_line('; '.join(changes))}." if changes else ""
    return InvalidInput(f"{name} is not trained by traindeck, so no key can launch the corrected run.{what}")


def _with_weights(folder: RunFolder, fix: Fix) -> tuple[Fix, str]:
    """The fix with a start that is there, and a note where that is not the one it wanted.

    Raises InvalidInput where the weights that the corrected run would start from have been cleaned away.
    """
    run = view(folder)
    if fix.start_from == "scratch" or run is None:
        return fix, ""
    path = checkpoints.path_of(folder, fix.start_from)
    # A run that goes on writes its last checkpoint when it is told to stop.
    if path.exists() or (run.live and fix.start_from == "last"):
        return fix, ""
    if run.summary.cleaned:
        raise InvalidInput(
            f"“{fix.title}” starts from {path}, which was removed by `traindeck clean`.",
            "Change the config by hand and launch a new run from scratch.",
        )
    note = f"This run has no {fix.start_from} checkpoint{' yet' if run.live else ''} to start from."
    return msgspec.structs.replace(fix, start_from="scratch"), note


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
