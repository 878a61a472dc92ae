"""Configs to compare: found by the name of a file, a preset or a run, with paths that mean the same on both sides."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from training.config import files
from training.config.fields import value
from training.config.own_presets import own_named, whole
from training.config.patch import replaced
from training.config.presets import PRESETS
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.runs.backbone import whole_path
from training.runs.lifecycle import RunView
from training.runs.store import find_run
from training.text import one_line

_PATHS = ("data.path", "data.cache_dir", "model.weights")
_NO_PATHS = (None, "default", "none")


@dataclass(frozen=True)
class Placed:
    """A config, what to call it, and the folder that its paths are relative to."""

    name: str
    config: TrainingConfig
    base_dir: Path


def named(name: str, runs_dir: Path) -> Placed:
    """The config of a file, else of a preset of that name, else of a run. Raises InvalidInput, or ConfigError."""
    path = Path(name)
    if os.path.isfile(path):  # noqa: PTH113  pathlib's raises where a folder above is closed
        return of_file(path)
    if built_in := next((entry for entry in PRESETS if entry.id == name), None):
        return Placed(name, built_in.config, Path.cwd())
    if own := own_named(name):
        return Placed(name, whole(own).config, Path.cwd())
    try:
        return of_run(find_run(name, runs_dir))
    except InvalidInput as error:
        message = f"{one_line(name)!r} is no file, no preset and no run."
        raise InvalidInput(message, error.remedy) from None


def of_file(path: Path) -> Placed:
    """Raises ConfigError with every problem of the file."""
    return Placed(one_line(path.name), files.load(path), path.absolute().parent)


def of_run(run: RunView) -> Placed:
    """Raises ConfigError for a run without a config of ours."""
    return Placed(one_line(run.summary.name or run.folder.id), files.load(run.folder.config), run.folder.path)


def beside(other: Placed, here: Placed) -> TrainingConfig:
    """The other config with its paths as `here` would write them: the same where they lead to the same place, else
    absolute where the two are relative to different folders."""
    config = other.config
    for key in _PATHS:
        theirs, ours = value(config, key), value(here.config, key)
        if theirs in _NO_PATHS:
            continue
        try:
            place = whole_path(theirs, other.base_dir)
            same = ours not in _NO_PATHS and whole_path(ours, here.base_dir) == place
        except InvalidInput:
            continue
        if same:
            config = replaced(config, key, ours)
        elif other.base_dir != here.base_dir:
            config = replaced(config, key, str(place))
    return config
