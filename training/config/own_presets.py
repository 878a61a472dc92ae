"""A user's own presets: YAML files in a folder of the user's (XDG config), listed and found with traindeck's own.

A preset knows no folder: paths in it that are not absolute are relative to where it is used.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from training.config import files
from training.config.presets import PRESETS, Preset, chosen
from training.config.problems import ConfigError, Problem, shown
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.settings_home import settings_home
from training.text import one_line

SUFFIXES = (".yaml", ".yml")
LONGEST_NAME = 60
MOST = 200
"""Presets that are read; a folder that holds more is not one of presets."""
# The name of a file that every file system takes, and a word that no shell splits or takes for an option.
_NAME = re.compile(r"\w[\w.+-]*")


@dataclass(frozen=True)
class OwnPreset:
    """A file of the folder: the preset in it, or what is wrong with it."""

    name: str
    path: Path
    text: str
    """As it stands in the file, comments included."""
    preset: Preset | None
    problems: tuple[Problem, ...]

    @property
    def says(self) -> str:
        """One line on what it is, or on its first problem."""
        if self.preset is not None:
            return self.preset.description
        first = self.problems[0]
        place = f"line {first.line}: " if first.line else ""
        return one_line(f"{place}{first.key + ': ' if first.key else ''}{first.says}")


def presets_dir() -> Path | None:
    """The folder, which need not be there; None for a user without a home (a container's number without a name)."""
    home = settings_home()
    return home and home / "presets"


def own_presets() -> list[OwnPreset]:
    """Those of the folder by name, broken ones too. None where it cannot be read: that costs no more than the list."""
    folder = presets_dir()
    if folder is None:
        return []
    try:
        with os.scandir(folder) as scan:
            paths = [Path(entry.path) for entry, _ in zip(scan, range(MOST), strict=False) if entry.is_file()]
    except OSError:
        return []
    found: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in paths:
            if path.suffix == suffix and not path.name.startswith(".") and one_line(path.stem) == path.stem:
                found.setdefault(path.stem, path)
    return [_read(name, found[name]) for name in sorted(found, key=str.casefold)]


def _read(name: str, path: Path) -> OwnPreset:
    loaded = files.read(path)
    preset = None
    if _is_built_in(name):
        taken = Problem("traindeck has a preset of this name.", source=str(path), remedy="Rename the file.")
        return OwnPreset(name, path, loaded.text, None, (taken,))
    if loaded.config is not None:
        preset = Preset(name, name, _described(loaded.text, loaded.config), loaded.config, "own")
    return OwnPreset(name, path, loaded.text, preset, loaded.problems)


def _is_built_in(name: str) -> bool:
    return any(entry.id == name.casefold() for entry in PRESETS)


def _described(text: str, config: TrainingConfig) -> str:
    """The comment that the file starts with, else what stands out in the config."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    if first.startswith("#") and "yaml-language-server" not in first and (said := one_line(first.lstrip("# "))):
        return said
    model = config.model
    what = {"custom_cnn": "CNN", "transfer": f"{one_line(model.backbone)}, {model.mode}", "vit": "ViT"}[model.kind]
    return f"{what}: {config.optimizer} at {config.learning_rate:g}, {config.lr_strategy}, {config.epochs} epochs."


def find(name: str) -> Preset:
    """The preset of that name, or with the one name that starts so: traindeck's or the user's.

    Raises InvalidInput where there is none, ConfigError with every problem for one that is broken.
    """
    wanted = name.strip()
    if own := own_named(wanted):
        return whole(own)
    return chosen(wanted, [*PRESETS, *(entry.preset for entry in own_presets() if entry.preset)])


def own_named(name: str) -> OwnPreset | None:
    """The user's own preset of exactly this name; traindeck's own names are never taken."""
    if _is_built_in(name):
        return None
    return next((entry for entry in own_presets() if entry.name == name), None)


def whole(own: OwnPreset) -> Preset:
    """The preset of a file. Raises ConfigError with every problem of one that is broken."""
    if own.preset is None:
        raise ConfigError(own.problems)
    return own.preset


def check_name(name: str) -> str:
    """The name to keep a preset under, without spaces around it and the file's ending. Raises InvalidInput."""
    name = name.strip()
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    if not name:
        raise InvalidInput("A preset needs a name.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"This name has {len(name)} characters.", f"Use at most {LONGEST_NAME}.")
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{shown(name)} is no name for a preset.", "Use letters, digits, dots, dashes, no spaces.")
    if _is_built_in(name):
        raise InvalidInput(f"{name} is one of traindeck's presets.", "Choose another name.")
    return name


def keep(name: str, text: str) -> Path:
    """Write a config's text as the preset of that name, in place of one that is there. Raises InvalidInput."""
    name = check_name(name)
    folder = presets_dir()
    if folder is None:
        raise InvalidInput("This user has no home to keep presets in.", "Set XDG_CONFIG_HOME to a folder.")
    there = next((entry for entry in own_presets() if entry.name == name), None)
    path = there.path if there else folder / f"{name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{one_line(str(folder))} cannot be made: {error.strerror}.") from error
    files.save(path, text)
    return path


def delete(own: OwnPreset) -> None:
    """Remove its file. Raises InvalidInput where that is not allowed."""
    try:
        own.path.unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInput(f"{one_line(str(own.path))} cannot be deleted: {error.strerror}.") from error
