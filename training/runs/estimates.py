"""What a config's model takes, asked of a child process once and kept in the user's state: the next time it is known.

The engine measures it (training/engine/models/describe.py); this side imports no torch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from training import files
from training.config.data import Data
from training.config.model import Model
from training.config.schema import Optimization, Optimizer, TrainingConfig
from training.config.validate import input_side
from training.runs.ask import Asking, ask
from training.runs.registry import registry_path

OPTIMIZER_STATE: dict[Optimizer, int] = {"Adam": 2, "AdamW": 2, "SGD with Momentum": 1, "RMSprop": 1}
"""Numbers that an optimizer keeps for each parameter: two moments, the momentum, the mean square."""
FORMAT = 1
"""Raised whenever the same question would be answered otherwise."""
KEPT = 200
"""Answers on the disk, the newest."""
SILENT_SECONDS = 600.0
"""A transformer of a gigabyte takes its time on a busy host."""

_BATCH = 2
_PACKAGES = ("torch", "torchvision", "timm")


class Estimate(msgspec.Struct, frozen=True):
    """A model for images of a certain size and a number of classes. Bytes are of fp32, and of one process."""

    input: tuple[int, int, int]
    """Channels, height, width."""
    parameters: int
    trained: int
    multiply_adds: int
    """For one image, forward."""
    weights: int
    """Bytes of parameters and statistics."""
    gradients: int
    average: int
    """Bytes of a moving average of the weights, if there were one."""
    per_image: int
    """Bytes of activations that one image of a batch adds."""

    def parts(self, config: TrainingConfig) -> dict[str, int]:
        """Bytes of what a step of this config needs whatever the batch size, by name."""
        return {
            "weights": self.weights,
            "gradients": self.gradients,
            "optimizer": OPTIMIZER_STATE[config.optimizer] * self.gradients,
            "average": self.average if config.optimization.ema is not None else 0,
        }

    def fixed(self, config: TrainingConfig) -> int:
        """The sum of `parts`."""
        return sum(self.parts(config).values())


@dataclass(frozen=True)
class Question:
    """All that decides what a model takes; `key` names it for good."""

    model: Model
    image_size: int | str
    side: int
    """Where the model does not decide it."""
    classes: int
    channels: int

    @property
    def key(self) -> str:
        versions = [_version(name) for name in _PACKAGES]
        asked = [self.model, self.image_size, self.side, self.classes, self.channels]
        return hashlib.sha256(msgspec.json.encode([FORMAT, versions, asked])).hexdigest()[:32]


def question(config: TrainingConfig, classes: int, channels: int) -> Question:
    """What to ask for this config. Optimizer, average and batch size are no part of it: `Estimate` knows them all."""
    model = msgspec.structs.replace(
        config.model,
        blocks=tuple(_any_dropout(block) for block in config.model.blocks),
        dense_layers=tuple(_any_dropout(layer) for layer in config.model.dense_layers),
        dropout=_some(config.model.dropout),
        weights="none" if config.model.weights == "none" else "default",
        backbone_lr=1.0,
    )
    if model.kind == "transfer":
        channels = 3
    return Question(model, config.data.image_size, input_side(config.data), classes, channels)


def _any_dropout(layer: Any) -> Any:
    return msgspec.structs.replace(layer, dropout=_some(layer.dropout))


def _some(dropout: float) -> float:
    """How much is dropped costs nothing, but whether anything is does."""
    return 0.5 if dropout else 0.0


def ask_estimate(asked: Question, asking: Asking | None = None) -> Estimate:
    """The answer of a child with torch, which takes seconds. Raises TraindeckError: of a model that cannot be built,
    what building it raises; Dropped once `asking` is."""
    config = TrainingConfig(
        model=asked.model,
        data=Data(image_size=asked.image_size),  # type: ignore[arg-type]
        batch_size=_BATCH,
        optimization=Optimization(ema=0.999),
    )
    found = ask(
        "model",
        {
            "config": msgspec.to_builtins(config),
            "classes": asked.classes,
            "channels": asked.channels,
            "side": asked.side,
        },
        timeout=SILENT_SECONDS,
        asking=asking,
    )
    memory = found["memory"]
    return Estimate(
        input=tuple(found["input"]),
        parameters=found["parameters"],
        trained=found["trainable"],
        multiply_adds=found["multiply_adds"],
        weights=memory["weights"],
        gradients=memory["gradients"],
        average=memory["average"],
        per_image=memory["activations"] // _BATCH,
    )


def recall(asked: Question) -> Estimate | None:
    """What an earlier session was answered."""
    return _read().get(asked.key)


def remember(asked: Question, found: Estimate) -> None:
    """Keep an answer. A home that cannot be written only costs the asking next time."""
    path = _path()
    if path is None:
        return
    known = {key: value for key, value in _read().items() if key != asked.key}
    newest = dict([*known.items(), (asked.key, found)][-KEPT:])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, msgspec.json.encode(newest), sync=False)
    except OSError:
        return


def _path() -> Path | None:
    registry = registry_path()
    return registry.with_name("estimates.json") if registry else None


def _read() -> dict[str, Estimate]:
    path = _path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Estimate]) if path else {}
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=8)
def _version(package: str) -> str:
    from importlib import metadata  # which a look at a config can do without

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
