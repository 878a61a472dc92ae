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
from training.runs import checkpoints, commands, log
from training.runs.events import Override, number
from training.runs.fork import Fork, config_there, sources
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.naming import child_name
from training.runs.override_names import LR_FACTOR
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
    fork: Fork | None = None
    """Where the corrected run goes on from, where it is one that takes back what was set by hand."""


def correct(folder: RunFolder, finding: Finding, fix: Fix) -> Correction:
    """Work the fix out. Where the run left no weights to start from, the correction starts from scratch and says so.

    Raises InvalidInput for a fix that is advice in words, changes nothing here, or needs weights that are gone.
    """
    if fix.undo:
        return _taken_back(folder, finding, fix)
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


def _taken_back(folder: RunFolder, finding: Finding, fix: Fix) -> Correction:
    """The same config, in the running job; where that has ended or is back at its schedule, from the newest checkpoint
    of before the learning rate was set. Raises InvalidInput where there is none.
    """
    run = view(folder)
    if run is None:
        raise InvalidInput(f"{folder.path} holds no run that can be read.")
    made = [one for one in log.only(folder.events, Override) if one.setting == LR_FACTOR]
    if run.live and not (made and number(made[-1].value) == 1):
        return Correction(folder, finding, fix, *config_there(run, None), [])
    # Set back, it is not what went wrong.
    last = max(finding.since_epoch, finding.shown_epoch)
    seq = max((one.seq for one in made if one.epoch <= last and number(one.value) != 1), default=-1)
    source = next((one for one in sources(folder) if one.label.seq <= seq), None)
    if source is None:
        raise InvalidInput(
            f"{one_line(run.summary.name)} has no checkpoint from before the learning rate was set.",
            f"Launch it anew from its config: `traindeck train {folder.config}`.",
        )
    fix = msgspec.structs.replace(fix, live=False)
    return Correction(folder, finding, fix, *config_there(run, source), [], fork=Fork(run, source))


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
    if fix.undo and fix.live:
        return ("live",), "live"
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
        name=name or (correction.fork.name if correction.fork else child_name(parent.id)),
        runs_dir=parent.path.parent,
        base_dir=parent.path,
        parent=parent,
        reason=correction.fix.title,
        start_from=correction.fix.start_from if correction.fork is None else "scratch",
        after=parent if fate == "stop" else None,
        fork=correction.fork,
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
