"""Going on with a run that ended before its time: what that would do, what forbids it, and doing it."""

from __future__ import annotations

import fcntl
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from training import files
from training.config import files as config_files
from training.config.fields import format_value
from training.config.patch import Change, diff
from training.config.schema import TrainingConfig
from training.dataset.source import list_source
from training.dataset.split import read_split
from training.errors import InvalidInput, RunFailed
from training.runs import checkpoints
from training.runs.checkpoints import Label
from training.runs.launch import start_supervisor
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.plan import LaunchPlan, check_still_free
from training.runs.registry import one_launch_at_a_time
from training.text import one_line

FREE = (
    "epochs",
    "early_stopping",
    "es_patience",
    "advice",
    "data.path",
    "data.cache",
    "data.cache_dir",
    "model.weights",
    "runtime.device",
    "runtime.threads",
    "runtime.processes",
    "runtime.compile",
    "runtime.checkpoint_every",
    "runtime.checkpoint_keep",
)
"""Keys and sections that may change between two attempts; a checkpoint's state belongs to all others."""
NEW_RUN = "Launch a new run instead: `traindeck train CONFIG`."


@dataclass(frozen=True)
class Resumption:
    """What a resume would do: go on from that checkpoint, or from the start where the run never wrote one."""

    run: RunView
    config: TrainingConfig
    path: Path | None
    label: Label | None
    warnings: tuple[str, ...]
    """One sentence each, such as that a newer checkpoint is damaged."""

    @property
    def base_dir(self) -> Path:
        return self.run.folder.path

    @property
    def sentence(self) -> str:
        """Where it goes on."""
        if self.label is None:
            return "It has no checkpoint yet, so it starts over."
        return f"It goes on from epoch {self.label.epoch}, step {self.label.step} ({self.path_name})."

    @property
    def path_name(self) -> str:
        return f"checkpoints/{self.path.name}" if self.path else ""


def resumption(run: RunView) -> Resumption:
    """Look at everything that could forbid it; changes nothing. Raises InvalidInput, ConfigError and TraindeckError."""
    name, folder = one_line(run.summary.name), run.folder
    if run.summary.kind != "engine":
        raise InvalidInput(f"{name} is a log of another tool; only runs of traindeck can be resumed.")
    if run.state == "finished":
        raise InvalidInput(
            f"{name} is finished: {one_line(run.detail)}.",
            f"To train it anew, launch a new run from its config: `traindeck train {folder.config}`.",
        )
    if run.live or run.state == "silent" or _is_held(folder):
        raise InvalidInput(
            f"{name} is {run.state if run.live or run.state == 'silent' else 'still supervised'}"
            f"{f' ({one_line(run.detail)})' if run.detail else ''}; only a run that has ended can be resumed.",
            "Watch it with `traindeck watch`, or stop it first.",
        )
    config = config_files.load(folder.config)
    path, wrong = checkpoints.newest(folder)
    if path is None and wrong:
        raise InvalidInput(f"{wrong[0].message} There is no other checkpoint to go back to.", NEW_RUN)
    label = checkpoints.read_label(path) if path else None
    if label is not None:
        _check_config(folder, config, label)
    _check_data(folder, config)
    back = f"; it goes back to {path.name}, step {label.step}" if path and label and wrong else ""
    return Resumption(run, config, path, label, tuple(f"{error.message.rstrip('.')}{back}." for error in wrong))


def resume(wanted: Resumption, plan: LaunchPlan) -> RunFolder:
    """Start the next attempt, detached. Raises InvalidInput where the run has come alive since, and RunFailed."""
    folder = wanted.run.folder
    with one_launch_at_a_time() if plan.device.uuid else nullcontext():
        check_still_free(plan, folder.path.parent)
        now = view(folder)
        if now is None or now.live or _is_held(folder):
            raise InvalidInput(f"{one_line(wanted.run.summary.name)} is going on already.", "Watch it instead.")
        summary = msgspec.structs.replace(
            now.summary,
            state="starting",
            message="going on from its checkpoint" if wanted.label else "starting over",
            device=plan.device.name,
            ended=0.0,
            interruption=f"{now.state}: {one_line(now.detail)}" if now.detail else now.state,
            commands_from=_size(folder.commands),
        )
        try:
            folder.failure.unlink(missing_ok=True)
            folder.process.unlink(missing_ok=True)  # of the attempt that is over: its end is not this one's
            files.replace(folder.summary, msgspec.json.encode(summary))
            start_supervisor(folder, plan)
        except OSError as error:
            raise RunFailed(f"{error.filename or folder.path}: the run cannot go on: {error.strerror}.") from error
    return folder


def _check_config(folder: RunFolder, config: TrainingConfig, label: Label) -> None:
    """Raises InvalidInput where what the checkpoint was trained with was changed in the run's config.yaml."""
    if not label.config:
        return
    before = msgspec.convert(label.config, TrainingConfig)
    changed = [change for change in diff(before, config) if not _may_change(change.key, config)]
    if changed:
        raise InvalidInput(
            f"{folder.config}: {_said(changed)}, and the checkpoint is of a run without that change.",
            f"Put it back. {NEW_RUN}",
        )


def _may_change(key: str, config: TrainingConfig) -> bool:
    if key == "epochs" and config.lr_strategy == "Cosine Annealing":
        return False  # the schedule that has been followed so far is that of a run of the old length
    return key in FREE or key.partition(".")[0] in FREE


def _said(changes: list[Change]) -> str:
    said = [f"{one.key} was changed from {format_value(one.old)} to {format_value(one.new)}" for one in changes[:3]]
    return "; ".join(said) + (f" and {len(changes) - 3} more" if len(changes) > 3 else "")


def _check_data(folder: RunFolder, config: TrainingConfig) -> None:
    """Raises InvalidInput where the data are no longer those that were split, or are gone."""
    if config.data.source == "digits" or not config.data.path or not folder.split.exists():
        return
    listing = list_source(config.data, Path(config.data.path), config.runtime.seed)
    read_split(folder.split, listing.fingerprint)


def _is_held(folder: RunFolder) -> bool:
    """Whether a supervisor holds the run's lock, on any host that shares the file system's locks."""
    try:
        with folder.lock.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
