"""The config that a verb is given: a file or a preset, with --set on top."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.config import files as config_files
from training.config.patch import apply, parse_overrides
from training.config.presets import PRESETS, preset
from training.config.schema import TrainingConfig


@dataclass(frozen=True)
class GivenConfig:
    """The config, its text with the overrides edited in, and the folder that data.path is relative to."""

    config: TrainingConfig
    text: str
    base_dir: Path


def read_config(name: str, overrides: list[str]) -> GivenConfig:
    """Raises ConfigError with every problem, or InvalidInput for an override that cannot be read."""
    path = Path(name)
    if any(entry.id == name for entry in PRESETS) and not path.exists():
        config = preset(name).config
        text, base_dir = config_files.dump(config), Path.cwd()
    else:
        config = config_files.load(path)
        text, base_dir = config_files.read(path).text, path.absolute().parent
    if overrides:
        config = apply(config, parse_overrides(overrides))
        text = config_files.edit(text, config)
    return GivenConfig(config, text, base_dir)
