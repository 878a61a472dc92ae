"""What a config's model looks like: layers, parameters, multiply-adds, memory. No data and no weights are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec

from training.config.schema import TrainingConfig
from training.engine.ask.questions import Tell
from training.engine.models.build import build_model, wanted
from training.engine.models.describe import layers, memory


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """`config`, `classes`, `channels` of the images, and `side`, where the model does not decide it."""
    config = msgspec.convert(arguments["config"], TrainingConfig)
    wants = wanted(config)
    asked = config.data.image_size
    side = asked if isinstance(asked, int) else wants.side or int(arguments["side"])
    shape = (wants.channels or int(arguments["channels"]), side, side)
    model = build_model(config, shape, int(arguments["classes"]), pretrained=False)
    table = layers(model, shape)
    needed = memory(
        model, shape, config.optimizer, config.images_per_batch, average=config.optimization.ema is not None
    )
    return {
        "input": list(shape),
        "classes": arguments["classes"],
        "parameters": sum(layer.parameters for layer in table),
        "trainable": sum(layer.trainable for layer in table),
        "multiply_adds": sum(layer.multiply_adds for layer in table),
        "memory": {**asdict(needed), "total": needed.total, "batch_size": config.images_per_batch},
        "layers": [asdict(layer) for layer in table],
    }
