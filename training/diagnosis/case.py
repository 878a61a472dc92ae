"""What a remedy looks at. A remedy gives one change to try, or None where it does not apply.

None means that the change would alter nothing, weaken what it is meant to strengthen, or leave the guide's ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from training.config.fields import format_value
from training.config.patch import apply
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.diagnosis.facts import Facts
from training.diagnosis.findings import Fix
from training.diagnosis.settings import Settings


@dataclass(frozen=True)
class Case:
    """The settings and facts of a run, the finding's label and variant, and the epoch the trouble began in."""

    settings: Settings
    label: str
    since: int
    variant: str
    facts: Facts
    rate: float | None = None
    """The learning rate in force, where the log tells it."""
    scheduled: bool = False
    """Whether that has been higher before."""

    @property
    def config(self) -> TrainingConfig:
        return self.settings.config

    @property
    def whole(self) -> bool:
        """Whether every key is the run's own, so that a fix may patch any."""
        return self.settings.whole

    def knows(self, *keys: str) -> bool:
        return self.settings.known.issuperset(keys)

    def takes(self, patch: Mapping[str, Any]) -> bool:
        """Whether the config is valid with it."""
        try:
            apply(self.config, patch)
        except ConfigError:
            return False
        return True


Remedy = Callable[[Case], Fix | None]


def spelled(rate: float) -> str:
    """A number as the config file spells it; 1.0 as 1."""
    return format_value(rate).removesuffix(".0")
