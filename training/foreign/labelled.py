"""Reader of the labelled-curve format: JSON Lines of meta, step, epoch and end (tests/data/curves/README.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from training.foreign.log import ForeignLog, NotThisFormat, numeric, numerics
from training.runs.events import AnyEvent, Attempt, End, Epoch, Step

OPTIMIZERS = {"SGD-momentum": "SGD with Momentum"}
STRATEGIES = {"CosineAnnealing": "Cosine Annealing", "StepLR": "Step Decay", "ExponentialLR": "Exponential Decay"}
STATES = {"completed": "finished", "early_stopped": "stopped"}
FACTS = (
    "n_train", "n_val", "class_ratio", "input_shape", "val_majority_fraction", "dataset",
    "input_min", "input_max", "input_mean", "input_std", "steps_per_epoch",
)  # fmt: skip


def read(lines: Iterable[str]) -> ForeignLog:
    """The log of such a file. A torn or foreign line is skipped and counted.

    Raises NotThisFormat where the first line is no JSON object of type meta, step or epoch.
    """
    events: list[AnyEvent] = []
    config: dict[str, Any] = {}
    skipped = 0
    for place, line in enumerate(lines):
        record = _record(line)
        if record is None or record.get("type") not in ("meta", "step", "epoch", "end"):
            if place == 0:
                raise NotThisFormat('line 1 is no JSON object with "type": "meta", "step" or "epoch"')
            skipped += bool(line.strip())
            continue
        if record["type"] == "meta":
            told = record.get("config")
            told = told if isinstance(told, Mapping) else {}
            config = guide_keys(told)
            events.append(Attempt(attempt=1, epochs=_int(told.get("epochs")), facts=facts(told)))
        else:
            events.append(_event(record))
    if not events:
        raise NotThisFormat("it is empty")
    if not isinstance(events[0], Attempt):
        events.insert(0, Attempt(attempt=1))
    return ForeignLog("labelled curves (JSON Lines)", events, config, skipped)


def guide_keys(told: Mapping[str, Any]) -> dict[str, Any]:
    """The guide's flat keys of a `meta` line; a pretrained net is told as such, since its LR range is another."""
    keys = ("learning_rate", "l2_decay", "l2_lambda", "epochs", "batch_size", "early_stopping", "es_patience")
    config = {key: told[key] for key in keys if told.get(key) is not None}
    if isinstance(told.get("optimizer"), str):
        config["optimizer"] = OPTIMIZERS.get(told["optimizer"], told["optimizer"])
    if isinstance(told.get("lr_strategy"), str):
        config["lr_strategy"] = STRATEGIES.get(told["lr_strategy"], told["lr_strategy"])
    if told.get("loss") == "focal":
        config["class_weights"] = "Focal Loss"
    elif told.get("class_weights") in ("none", "balanced"):
        config["class_weights"] = "None" if told["class_weights"] == "none" else "Auto Class Weights"
    if told.get("pretrained") is True:
        config["model"] = {"kind": "transfer", "mode": "full"}
    return config


def facts(told: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a `meta` line under the names of `Attempt.facts`."""
    found = {name: told[name] for name in FACTS if told.get(name) is not None}
    if told.get("n_classes") is not None:
        found["classes"] = told["n_classes"]
    if told.get("n_params") is not None:
        found["parameters"] = told["n_params"]
    return found


def _event(record: Mapping[str, Any]) -> AnyEvent:
    epoch = _int(record.get("epoch"))
    metrics = numerics(
        {name: value for name, value in record.items() if name not in ("type", "epoch", "step", "status")}
    )
    recalls = record.get("val_recall")
    known = [value for value in recalls if isinstance(value, int | float)] if isinstance(recalls, list) else []
    if known:
        metrics["val_recall_min"] = float(min(known))
    if record["type"] == "step":
        if "loss" in metrics:
            metrics["train_loss"] = metrics.pop("loss")
        return Step(attempt=1, step=_int(record.get("step")), epoch=epoch, metrics=metrics)
    if record["type"] == "epoch":
        return Epoch(attempt=1, epoch=epoch, step=0, metrics=metrics)
    status = str(record.get("status"))
    state = STATES.get(status, "failed")
    return End(attempt=1, state=state, reason=status, epoch=epoch, step=0)  # type: ignore[arg-type]


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _int(value: object) -> int:
    number = numeric(value)
    return int(number) if isinstance(number, float) and number >= 0 else 0
