"""How long an epoch took in past runs on this host, with the same model, data and device."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median

import msgspec

from training.config import files
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.runs import pids, registry
from training.runs.backbone import whole_path
from training.runs.describe import data_label, model_label
from training.runs.estimates import question
from training.runs.layout import RunFolder
from training.runs.lifecycle import read_summary
from training.runs.summary import Summary

NEWEST = 200
"""Runs that are looked at."""
SAME_SIZE = 0.01
"""Two runs whose numbers of images differ by less than this share trained on the same."""

_LINE = 1 << 20
_NUMBER = re.compile(r"^GPUs? \d+(?:, \d+)* ")


@dataclass(frozen=True)
class PastTime:
    """One run that trained the same model on the same data."""

    run: str
    """Its name."""
    at: float
    """Wall clock of its last word, seconds."""
    epoch_seconds: float
    """With validation, without pauses."""
    images: int | None
    """That an epoch trained on."""
    images_per_step: int | None

    def seconds_for(self, images: int | None) -> float:
        """What an epoch of that many images would have taken; as long as its own where either is not known."""
        if not images or not self.images or abs(images - self.images) <= SAME_SIZE * self.images:
            return self.epoch_seconds
        return self.epoch_seconds * images / self.images


@dataclass(frozen=True)
class PastTimes:
    """All of them, the newest first; of those that made steps of the same size, where there are any, only these."""

    runs: tuple[PastTime, ...] = ()
    same_step: bool = True

    def epoch_seconds(self, images: int | None) -> float | None:
        """The median, for an epoch of that many images; None without a past run."""
        return median(run.seconds_for(images) for run in self.runs) if self.runs else None

    def scaled(self, images: int | None) -> bool:
        """Whether any of them trained on another number of images."""
        return any(run.seconds_for(images) != run.epoch_seconds for run in self.runs)


def alike(config: TrainingConfig, base_dir: Path, device: str, processes: int) -> str:
    """Equal for configs of which one's time tells that of the other, on a device of that name: the same model, images
    and device, whatever the optimizer, the shares and the batch size."""
    data = config.data
    try:
        path = str(whole_path(data.path, base_dir)) if data.path and data.source != "digits" else ""
    except InvalidInput:
        path = data.path or ""
    look = [data.source, path, data.classes, data.image_size, data.color, data.augmentation, data.mixup > 0]
    model = question(config, 0, 0).model
    runtime = [config.runtime.precision, config.runtime.compile, processes, _NUMBER.sub("", device)]
    return msgspec.json.encode([model, look, runtime]).decode()


def past_times(
    config: TrainingConfig, base_dir: Path, device: str, processes: int, folders: Iterable[Path] | None = None
) -> PastTimes:
    """Those among the newest runs of these folders, else of all that the user has used, which tell this config's time.

    `device` is the name of the one that it would train on, as a launch says it.
    """
    wanted = alike(config, base_dir, device, processes)
    step = None if config.batch_size == "auto" else config.images_per_step
    found = []
    for folder, summary in _newest(registry.known_folders() if folders is None else folders):
        if summary.model != model_label(config) or summary.data != data_label(config):
            continue
        known = _of_run(folder.path)
        if known is not None and known.host == pids.host() and _alike(known, summary) == wanted:
            found.append(_time(known, summary))
    same = tuple(run for run in found if run.images_per_step == step)
    return PastTimes(same or tuple(found), bool(same) or not found)


def _newest(folders: Iterable[Path]) -> list[tuple[RunFolder, Summary]]:
    """Runs that trained for an epoch at least, the newest first. Replacing its summary moves the time of a folder."""
    dated: list[tuple[float, Path]] = []
    for folder in dict.fromkeys(folders):
        try:
            dated += [(entry.stat().st_mtime, Path(entry.path)) for entry in os.scandir(folder) if entry.is_dir()]
        except OSError:
            continue
    runs = [RunFolder(path) for _, path in sorted(dated, reverse=True)[:NEWEST]]
    read = [(run, summary) for run in runs if (summary := read_summary(run.summary)) and _tells(summary)]
    return sorted(read, key=lambda one: -one[1].updated)


def _tells(summary: Summary) -> bool:
    done = summary.epoch > 0 and summary.step > 0 and summary.steps > 0 and summary.epochs > 0
    return done and summary.kind == "engine" and summary.training_seconds > 0


@dataclass(frozen=True)
class _Known:
    """What a run's own files tell, which nobody changes."""

    config: TrainingConfig
    folder: Path
    host: str
    images: int | None
    batch: int | None


@lru_cache(maxsize=2 * NEWEST)
def _of_run(path: Path) -> _Known | None:
    folder = RunFolder(path)
    config = files.read(folder.config).config
    if config is None:
        return None
    try:
        host = str(json.loads(folder.environment.read_bytes()).get("host", ""))
        with folder.events.open("rb") as log:
            begun = json.loads(log.readline(_LINE)).get("facts", {})
    except (OSError, ValueError, AttributeError):
        return None
    images, batch = begun.get("n_train"), begun.get("batch_size")
    return _Known(
        config,
        path,
        host,
        images if isinstance(images, int) else None,
        batch * config.optimization.accumulate if isinstance(batch, int) else None,
    )


def _alike(known: _Known, summary: Summary) -> str:
    return alike(known.config, known.folder, summary.device, summary.processes)


def _time(known: _Known, summary: Summary) -> PastTime:
    epochs = summary.step / (summary.steps / summary.epochs)
    return PastTime(
        run=summary.name,
        at=summary.ended or summary.updated,
        epoch_seconds=summary.training_seconds / epochs,
        images=known.images,
        images_per_step=known.batch,
    )
