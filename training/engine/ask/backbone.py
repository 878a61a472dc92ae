"""Can this config's backbone be built here, and can its weights be had? Fetches the default ones where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from training.config.schema import TrainingConfig
from training.engine.ask.questions import Tell
from training.engine.models.backbones import find_backbone
from training.engine.models.build import build_model, wanted
from training.engine.models.fetch import fetch_weights
from training.engine.models.weights import cached_file


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`config` with absolute paths. Builds the model as the run will; raises what the run would."""
    config = msgspec.convert(arguments["config"], TrainingConfig)
    backbone = find_backbone(config.model.backbone)
    if config.model.weights == "default" and backbone.url and not cached_file(backbone).exists():
        fetch_weights(backbone, cached_file(backbone).parent, tell)
    asked = config.data.image_size
    side = asked if isinstance(asked, int) else wanted(config).side or backbone.side
    build_model(config, (3, side, side), classes=2)
    return {"side": side}
