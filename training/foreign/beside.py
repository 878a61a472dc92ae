"""What a log's tool wrote beside it, or into it, about the settings: the guide's keys that can be told from that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from training.foreign.log import numeric

FILES = ("args.yaml", "hparams.yaml")
LARGEST = 1 << 18
_NAMES = {
    "learning_rate": ("learning_rate", "lr", "lr0", "init_lr"),
    "epochs": ("epochs", "max_epochs", "num_epochs", "num_train_epochs"),
    "batch_size": ("batch_size", "batch", "train_batch_size", "per_device_train_batch_size"),
    "optimizer": ("optimizer", "opt", "optim", "optimizer_name"),
    "l2_lambda": ("weight_decay", "wd"),
}
_OPTIMIZERS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "adamw_torch": "AdamW",
    "adamw_torch_fused": "AdamW",
    "sgd": "SGD with Momentum",
    "momentum": "SGD with Momentum",
    "sgd with momentum": "SGD with Momentum",
    "rmsprop": "RMSprop",
}


def settings_beside(log: Path) -> dict[str, Any]:
    """The guide's keys of a settings file in the log's folder; nothing where there is none, or it cannot be read."""
    for name in FILES:
        path = log.parent / name
        try:
            if path.is_file() and path.stat().st_size <= LARGEST:
                told = yaml.safe_load(path.read_bytes())
                return guide_keys(told) if isinstance(told, dict) else {}
        except (OSError, yaml.YAMLError, ValueError, RecursionError):
            continue
    return {}


def guide_keys(told: Mapping[str, Any]) -> dict[str, Any]:
    """The guide's flat keys, from names that people use for them; a value of another kind is left out."""
    found: dict[str, Any] = {}
    for ours in ("learning_rate", "epochs", "batch_size", "l2_lambda"):
        number = next((value for name in _NAMES[ours] if (value := _number(told.get(name))) is not None), None)
        if number is None:
            continue
        if ours in ("epochs", "batch_size"):
            if number >= 1 and number == int(number):
                found[ours] = int(number)
        elif ours == "l2_lambda":
            found["l2_decay"] = number > 0
            if number > 0:
                found[ours] = number
        elif number > 0:
            found[ours] = number
    for name in _NAMES["optimizer"]:
        if isinstance(told.get(name), str) and told[name].casefold() in _OPTIMIZERS:
            found.setdefault("optimizer", _OPTIMIZERS[told[name].casefold()])
    patience = _number(told.get("patience"))
    if patience is not None and patience >= 1 and "epochs" in found:  # Ultralytics: 100 by default, and often idle
        found["early_stopping"] = patience < found["epochs"]
        found["es_patience"] = int(patience)
    return found


def _number(value: object) -> float | None:
    found = numeric(value)
    return found if isinstance(found, float) else None
