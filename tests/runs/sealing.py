"""Checkpoints that are sealed as the worker seals them, around a zip that holds no weights."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from training.config.files import dump
from training.config.schema import TrainingConfig
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
