"""Fetch the default weights of a backbone, and say where they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.engine.ask.questions import Tell
from training.engine.models.backbones import find_backbone
from training.engine.models.fetch import fetch_weights
from training.engine.models.weights import cached_file


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`backbone`, and `to`: a folder, or None for torch.hub's."""
    backbone = find_backbone(arguments["backbone"])
    to = Path(arguments["to"]) if arguments["to"] else None
    if not backbone.url:
        from training.engine.models.timm_backbones import fetch_timm

        return {"path": str(fetch_timm(backbone, to)), "fetched": True, "belongs": ""}
    belongs = cached_file(backbone)
    path = (to or belongs.parent) / belongs.name
    fetched = not path.exists()
    if fetched:
        fetch_weights(backbone, path.parent, tell)
    return {"path": str(path), "fetched": fetched, "belongs": str(belongs)}
