"""The handwritten digits that ship with traindeck (training/digits/SOURCE.md)."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor

from training.config.schema import Data
from training.engine.data.samples import Memory, Samples
from training.errors import TraindeckError

FILE = Path(__file__).resolve().parents[2] / "digits" / "digits.csv.gz"
SIDE = 8
INK = 16
"""The darkest of the file's grey values; 0 is paper."""


def load_digits(data: Data, side: int | None = None) -> Samples:
    """1797 images of the digits 0 to 9, [1797, C, side, side]: grey and 8×8 unless something else is wanted."""
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
    return Samples(
        store=Memory(images),
        labels=table[:, -1].clone(),
        row_of={row: row for row in range(len(table))},
        classes=tuple("0123456789"),
        fingerprint=f"sha256:{sha256(content).hexdigest()}",
    )


def _resized(images: Tensor, side: int) -> Tensor:
    resized = torch.nn.functional.interpolate(images.float(), (side, side), mode="bilinear", antialias=True)
    return resized.round_().clamp_(0, 255).to(torch.uint8)
