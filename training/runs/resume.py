"""Going on with a run that ended before its time: what that would do, what forbids it, and doing it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from training import files
from training.config import files as config_files
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.dataset.source import list_source
from training.dataset.split import read_split
from training.errors import InvalidInput, RunFailed, TraindeckError
from training.runs import checkpoints, lock, log
from training.runs.ask import Progress
from training.runs.asking import sent_so_far
from training.runs.backbone import whole_path
from training.runs.checkpoints import Label
from training.runs.events import Override
from training.runs.launch import note_place, start_supervisor
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.overrides import in_words, overrides_ahead
from training.runs.plan import LaunchPlan, check_still_free, plan
from training.runs.registry import one_launch_at_a_time
from training.runs.submit import submit_again, target_of
from training.runs.unchanged import check_unchanged
from training.text import one_line

NEW_RUN = "Launch a new run instead: `traindeck train CONFIG`."
ENDING_SECONDS = 3.0
"""What a supervisor may take to be gone after its run has said that it is over."""


@dataclass(frozen=True)
class Resumption:
    """What a resume would do: go on from that checkpoint, or from the start where the run never wrote one."""

    run: RunView
    config: TrainingConfig
    path: Path | None
    label: Label | None
    warnings: tuple[str, ...]
    """One sentence each, such as that a newer checkpoint is damaged."""
    ahead: tuple[Override, ...] = ()
    """What was set by hand beyond that checkpoint, and is set again at the same steps."""
    without_overrides: bool = False
    """Whether that is left out instead, in this attempt and all that follow."""

    @property
    def base_dir(self) -> Path:
        return self.run.folder.path

    @property
    def overrides_from(self) -> int:
        """Overrides before that event are left out."""
        return max((one.seq + 1 for one in self.ahead), default=0) if self.without_overrides else 0

    @property
    def sentence(self) -> str:
        """Where it goes on."""
        if self.label is None:
            return "It has no checkpoint yet, so it starts over."
        return f"It goes on from epoch {self.label.epoch}, step {self.label.step} ({self.path_name})."

    @property
    def lines(self) -> list[str]:
        """Where it goes on, and what is to be known of that."""
        name = one_line(self.run.summary.name)
        again = [self.again] if self.ahead else []
        return [f"{name}: {self.sentence}", *again, *(f"warning: {said}" for said in self.warnings)]

    @property
    def again(self) -> str:
        """What becomes of that which was set by hand beyond the checkpoint; empty where there is none."""
        if not self.ahead:
            return ""
        what = "; ".join(map(in_words, self.ahead))
        return f"Left out, and gone for good: {what}." if self.without_overrides else f"Set by hand, and again: {what}."

    @property
    def path_name(self) -> str:
        return f"checkpoints/{self.path.name}" if self.path else ""


def look_at(run: RunView) -> Resumption:
    """As `resumption`, with whatever forbids it as InvalidInput, such as a checkpoint of a newer version."""
    try:
        return resumption(run)
    except InvalidInput:
        raise
    except TraindeckError as error:
        raise InvalidInput(error.message, error.remedy) from error


def plan_next(wanted: Resumption, *, here: bool = False, progress: Progress | None = None) -> LaunchPlan:
    """How the next attempt would be started: by Slurm where Slurm ran the run, unless it is to train `here`.

    Raises InvalidInput as `plan` does.
    """
    target = None if here else target_of(wanted.run.folder)
    config = wanted.config
    if wanted.label is not None and config.model.kind == "transfer":
        config = apply(config, {"model.weights": "none"})  # all weights are in the checkpoint
    return plan(config, wanted.base_dir, progress=progress, target=target)


def resumption(run: RunView) -> Resumption:
    """Look at everything that could forbid it; changes nothing. Raises InvalidInput, ConfigError and TraindeckError."""
    name, folder = one_line(run.summary.name), run.folder
    if not run.controllable:
        raise InvalidInput(
            f"{name} is not trained by traindeck; only its own runs can be resumed.",
            "Start again what trained it; report.start(resume=…) goes on with the run of a script.",
        )
    if run.state == "finished":
        raise InvalidInput(
            f"{name} is finished: {one_line(run.detail)}.",
            f"To train it anew, launch a new run from its config: `traindeck train {folder.config}`.",
        )
    if run.live or run.state == "silent" or _still_supervised(folder):
        raise InvalidInput(
            f"{name} is {run.state if run.live or run.state == 'silent' else 'still supervised'}"
            f"{f' ({one_line(run.detail)})' if run.detail else ''}; only a run that has ended can be resumed.",
            "Watch it with `traindeck watch`, or stop it first.",
        )
    config = config_files.load(folder.config)
    path, wrong = checkpoints.newest(folder)
    if path is None and wrong:
        raise InvalidInput(f"{wrong[0].message} There is no other checkpoint to go back to.", NEW_RUN)
    if path is None and run.summary.cleaned:
        raise InvalidInput(f"The checkpoints of {name} to go on from were removed by `traindeck clean`.", NEW_RUN)
    label = checkpoints.read_label(path) if path else None
    if label is not None:
        check_unchanged(folder, config, label)
        _check_log(folder, label)
    _check_data(folder, config)
    back = f"; it goes back to {path.name}, step {label.step}" if path and label and wrong else ""
    ahead = tuple(overrides_ahead(folder.events, label.seq if label else 0))
    return Resumption(run, config, path, label, tuple(f"{error.message.rstrip('.')}{back}." for error in wrong), ahead)


def resume(wanted: Resumption, plan: LaunchPlan) -> RunFolder:
    """Start the next attempt, detached, or by Slurm where the plan says so.

    Raises InvalidInput where the run has come alive since, and RunFailed.
    """
    folder = wanted.run.folder
    with one_launch_at_a_time() if plan.device.uuid else nullcontext():
        check_still_free(plan, folder.path.parent)
        try:
            with lock.held(folder) as ours:  # so that no cleaning comes between this look and the summary
                now = view(folder)
                if now is None or now.live or not ours:
                    raise InvalidInput(f"{one_line(wanted.run.summary.name)} is going on already.", "Watch it instead.")
                if wanted.path is not None and not wanted.path.exists():
                    raise InvalidInput(f"{wanted.path} has been removed meanwhile.", NEW_RUN)
                summary = msgspec.structs.replace(
                    now.summary,
                    state="starting",
                    message="going on from its checkpoint" if wanted.label else "starting over",
                    device=plan.device.name,
                    slurm_job="",
                    ended=0.0,
                    cleaned=0.0,
                    updated=time.time(),
                    interruption=f"{now.state}: {one_line(now.detail)}" if now.detail else now.state,
                    commands_from=sent_so_far(folder),
                    overrides_from=wanted.overrides_from,
                )
                note_place(folder, plan)
                folder.failure.unlink(missing_ok=True)
                if plan.target is None:
                    folder.process.unlink(missing_ok=True)  # of the attempt that is over: its end is not this one's
                    files.replace(folder.summary, msgspec.json.encode(summary))
            if plan.target is not None:
                submit_again(folder, summary)
            else:
                start_supervisor(folder, plan)
        except OSError as error:
            raise RunFailed(f"{error.filename or folder.path}: the run cannot go on: {error.strerror}.") from error
    return folder


def _check_log(folder: RunFolder, label: Label) -> None:
    """Raises InvalidInput where the log lacks what was told before the checkpoint was written: it would stay a gap."""
    if log.length(folder.events) < label.seq:
        raise InvalidInput(
            f"{folder.events} has lost what was logged before the checkpoint of step {label.step}.",
            "Bring the whole file back, or launch a new run: `traindeck train CONFIG`.",
        )


def _check_data(folder: RunFolder, config: TrainingConfig) -> None:
    """Raises InvalidInput where the data are no longer those that were split, or are gone."""
    if config.data.source == "digits" or not config.data.path or not folder.split.exists():
        return
    listing = list_source(config.data, whole_path(config.data.path, folder.path), config.runtime.seed)
    read_split(folder.split, listing.fingerprint)


def _still_supervised(folder: RunFolder) -> bool:
    """Whether a run that is over has its supervisor yet; one that is about to go is waited for."""
    deadline = time.monotonic() + ENDING_SECONDS
    while lock.is_held(folder):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False
