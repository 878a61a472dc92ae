"""The diagnosis of a log that exists already, event by event, exactly as it would have been told live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.config import files as config_files
from training.config.schema import TrainingConfig
from training.diagnosis.engine import Change, Diagnosis
from training.diagnosis.findings import Finding
from training.foreign.reading import read
from training.runs.events import AnyEvent, Attempt, End, Epoch, Metrics, Step, number
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import read_all, standing


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
    diagnosed: Diagnosed | None = None
    for event in standing(events):
        if diagnosed is None:
            diagnosed = Diagnosed(Diagnosis(config, event.facts if isinstance(event, Attempt) else None))
        if isinstance(event, Step):
            loss = event.metrics.get("train_loss")
            metrics = {"train_loss": loss} if isinstance(loss, float) else _floats(event.metrics)
            changes = diagnosed.diagnosis.step(event.step, event.epoch, metrics)
            if changes:
                _note(diagnosed, event.epoch, event.step, changes)
        elif isinstance(event, Epoch):
            _note(diagnosed, event.epoch, None, diagnosed.diagnosis.epoch(event.epoch, _floats(event.metrics)))
        elif isinstance(event, End):
            _note(diagnosed, event.epoch, None, diagnosed.diagnosis.end(event.state, event.reason))
    return diagnosed or Diagnosed(Diagnosis(config, None))


def diagnose_run(folder: RunFolder) -> Diagnosed:
    """The diagnosis of a run of ours by today's rules; a config that cannot be read any more counts as unknown."""
    diagnosed = replay(read_all(folder.events), config_files.read(folder.config).config)
    run = view(folder)
    if run is not None and run.state == "crashed":  # its log has no end
        diagnosis = diagnosed.diagnosis
        _note(diagnosed, run.summary.epoch, None, diagnosis.end("crashed", run.detail))
    return diagnosed


def diagnose_file(path: Path) -> Diagnosed:
    """The diagnosis of a log that another tool wrote. Raises InvalidInput where it cannot be read."""
    log = read(path)
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
