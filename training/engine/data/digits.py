"""The handwritten digits that ship with traindeck (training/digits/SOURCE.md)."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor

from training.config.data import Data
from training.engine.data.samples import Memory, Samples
from training.errors import TraindeckError
from training.seeds import derive

FILE = Path(__file__).resolve().parents[2] / "digits" / "digits.csv.gz"
SIDE = 8
INK = 16
"""The darkest of the file's grey values; 0 is paper."""


def load_digits(data: Data, side: int | None = None, seed: int = 0) -> Samples:
    """1797 images of the digits 0 to 9, [1797, C, side, side]: grey and 8×8 unless something else is wanted.

    Of a subset all are there, but only data.subset percent of each class are named; `seed` decides which.
    """
    try:
        content = FILE.read_bytes()
    except OSError as error:
        raise TraindeckError(f"{FILE}: cannot be read: {error.strerror}.", "Install traindeck again.") from error
    numbers = [int(word) for word in gzip.decompress(content).replace(b"\n", b",").strip(b",").split(b",")]
    table = torch.tensor(numbers).view(-1, SIDE * SIDE + 1)
    images = (table[:, :-1] * 255 // INK).to(torch.uint8).view(-1, 1, SIDE, SIDE)
    side = side or (SIDE if data.image_size == "auto" else data.image_size)
    if side != SIDE:
        images = _resized(images, side)
    if data.color == "rgb":
        images = images.repeat(1, 3, 1, 1)
    labels = table[:, -1].clone()
    drawn = f":{data.subset:g}%:{seed}" if data.subset < 100 else ""
    return Samples(
        store=Memory(images),
        labels=labels,
        row_of={row: row for row in (_subset(labels.tolist(), data.subset, seed) if drawn else range(len(table)))},
        classes=tuple("0123456789"),
        fingerprint=f"sha256:{sha256(content).hexdigest()}{drawn}",
    )


def _subset(labels: list[int], percent: float, seed: int) -> list[int]:
    """That share of each class, three at least: one for each side of a split."""
    chosen: list[int] = []
    for label in sorted(set(labels)):
        rows = [row for row, other in enumerate(labels) if other == label]
        rows.sort(key=lambda row: derive(seed, "subset", row))
        chosen += rows[: max(3, round(len(rows) * percent / 100))]
    return sorted(chosen)


def _resized(images: Tensor, side: int) -> Tensor:
    resized = torch.nn.functional.interpolate(images.float(), (side, side), mode="bilinear", antialias=True)
    return resized.round_().clamp_(0, 255).to(torch.uint8)
