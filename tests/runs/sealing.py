"""Checkpoints that are sealed as the worker seals them, around a zip that holds no weights."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from training.config.data import Data
from training.config.files import dump
from training.config.schema import TrainingConfig
from training.dataset.source import list_source
from training.dataset.split import make_split, write_split
from training.runs.checkpoints import Label, seal
from training.runs.events import Log
from training.runs.layout import RunFolder
from training.runs.log import EventWriter, length


def sealed(folder: RunFolder, name: str = "last.pt", config: TrainingConfig | None = None, **label: Any) -> Path:
    """A whole checkpoint of the run with that label, as it was trained with `config`, and a log that reaches to it."""
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("archive/data.pkl", b"0" * 5000)
    trained = msgspec.to_builtins(config) if config else {}
    seal(zipped, Label(**{"config": trained, **label}))
    folder.checkpoints.mkdir(exist_ok=True)
    path = folder.checkpoints / name
    path.write_bytes(zipped.getvalue())
    with EventWriter(folder.events) as writer:
        for _ in range(length(folder.events), label.get("seq", 0)):
            writer.write(Log(message="training"))
    return path


def damage(path: Path) -> None:
    """Change one byte within the zip."""
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)


def configured(folder: RunFolder, **changes: Any) -> TrainingConfig:
    """Write a config of that run."""
    config = TrainingConfig(**changes)
    folder.config.write_text(dump(config))
    return config


def stopped_on(folder: RunFolder, images: Path) -> None:
    """Config, checkpoint and split of a run that was trained on that folder of images."""
    config = configured(folder, data=Data(source="folder", path=str(images)))
    sealed(folder, config=config, epoch=3, step=120, seq=9)
    listing = list_source(config.data, images, config.runtime.seed)
    split = make_split(listing.paths, listing.labels, fraction=0.5, seed=0, fingerprint=listing.fingerprint)
    write_split(folder.split, split)
