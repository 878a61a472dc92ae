"""Small runs that have been trained, for whoever uses what they have learned."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest
import torch

from tests.drawing import image
from tests.engine.conftest import Run
from training.runs.layout import RunFolder
from training.runs.summary import Summary


def trained(path: Path, config: str) -> Run:
    """A run of this config in a folder of its own, trained on the CPU with one thread."""
    folder = RunFolder(path)
    path.mkdir(parents=True)
    folder.config.write_text(config)
    folder.summary.write_bytes(msgspec.json.encode(Summary(id=path.name, name=path.name, created=time.time())))
    run = Run(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINDECK_DEVICE", "cpu")
        torch.set_num_threads(1)
        assert run.train() == 0
    return run


def draw_classes(root: Path, **counts: int) -> Path:
    """Small grey images, darker or brighter by class."""
    for place, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for index in range(count):
            image(60 + 70 * place + 3 * index).save(root / name / f"{index:02}.png")
    return root
