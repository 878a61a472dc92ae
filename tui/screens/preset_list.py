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


def grouped(id: str, group: str, title: str, detail: str, token: str = "") -> Choice:
    """`model  ViT from scratch`: the group can be searched for, as every word of a line; its name is the title."""
    return Choice(id, f"{group:<{_GUIDE}}{title}", detail, token, called=title)


def preset_choices(own: Sequence[OwnPreset]) -> list[Choice]:
    """All presets and the defaults; a preset of the user's that is broken says what is wrong with it."""
    guide = [_built_in(entry) for entry in PRESETS if entry.group == "guide"]
    defaults = grouped(DEFAULTS, "guide", "Defaults", "Every key at its default: Adam at 0.001, 100 epochs.")
    models = [_built_in(entry) for entry in PRESETS if entry.group == "model"]
    return [*guide, defaults, *models, *own_choices(own)]


def own_choices(own: Sequence[OwnPreset]) -> list[Choice]:
    """The user's own alone."""
    return [
        grouped(f"{OWN}{entry.name}", "own", entry.name, entry.says)
        if entry.preset
        else grouped(f"{OWN}{entry.name}", "own", entry.name, f"✗ {entry.says}", "error")
        for entry in own
    ]


def _built_in(entry: Preset) -> Choice:
    return grouped(entry.id, entry.group, entry.title, entry.description)


def config_of(id: str) -> tuple[str, TrainingConfig] | None:
    """Title and config of a line that is traindeck's; None for one of the user's own, or gone."""
    if id == DEFAULTS:
        return "Defaults", TrainingConfig()
    return next(((entry.title, entry.config) for entry in PRESETS if entry.id == id), None)


def line_of(name: str) -> str:
    """The id of the line of a preset called so on the command line; empty for none."""
    if config_of(name):
        return name
    return f"{OWN}{name}" if any(entry.name == name for entry in own_presets()) else ""


def own_of(id: str) -> OwnPreset | None:
    """The user's own preset of a line, read anew; None where it is none, or gone."""
    if not id.startswith(OWN):
        return None
    return next((entry for entry in own_presets() if entry.name == id.removeprefix(OWN)), None)
