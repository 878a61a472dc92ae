"""Reader of the labelled-curve format: JSON Lines of meta, step, epoch and end (tests/data/curves/README.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from training.foreign.log import numeric, numerics
from training.foreign.objects import Objects
from training.foreign.rows import LARGEST
from training.foreign.timeline import Timeline
from training.foreign.units import Accuracies
from training.runs.events import number

FORMAT = "labelled curves (JSON Lines)"
OPTIMIZERS = {"SGD-momentum": "SGD with Momentum", "SGD": "SGD with Momentum"}
STRATEGIES = {"CosineAnnealing": "Cosine Annealing", "StepLR": "Step Decay", "ExponentialLR": "Exponential Decay"}
STATES: Mapping[str, Literal["finished", "stopped"]] = {"completed": "finished", "early_stopped": "stopped"}
TYPES = ("meta", "step", "epoch", "end")
FACTS = (
    "n_train",
    "n_val",
    "class_ratio",
    "input_shape",
    "val_majority_fraction",
    "dataset",
    "steps_per_epoch",
    "input_min",
    "input_max",
    "input_mean",
    "input_std",
)


def is_labelled(record: object) -> bool:
    """Whether the first record of a JSON Lines file is one of this format."""
    return isinstance(record, Mapping) and record.get("type") in TYPES


class Labelled:
    """A torn or foreign line is skipped and counted. An epoch that comes again is a resume, or another run."""

    by_epochs = True

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.config: dict[str, Any] = {}
        self.accuracies = Accuracies()
        self.skipped = 0
        self.format = FORMAT
        self._objects = Objects()
        self._begun = False
        self._epoch = 0
        self._opened = 0
        self._steps = 0
        self._steps_per_epoch = 0

    def feed(self, data: bytes) -> None:
        for record in self._objects.feed(data):
            self._take(record)

    def finish(self) -> None:
        for record in self._objects.last():
            self._take(record)

    def _take(self, record: dict[str, Any] | None) -> None:
        if record is None or record.get("type") not in TYPES:
            self.skipped += 1
        elif record["type"] == "meta":
            self._meta(record)
        else:
            if not self._begun:
                self._begun = True
                self.timeline.begin()
            self._event(record)

    def _meta(self, record: Mapping[str, Any]) -> None:
        told = record.get("config")
        told = told if isinstance(told, Mapping) else {}
        if self._begun:  # another run, or a resume that says again what is known
            return
        self._begun = True
        self.config = guide_keys(told)
        self._steps_per_epoch = _int(told.get("steps_per_epoch"))
        self.timeline.begin(_int(told.get("epochs")), facts(told))

    def _event(self, record: Mapping[str, Any]) -> None:
        epoch = _int(record.get("epoch"))
        metrics = numerics({name: value for name, value in record.items() if name not in _NO_METRICS})
        if record["type"] == "end":
            status = str(record.get("status"))
            self.timeline.end(STATES.get(status, "failed"), status, epoch, self._steps)
            return
        if epoch < self._opened or 0 < epoch <= self._epoch:
            self.timeline.back_to(epoch)
            self._epoch = self._opened = epoch - 1
        if epoch > self._opened:
            self._opened = epoch
            self.timeline.open_epoch(epoch, _int(record.get("step", self._steps)))
        if record["type"] == "step":
            step = _int(record.get("step"))
            self._steps = step + 1
            if "loss" in metrics:
                metrics["train_loss"] = metrics.pop("loss")
            self.timeline.step(step, epoch, metrics)
            return
        self._epoch = epoch
        weakest = _weakest(record.get("val_recall"))
        if weakest is not None:
            metrics.setdefault("val_recall_min", weakest)
        self.timeline.epoch(epoch, max(self._steps, epoch * self._steps_per_epoch), metrics)


_BATCH_NORM = re.compile(r"(?<![a-z])bn|batch_?norm|resnet|densenet|efficientnet|mobilenet|regnet")
"""Names of nets that normalise over the batch from their first layer on."""
_NO_METRICS = ("type", "epoch", "step", "status")


def _weakest(recalls: object) -> float | None:
    """Recall of the weakest class that the validation set holds."""
    if not isinstance(recalls, Sequence) or isinstance(recalls, str):
        return None
    found = [number(value) for value in map(numeric, recalls) if value is not None]
    return min(found) if found else None


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
    if isinstance(told.get("model"), str) and _BATCH_NORM.search(told["model"].casefold()):
        found["batch_norm"] = True
    return found


def _int(value: object) -> int:
    found = numeric(value)
    return int(found) if isinstance(found, float) and 0 <= found < LARGEST else 0
