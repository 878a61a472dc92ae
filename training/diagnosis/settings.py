"""The config as the rules see it: whole for our own runs, a few flat keys or nothing for foreign ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from training.config.fields import GUIDE_KEYS
from training.config.schema import TrainingConfig
from training.guide.lr import learning_rate_range

_SECTIONS = ("model", "optimization")


@dataclass(frozen=True)
class Settings:
    """`config` fills unknown keys with defaults; `known` names the keys that were really given.

    `whole` says that the config is the run's own and complete, so that a fix may patch any key of it.
    """

    config: TrainingConfig
    known: frozenset[str]
    whole: bool

    def get(self, key: str) -> Any:
        """The value of a flat key; None where it was not given."""
        return getattr(self.config, key) if key in self.known else None

    @property
    def focal_gamma(self) -> float | None:
        """Gamma of the focal loss; None when the loss is another one or unknown."""
        return self.config.optimization.focal_gamma if self.config.class_weights == "Focal Loss" else None

    @property
    def decay(self) -> float | None:
        """The effective weight decay; None unless optimizer and decay were given."""
        return self.config.effective_decay if self.known.issuperset({"optimizer", "l2_decay"}) else None

    @property
    def dropout(self) -> float | None:
        """The highest rate of the model's layers; None where the model is unknown."""
        if not self.whole:
            return None
        model = self.config.model
        layers = (*getattr(model, "blocks", ()), *getattr(model, "dense_layers", ()))
        return max((layer.dropout for layer in layers), default=getattr(model, "dropout", 0.0))

    def lr_position(self, rate: float | None) -> float | None:
        """Where a learning rate lies against the guide's range for this config, None where either is unknown.

        0.0 inside; log-like elsewhere: rate / upper end above it (> 1), minus lower end / rate below it (< -1).
        """
        rate = self.get("learning_rate") if rate is None else rate
        if rate is None or rate <= 0 or "optimizer" not in self.known:
            return None
        low, high = learning_rate_range(self.config)
        if rate > high:
            return float(rate / high)
        return float(-low / rate) if rate < low else 0.0


def read_settings(config: TrainingConfig | Mapping[str, Any] | None) -> Settings:
    """The settings of a config, or of a mapping, whose unusable keys are left out: foreign logs spell many ways."""
    if isinstance(config, TrainingConfig):
        return Settings(config, frozenset((*GUIDE_KEYS, *_SECTIONS)), whole=True)
    usable: dict[str, Any] = {}
    for key in (*GUIDE_KEYS, *_SECTIONS):
        if config and key in config and _valid({key: config[key]}):
            usable[key] = config[key]
    return Settings(msgspec.convert(usable, TrainingConfig), frozenset(usable), whole=False)


def _valid(mapping: Mapping[str, Any]) -> bool:
    try:
        msgspec.convert(mapping, TrainingConfig)
    except msgspec.ValidationError:
        return False
    return True
