"""Backbones of timm, an extra: found, built and read through timm's own functions."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from training.config.problems import shown
from training.engine.data.normalisation import Normalisation
from training.engine.models.backbones import TIMM, Backbone, unknown_backbone
from training.errors import InvalidInput, TraindeckError


@lru_cache(maxsize=16)
def find_timm(name: str) -> Backbone:
    """`name` begins with `timm/`. Raises ConfigError for an unknown one, InvalidInput where timm is missing."""
    timm = _timm()
    short = name.removeprefix(TIMM)
    if not timm.is_model(short):
        raise unknown_backbone(name, [TIMM + known for known in timm.list_models()])
    images = timm.data.resolve_data_config({}, pretrained_cfg=_settings(short).to_dict())
    normalisation = Normalisation(tuple(images["mean"]), tuple(images["std"]))
    return Backbone(name, images["input_size"][-1], normalisation, url="")


def build_timm(backbone: Backbone, side: int, *, pretrained: bool = False) -> nn.Module:
    """With random weights, or its default ones; transformers are built in the image size, other networks take any."""
    timm, short = _timm(), backbone.name.removeprefix(TIMM)
    network: nn.Module
    if side != backbone.side:
        try:
            network = timm.create_model(short, pretrained=pretrained, img_size=side)
        except TypeError:  # a network without such a setting
            pass
        else:
            return network
    network = timm.create_model(short, pretrained=pretrained)
    return network


def timm_weights(backbone: Backbone, side: int) -> dict[str, Tensor]:
    """The default weights from the Hugging Face cache or hub, position embeddings fitted to images of `side`.

    Raises TraindeckError where they can be had from neither.
    """
    try:
        return build_timm(backbone, side, pretrained=True).state_dict()
    except Exception as error:  # whatever the hub's client raises: its classes differ by version and by what went wrong
        raise _not_fetched(backbone, error) from error


def fetch_timm(backbone: Backbone, folder: Path | None) -> Path:
    """The weights file in `folder`, or in the Hugging Face cache. Raises TraindeckError where it cannot be had."""
    hub = import_module("huggingface_hub")
    try:
        place = {"local_dir": str(folder)} if folder else {}
        return Path(hub.hf_hub_download(_source(backbone), "model.safetensors", **place))
    except Exception as error:
        raise _not_fetched(backbone, error) from error


def _not_fetched(backbone: Backbone, error: Exception) -> TraindeckError:
    place = f"https://huggingface.co/{_source(backbone)}"
    reason = shown(str(error).partition("\n")[0].rstrip("."), 200) or type(error).__name__
    return TraindeckError(
        f"The weights of {backbone.name} could not be fetched from {place}: {reason}.",
        f"Run `traindeck fetch {backbone.name} --to .` on a machine with a connection, copy model.safetensors to this "
        "host, and set model.weights to its path.",
    )


def _source(backbone: Backbone) -> str:
    """The repository on the Hugging Face hub."""
    return str(_settings(backbone.name.removeprefix(TIMM)).hf_hub_id)


def _settings(short: str) -> Any:
    return _timm().models.get_pretrained_cfg(short)


def _timm() -> ModuleType:
    try:
        timm = import_module("timm")
        import_module("timm.data")
    except ImportError as error:
        raise InvalidInput("The backbones timm/… need timm.", "Run: pip install 'traindeck[timm]'") from error
    return timm
