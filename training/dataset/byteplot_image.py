"""Binaries drawn as grey images, one byte a pixel, as in Nataraj et al., Malware Images (VizSec 2011), table 1."""

from __future__ import annotations

import os
from typing import BinaryIO

from PIL import Image

# Files below this size, in bytes, are that wide; kB are taken as 1000 bytes.
_WIDTHS = ((10_000, 32), (30_000, 64), (60_000, 128), (100_000, 256), (200_000, 384), (500_000, 512), (1_000_000, 768))
_WIDEST = 1024

TALLEST = 1 << 14
"""Rows that are kept of one file: 16 MiB, eight times as tall as the largest image that a model may see."""
_STRIP = 1 << 20
"""Bytes read at a time, about."""


def width_for(size: int) -> int:
    """Pixels a row for a file of that many bytes."""
    return next((width for limit, width in _WIDTHS if size < limit), _WIDEST)


def size_for(size: int) -> tuple[int, int]:
    """Width and height of the image of a file of that many bytes."""
    width = width_for(size)
    rows = -(-size // width)
    return width, -(-rows // -(-rows // TALLEST)) if rows else 0


def draw_bytes(file: BinaryIO) -> Image.Image:
    """The bytes of a file row by row, the last row filled up with 0; mode L, as wide as its size asks for.

    A file of more than TALLEST rows is read strip by strip, and every k rows become their mean, with the smallest k
    that fits: memory stays at some 20 MiB whatever the size. Raises ValueError for an empty file, and OSError.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size == 0:
        raise ValueError("an empty file")
    width = width_for(size)
    rows = -(-size // width)
    if rows <= TALLEST:
        return _rows(file.read(size), width, rows)
    return _tall(file, width, rows)


def _rows(content: bytes, width: int, rows: int) -> Image.Image:
    return Image.frombytes("L", (width, rows), content.ljust(width * rows, b"\x00"))


def _tall(file: BinaryIO, width: int, rows: int) -> Image.Image:
    together = -(-rows // TALLEST)
    plot = Image.new("L", (width, -(-rows // together)))
    strip = max(1, _STRIP // (width * together)) * together
    for first in range(0, rows, strip):
        height = min(strip, rows - first)
        part = _rows(file.read(width * height), width, height)
        plot.paste(part.reduce((1, together)), (0, first // together))
    return plot
