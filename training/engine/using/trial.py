"""Images to try a network on: some of what it was validated on where that is here, and noise."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor

from training.dataset.split import SampleId
from training.dataset.stream import channels_of
from training.engine.data.digits import load_digits
from training.engine.data.samples import Memory
from training.engine.using.loaded import LoadedRun

REAL, NOISE = 4, 3


def trial_pixels(run: LoadedRun) -> tuple[Tensor, int]:
    """[N, C, stored, stored], uint8, as files are decoded; and how many of them are real images. Those come first."""
    recipe = run.recipe
    generator = torch.Generator().manual_seed(0)
    shape = (NOISE, channels_of(recipe), recipe.side, recipe.side)
    noise = torch.randint(256, shape, generator=generator, dtype=torch.uint8)
    real = _real(run)
    return (noise, 0) if real is None else (torch.cat([real.expand(-1, shape[1], -1, -1), noise]), len(real))


def _real(run: LoadedRun) -> Tensor | None:
    ids: list[SampleId] = []
    with suppress(OSError, ValueError, KeyError, TypeError):  # no split: noise has to do
        ids = json.loads(run.folder.split.read_bytes())["val"][:REAL]
    if not ids:
        return None
    data = run.config.data
    if data.source == "digits":
        samples = load_digits(data, run.shape[1], run.config.runtime.seed)
        assert isinstance(samples.store, Memory)
        return samples.store.images[samples.rows(ids)]
    path = run.folder.path / Path(data.path or "").expanduser()
    root = path.parent if data.source == "manifest" else path
    parts = [part.pixels for part in run.decoded(root, [str(name) for name in ids], [0] * len(ids)) if part.good]
    return torch.cat(parts) if parts else None
