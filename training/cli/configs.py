"""The config that a verb is given: a file or a preset, with --set on top."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.config import files as config_files
from training.config.own_presets import own_named, whole
from training.config.patch import apply, parse_overrides
from training.config.presets import PRESETS, preset
from training.config.schema import TrainingConfig
from training.dataset.known import known
from training.errors import InvalidInput
from training.guide.hint import Facts
from training.runs.plan import data_folder


@dataclass(frozen=True)
class GivenConfig:
    """The config, its text with the overrides edited in, and the folder that data.path is relative to."""

    config: TrainingConfig
    text: str
    base_dir: Path


def read_config(name: str, overrides: list[str]) -> GivenConfig:
    """The config of a file or, where there is none of that name, of a preset: traindeck's or the user's own.

    Raises ConfigError with every problem, or InvalidInput for an override that cannot be read.
    """
    path = Path(name)
    own = own_named(name)
    if any(entry.id == name for entry in PRESETS) and not path.exists():
        config = preset(name).config
        text, base_dir = config_files.dump(config), Path.cwd()
    elif own and not path.exists():
        config, text, base_dir = whole(own).config, own.text, Path.cwd()
    else:
        config = config_files.load(path)
        text, base_dir = config_files.read(path).text, path.absolute().parent
    if overrides:
        config = apply(config, parse_overrides(overrides, config.model.kind))
        text = config_files.edit(text, config)
    return GivenConfig(config, text, base_dir)


def data_facts(given: GivenConfig) -> tuple[Facts, str]:
    """What the data tell, or why they tell nothing: a config is checked on machines that do not have them, too."""
    try:
        return known(given.config, data_folder(given.config, given.base_dir)), ""
    except InvalidInput as error:
        return Facts(), str(error)
