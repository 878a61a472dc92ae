"""A new run from a checkpoint of another: which there are, and how much of one a changed config can go on with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from training.config import files as config_files
from training.config.fields import format_value
from training.config.patch import Change, apply, diff
from training.config.schema import TrainingConfig
from training.errors import InvalidInput, TraindeckError
from training.runs import log, override_names
from training.runs.checkpoints import Label, candidates, path_of, read_label
from training.runs.events import Override, number
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.naming import child_name
from training.runs.unchanged import FREE
from training.text import one_line

MAY_CHANGE = (
    *FREE,
    "learning_rate",
    "lr_strategy",
    "l2_decay",
    "l2_lambda",
    "optimization.grad_clip",
    "optimization.warmup_epochs",
    "data.augmentation",
    "data.mixup",
    "data.sampler",
    "runtime.seed",
    "runtime.precision",
    "runtime.memory_format",
)
"""Keys and sections that a fork may change and still go on with the optimizer and all counters of its checkpoint. With
any other the state would not fit, or its best loss would be one of another measure."""


@dataclass(frozen=True)
class Source:
    """A checkpoint to fork from."""

    path: Path
    name: str
    """As the command line takes it: `last`, `step-120` or `best`."""
    label: Label
    size: int
    """Bytes."""

    @property
    def where(self) -> str:
        """Such as `step 120`."""
        return f"step {self.label.step}"


@dataclass(frozen=True)
class Fork:
    """Where a new run comes from; without a source it starts from scratch."""

    parent: RunView
    source: Source | None
    weights_only: bool = False

    @property
    def reason(self) -> str:
        return f"fork at {self.source.where}" if self.source else "fork from scratch"

    @property
    def place(self) -> str:
        """Such as `digits at step 360`; empty for one from scratch."""
        return f"{one_line(self.parent.summary.name)} at {self.source.where}" if self.source else ""

    @property
    def name(self) -> str:
        """What to call the run, such as `digits-fork`."""
        return child_name(self.parent.folder.id, "fork")

    def goes_on(self, config: TrainingConfig) -> bool:
        """Whether it goes on exactly from there, rather than with the weights alone."""
        source = self.source
        return source is not None and source.label.resumable and not self.weights_only and not self._in_the_way(config)

    def sentence(self, config: TrainingConfig) -> str:
        """What of the checkpoint it goes on with, and why not with all. Raises InvalidInput as `check` does."""
        self.check(config)
        name = one_line(self.parent.summary.name)
        if self.source is None:
            return f"From scratch, on the split of {name}."
        place = f"{name} at {self.source.where} (epoch {self.source.label.epoch})"
        if self.goes_on(config):
            return f"Goes on exactly from {place}: weights, optimizer, schedule, counters.{self._ends_at_once(config)}"
        return (
            f"Takes the weights of {place} alone{self._why_weights(config)}; optimizer, schedule and epochs start anew."
        )

    def check(self, config: TrainingConfig) -> None:
        """Raises InvalidInput where the config leaves it nothing to train."""
        if self.source is None or not self.goes_on(config):
            return
        done = self.source.label.epoch
        if config.epochs <= done:
            raise InvalidInput(
                f"epochs is {config.epochs}, and {done} are done at {self.source.where}: nothing is left to train.",
                "Raise epochs, or fork from an earlier checkpoint.",
                key="epochs",
            )

    def _why_weights(self, config: TrainingConfig) -> str:
        assert self.source is not None
        if not self.source.label.resumable:
            return ": its best checkpoint holds nothing else"
        if self.weights_only:
            return ", as asked for"
        changed = self._in_the_way(config)
        if not changed:
            return ""
        more = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
        said = ", ".join(f"{one.key} ({format_value(one.old)} → {format_value(one.new)})" for one in changed[:2])
        return f", since {one_line(said)}{more} changed"

    def _ends_at_once(self, config: TrainingConfig) -> str:
        """What early stopping would do, where it has ended the parent there."""
        summary = self.parent.summary
        same = (config.early_stopping, config.es_patience) == tuple(
            summary.settings.get(key) for key in ("early_stopping", "es_patience")
        )
        at_the_end = self.source is not None and self.source.label.step == summary.step
        if same and at_the_end and summary.message.startswith("early stopping"):
            return " Early stopping ends it there: raise es_patience, or fork from an earlier checkpoint."
        return ""

    def _in_the_way(self, config: TrainingConfig) -> list[Change]:
        assert self.source is not None
        try:
            before = msgspec.convert(self.source.label.config, TrainingConfig)
        except msgspec.ValidationError:  # of a version with other keys
            before = config_files.load(self.parent.folder.config)
        return [
            one
            for one in diff(before, config)
            if one.key not in MAY_CHANGE and one.key.partition(".")[0] not in MAY_CHANGE
        ]


def check_forkable(run: RunView) -> None:
    """Raises InvalidInput for a run that traindeck does not train."""
    if not run.controllable:
        raise InvalidInput(
            f"{one_line(run.summary.name)} is not trained by traindeck: it has no checkpoint to fork from.",
            "Start a new run from a config: `traindeck train CONFIG`.",
        )


def sources(folder: RunFolder) -> list[Source]:
    """What there is to fork from, the newest first and the best last; what cannot be read is left out."""
    found = []
    for path in (*candidates(folder), path_of(folder, "best")):
        try:
            label, size = read_label(path), path.stat().st_size
        except (TraindeckError, OSError):  # damaged; or replaced just now
            continue
        name = f"step-{label.step}" if path.name.startswith("step-") else path.stem
        found.append(Source(path, name, label, size))
    return found


def find_source(run: RunView, wanted: str) -> Source | None:
    """The checkpoint called `best`, `last`, `step-N` or `epoch-N`; None for `scratch`. Raises InvalidInput."""
    if wanted == "scratch":
        return None
    there = sources(run.folder)
    match = re.fullmatch(r"(best|last)|(step|epoch)-0*(\d{1,12})", wanted)
    if match is None:
        raise InvalidInput(f"{one_line(wanted)!r} names no checkpoint.", "Say last, best, step-N, epoch-N or scratch.")
    if match[2] == "epoch":  # its end, rather than a place in the next one
        matches = [one for one in there if one.label.epoch == int(match[3])]
        matches.sort(key=lambda one: (not one.label.resumable, one.label.step))
    else:
        name = match[1] or f"step-{int(match[3])}"
        matches = [one for one in there if name in (one.name, f"step-{one.label.step}")]
    if matches:
        return matches[0]
    if not there:
        cleaned = "; they were removed by `traindeck clean`" if run.summary.cleaned else ""
        raise InvalidInput(f"{one_line(run.summary.name)} has no checkpoint{cleaned}.", "Fork it from scratch.")
    names = ", ".join(f"{one.name} (epoch {one.label.epoch}, step {one.label.step})" for one in there)
    raise InvalidInput(f"{one_line(run.summary.name)} has no checkpoint {wanted}.", f"There is {names}.")


def config_there(run: RunView, source: Source | None) -> tuple[TrainingConfig, str]:
    """The run's config with what commands had made of it at the checkpoint, and its text with its comments.

    A changed learning rate is no part of it: that is a factor on the schedule, which goes on where the schedule does.
    Raises ConfigError.
    """
    config, text = config_files.load(run.folder.config), config_files.read(run.folder.config).text
    made = log.only(run.folder.events, Override) if source else ()
    patch = _patch(one for one in made if source and one.seq < source.label.seq)
    if patch:
        config = apply(config, patch)
        text = config_files.edit(text, config)
    return config, text


def _patch(made: Iterable[Override]) -> dict[str, object]:
    patch: dict[str, object] = {}
    for one in made:
        value = int(number(one.value)) if one.setting in (override_names.EPOCHS, override_names.PATIENCE) else 0
        if one.setting == override_names.EPOCHS:
            patch["epochs"] = value
        elif one.setting == override_names.PATIENCE:
            patch |= {"early_stopping": True, "es_patience": value} if value else {"early_stopping": False}
    return patch
