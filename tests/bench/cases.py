"""The named cases that the benches run: the config of each, its images, and a run folder as the launcher leaves it.

A is small: the steps are so short that what is done around the model shows. B is large enough that the model dominates.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from training.runs.layout import RunFolder
from training.runs.summary import Summary

CLASSES = 10
SIDE = 64
IMAGES = 5000
EPOCHS = 1000
"""More than any bench waits for: each ends its runs itself."""

_A = """\
epochs: {epochs}
batch_size: 32
model:
  blocks: [{{filters: 32, dropout: 0.25}}, {{filters: 64, dropout: 0.25}}]
  dense_layers: [{{units: 128, dropout: 0.5}}]
data: {{source: digits}}
runtime: {{device: cpu}}
"""
_B = """\
epochs: {epochs}
batch_size: 64
model:
  blocks: [{{filters: 32, dropout: 0.25}}, {{filters: 64, dropout: 0.25}}, {{filters: 128, dropout: 0.25}}]
  dense_layers: [{{units: 128, dropout: 0.5}}]
data: {{source: folder, path: {images}, image_size: 64, augmentation: medium, cache_dir: {cache}}}
runtime: {{device: cpu}}
"""


@dataclass(frozen=True)
class Case:
    """What is trained; `folder` is None for the digits."""

    name: str
    text: str
    """The config, as YAML."""
    batch_size: int
    threads: int | None
    """Of torch, for the rivals too; None for what torch and the engine choose themselves."""
    folder: Path | None
    cache: Path


def make_case(name: str, workspace: Path, *, images: int = IMAGES, epochs: int = EPOCHS) -> Case:
    """Case A or B, with its images, drawn once into the workspace."""
    cache = workspace / "cache"
    if name == "A":
        return Case("A", _A.format(epochs=epochs), 32, 1, None, cache)
    folder = images_of(workspace, images)
    text = _B.format(epochs=epochs, images=json.dumps(str(folder)), cache=json.dumps(str(cache)))
    return Case("B", text, 64, None, folder, cache)


def in_part(case: Case, percent: float) -> Case:
    """Case B on a part of its images, with a model so small that the images are what an epoch costs."""
    head, data = case.text.split("model:\n")[0], case.text[case.text.index("data:") :]
    model = "model: {blocks: [{filters: 2, pooling: max}, {filters: 2, pooling: max}], dense_layers: []}\n"
    return replace(case, text=head + model + data.replace("data: {", f"data: {{subset: {percent}, "))


def images_of(workspace: Path, images: int) -> Path:
    """A folder of that many PNGs of 64×64 in RGB, in ten class folders; the same ones every time."""
    folder = workspace / f"images-{images}"
    done = folder.with_suffix(".done")
    if not done.exists():
        from PIL import Image

        for place, pixels in enumerate(_textures(images)):
            path = folder / f"class_{place % CLASSES}" / f"{place:06}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.frombytes("RGB", (SIDE, SIDE), pixels).save(path)
        done.touch()
    return folder


def _textures(images: int) -> Iterator[bytes]:
    """Bytes of coloured clouds, as fine as photographs (about 7 kB as PNG); the class is the mix of fine and coarse."""
    import torch
    from torch.nn.functional import interpolate

    generator = torch.Generator().manual_seed(64)
    for place in range(images):
        label = place % CLASSES
        cloud = torch.zeros(1, 3, SIDE, SIDE)
        for octave in range(1, 7):
            noise = torch.randn(1, 3, 2**octave, 2**octave, generator=generator)
            strength = (0.45 + 0.03 * label) ** octave
            cloud += strength * interpolate(noise, (SIDE, SIDE), mode="bilinear")
        pixels = (128 + 160 * cloud[0]).clamp(0, 255).to(torch.uint8)
        yield bytes(pixels.permute(1, 2, 0).flatten().tolist())


def new_run(case: Case, workspace: Path) -> RunFolder:
    """A run folder of the case under the workspace, as the launcher leaves it for the worker."""
    name = f"{case.name}-{time.time_ns()}"
    folder = RunFolder(workspace / "runs" / name)
    folder.path.mkdir(parents=True)
    folder.config.write_text(case.text)
    folder.summary.write_bytes(msgspec.json.encode(Summary(id=name, name=name, created=time.time())))
    return folder
