"""Presets as lines to pick from: the guide's, those by model, the user's own, each with what it is for."""

from __future__ import annotations

from collections.abc import Sequence

from training.config.own_presets import OwnPreset, own_presets
from training.config.presets import PRESETS, Preset
from training.config.schema import TrainingConfig
from tui.screens.pick import Choice

DEFAULTS = "defaults"
OWN = "own:"
"""Before the name of a user's own preset, in the id of its line; the others' ids are theirs."""
_GUIDE = len("guide ")


def titled(group: str, title: str) -> str:
    """`model  ViT from scratch`: the group can be searched for, as every word of a line."""
    return f"{group:<{_GUIDE}}{title}"


def preset_choices(own: Sequence[OwnPreset]) -> list[Choice]:
    """All presets and the defaults; a preset of the user's that is broken says what is wrong with it."""
    guide = [_built_in(entry) for entry in PRESETS if entry.group == "guide"]
    defaults = Choice(DEFAULTS, titled("guide", "Defaults"), "Every key at its default: Adam at 0.001, 100 epochs.")
    models = [_built_in(entry) for entry in PRESETS if entry.group == "model"]
    return [*guide, defaults, *models, *own_choices(own)]


def own_choices(own: Sequence[OwnPreset]) -> list[Choice]:
    """The user's own alone."""
    return [
        Choice(f"{OWN}{entry.name}", titled("own", entry.name), entry.says)
        if entry.preset
        else Choice(f"{OWN}{entry.name}", titled("own", entry.name), f"✗ {entry.says}", "error")
        for entry in own
    ]


def _built_in(entry: Preset) -> Choice:
    return Choice(entry.id, titled(entry.group, entry.title), entry.description)


def config_of(id: str) -> tuple[str, TrainingConfig] | None:
    """Title and config of a line that is traindeck's; None for one of the user's own, or gone."""
    if id == DEFAULTS:
        return "Defaults", TrainingConfig()
    return next(((entry.title, entry.config) for entry in PRESETS if entry.id == id), None)


def own_of(id: str) -> OwnPreset | None:
    """The user's own preset of a line, read anew; None where it is none, or gone."""
    if not id.startswith(OWN):
        return None
    return next((entry for entry in own_presets() if entry.name == id.removeprefix(OWN)), None)
