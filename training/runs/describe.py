"""A config in a few words, for tables, default names and headers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from training.config.fields import GUIDE_KEYS, value
from training.config.patch import diff
from training.config.schema import TrainingConfig
from training.runs.summary import Summary
from training.text import one_line

_SHORT_OPTIMIZERS = {"Adam": "adam", "AdamW": "adamw", "SGD with Momentum": "sgd", "RMSprop": "rmsprop"}
LABEL_LENGTH = 40
FOLDER_BYTES = 200
"""Of a folder name; file systems take 255, and a number may follow."""


def model_label(config: TrainingConfig) -> str:
    """Such as `CNN 32-64 · 128`."""
    model = config.model
    if model.kind == "transfer":
        return f"{model.backbone} {model.mode}"
    if model.kind == "vit":
        return f"ViT {model.depth}×{model.width}"
    blocks = "-".join(str(block.filters) for block in model.blocks)
    dense = "-".join(str(layer.units) for layer in model.dense_layers)
    return f"CNN {blocks} · {dense}" if dense else f"CNN {blocks}"


def data_label(config: TrainingConfig) -> str:
    """The source's name, or the folder's, safe to show."""
    return one_line(Path(config.data.path).name) if config.data.path else config.data.source


def origin_label(summary: Summary) -> str:
    """The run that it comes from, and why; empty for one that comes from none."""
    verb = "forks" if summary.start_from == "fork" else "corrects"
    return f"{verb} {one_line(summary.parent)}: {one_line(summary.reason)}" if summary.parent else ""


def attempt_label(summary: Summary) -> str:
    """Such as `attempt 2, went on from epoch 3 (crashed: killed by signal 9)`; empty for a run never interrupted."""
    number = summary.attempt - summary.inherited_attempts
    if number < 2:
        return ""
    if summary.from_epoch:
        place = f"went on from epoch {summary.from_epoch}"
    else:
        place = "went on within its first epoch" if summary.from_step else "started over"
    why = one_line(summary.interruption)
    return f"attempt {number}, {place}" + (f" ({why})" if why else "")


def settings(config: TrainingConfig) -> dict[str, Any]:
    """The guide's flat keys and their values."""
    return {key: getattr(config, key) for key in GUIDE_KEYS}


def sections(config: TrainingConfig) -> dict[str, Any]:
    """What the sections set otherwise than the defaults, by dotted key, as JSON holds it; a list is one key."""
    changes = diff(TrainingConfig(), config)
    keys = dict.fromkeys(".".join(change.key.split(".")[:2]) for change in changes if "." in change.key)
    told = {key: value(config, key) for key in keys if not key.startswith("advice.")}
    return msgspec.json.decode(msgspec.json.encode(told), type=dict[str, Any])


def default_name(config: TrainingConfig) -> str:
    """Such as `digits-adam-0.001`; short enough for a name, however long the data folder's is."""
    return f"{data_label(config)[:LABEL_LENGTH]}-{_SHORT_OPTIMIZERS[config.optimizer]}-{config.learning_rate:g}"


def slug(name: str) -> str:
    """A name as a folder name: letters and digits of any script, dots, dashes and underscores."""
    safe = re.sub(r"[^\w.-]+", "-", name).strip("-.")
    return safe.encode()[:FOLDER_BYTES].decode(errors="ignore") or "run"
