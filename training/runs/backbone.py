"""Whether a pretrained backbone can be had, found out before a run starts: not an hour later, on a node offline."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from training.config.patch import apply
from training.config.problems import ConfigError, Problem
from training.config.schema import TrainingConfig
from training.errors import InvalidInput, TraindeckError
from training.runs.ask import Progress, ask
from training.text import one_line

SILENT_SECONDS = 120.0
"""How long the child may say nothing: importing torch from a busy network file system takes its time."""
WORDS = ("default", "none")

# What was found to be in order by this process, as the question that was asked.
_in_order: set[str] = set()


def backbone_problems(config: TrainingConfig, base_dir: Path, progress: Progress | None = None) -> list[Problem]:
    """Why the config's backbone cannot be trained, by key; default weights that are not here are fetched.

    A child process builds it as the run will. What was in order once is not asked again.
    """
    if config.model.kind != "transfer":
        return []
    try:
        question: Mapping[str, Any] = {"config": msgspec.to_builtins(with_whole_paths(config, base_dir))}
        known = _fingerprint(config, base_dir)
        if known not in _in_order:
            ask("backbone", question, progress=progress, timeout=SILENT_SECONDS)
            _in_order.add(known)
    except ConfigError as error:
        return error.problems
    except TraindeckError as error:
        return [Problem(error.message, "model.weights", remedy=error.remedy)]
    return []


def weights_file(config: TrainingConfig, base_dir: Path) -> Path | None:
    """The absolute path of model.weights, or None where that is no path. Raises InvalidInput for ~nobody."""
    weights = config.model.weights
    if config.model.kind != "transfer" or weights in WORDS:
        return None
    return whole_path(weights, base_dir)


def whole_path(path: str, base_dir: Path) -> Path:
    """A path of the config, absolute. Raises InvalidInput for ~nobody."""
    try:
        # Not resolved: a link to today's data set should stay a link in the run's record.
        return (base_dir / Path(path).expanduser()).absolute()
    except RuntimeError as error:
        raise InvalidInput(f"{one_line(path)}: there is no such home directory.", "Give the whole path.") from error


def with_whole_paths(config: TrainingConfig, base_dir: Path) -> TrainingConfig:
    """The config with data.path, data.cache_dir and model.weights absolute. Raises InvalidInput for ~nobody."""
    patch = {
        f"data.{name}": str(whole_path(path, base_dir))
        for name, path in (("path", config.data.path), ("cache_dir", config.data.cache_dir))
        if path
    }
    weights = weights_file(config, base_dir)
    if weights is not None:
        patch["model.weights"] = str(weights)
    return apply(config, patch) if patch else config


def _fingerprint(config: TrainingConfig, base_dir: Path) -> str:
    """Equal for what is answered equally: the model, the image size and the state of the weights file."""
    weights = weights_file(config, base_dir)
    try:
        status = weights.stat() if weights is not None else None
    except OSError:
        status = None
    file = (
        [str(weights), status.st_mtime_ns, status.st_size] if status else [str(weights), os.environ.get("TORCH_HOME")]
    )
    return msgspec.json.encode([config.model, config.data.image_size, file]).decode()
