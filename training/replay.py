"""The diagnosis of a log that exists already, event by event, exactly as it would have been told live."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from training.config import files as config_files
from training.config.schema import TrainingConfig
from training.diagnosis.engine import Change, Diagnosis
from training.diagnosis.findings import Finding
from training.foreign.reading import read
from training.runs.events import AnyEvent, Attempt, End, Epoch, Metrics, Override, Step, Steps, number
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import standing, standing_batches
from training.runs.overrides import pass_on
from training.runs.steps import curves_of


@dataclass(frozen=True)
class Told:
    """A change and the moment at which it was told: after that epoch, or within it at that step."""

    epoch: int
    step: int | None
    change: Change


@dataclass
class Diagnosed:
    """The diagnosis as it stands after the last event, and all that it said on the way."""

    diagnosis: Diagnosis
    told: list[Told] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return self.diagnosis.verdict()

    @property
    def open(self) -> list[Finding]:
        """Open findings, worst first."""
        return self.diagnosis.open

    @property
    def shown(self) -> list[Finding]:
        """Every finding ever shown, in that order and in its last version; one that came back counts again."""
        shown: list[Finding] = []
        place: dict[str, int] = {}
        for told in self.told:
            finding = told.change.finding
            if told.change.change == "opened":
                place[finding.label] = len(shown)
                shown.append(finding)
            else:
                shown[place[finding.label]] = finding
        return shown


def replay(events: Iterable[AnyEvent], config: TrainingConfig | Mapping[str, Any] | None = None) -> Diagnosed:
    """Feed the events of a run, or of a foreign log, to a diagnosis; the facts are those of the first attempt.

    What a later attempt superseded is not looked at; events that hold no metrics are passed over.
    """
    return _replay([standing(events)], config)


def _replay(batches: Iterable[list[AnyEvent]], config: TrainingConfig | Mapping[str, Any] | None) -> Diagnosed:
    """The same of events that stand, batch by batch."""
    diagnosed: Diagnosed | None = None
    for batch in batches:
        if diagnosed is None and batch:
            diagnosed = begun(batch[0], config)
        if diagnosed is not None:
            feed(diagnosed, batch)
    return diagnosed or begun(None, config)


def feed(diagnosed: Diagnosed, events: Iterable[AnyEvent]) -> None:
    """More events that stand, in their order."""
    for kind, group in groupby(events, type):
        if kind is Step:
            _take_steps(diagnosed, cast("list[Step]", list(group)))
            continue
        for event in group:
            if isinstance(event, Steps):
                _take_columns(diagnosed, event)
            else:
                _take(diagnosed, event)


def begun(first: AnyEvent | None, config: TrainingConfig | Mapping[str, Any] | None) -> Diagnosed:
    """The diagnosis of a log before its first step, with what its facts alone show."""
    diagnosed = Diagnosed(Diagnosis(config, first.facts if isinstance(first, Attempt) else None))
    _note(diagnosed, 0, None, diagnosed.diagnosis.begin())
    return diagnosed


def _take(diagnosed: Diagnosed, event: AnyEvent) -> None:
    if isinstance(event, Epoch):
        _note(diagnosed, event.epoch, None, diagnosed.diagnosis.epoch(event.epoch, _floats(event.metrics)))
    elif isinstance(event, Override):
        pass_on(event, diagnosed.diagnosis)
    elif isinstance(event, End):
        _note(diagnosed, event.epoch, None, diagnosed.diagnosis.end(event.state, event.reason))


def _take_steps(diagnosed: Diagnosed, events: list[Step]) -> None:
    """Steps in a row, all at once; one without a loss says nothing."""
    losses = [event.metrics.get("train_loss") for event in events]
    if set(map(type, losses)) != {float}:  # some are missing, or spelled as a string
        found = [_floats(event.metrics).get("train_loss") for event in events]
        events = [event for event, loss in zip(events, found, strict=True) if loss is not None]
        losses = [loss for loss in found if loss is not None]
    told = diagnosed.diagnosis.steps(
        [event.step for event in events], [event.epoch for event in events], cast("list[float]", losses)
    )
    for place, changes in told:
        _note(diagnosed, events[place].epoch, events[place].step, changes)


def _take_columns(diagnosed: Diagnosed, block: Steps) -> None:
    """The same of steps that are in columns."""
    for name, steps, losses in curves_of(block):
        if name == "train_loss":
            numbers = steps if isinstance(steps, range) else array("q", map(int, steps))
            for place, changes in diagnosed.diagnosis.steps(numbers, [block.epoch] * len(losses), losses):
                _note(diagnosed, block.epoch, numbers[place], changes)


def diagnose_run(folder: RunFolder) -> Diagnosed:
    """The diagnosis of a run of ours by today's rules; a config that cannot be read any more counts as unknown.

    A run that a script reports has no config, but what the script said of its settings.
    """
    run = view(folder)
    told = run.summary.settings if run is not None and not run.controllable else None
    diagnosed = _replay(standing_batches(folder.events), told or config_files.read(folder.config).config)
    if run is not None and run.state == "crashed":  # its log has no end
        diagnosis = diagnosed.diagnosis
        _note(diagnosed, run.summary.epoch, None, diagnosis.end("crashed", run.detail))
    return diagnosed


def diagnose_file(path: Path, names: Mapping[str, str] | None = None) -> Diagnosed:
    """The diagnosis of a log that another tool wrote. Raises InvalidInput where it cannot be read."""
    log = read(path, names)
    return replay(log.events, log.config)


def _note(diagnosed: Diagnosed, epoch: int, step: int | None, changes: list[Change]) -> None:
    diagnosed.told.extend(Told(epoch, step, change) for change in changes)


def _floats(metrics: Metrics) -> dict[str, float]:
    """The metrics as floats; a string that is no number counts as missing."""
    found: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            found[name] = number(value)
        except ValueError:
            continue
    return found
