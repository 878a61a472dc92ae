"""Image files of kinds that Pillow does not write, byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

PNG_GREY, PNG_RGB, PNG_GREY_ALPHA, PNG_RGBA = 0, 2, 4, 6


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png16(kind: int, pixel: Sequence[int], key: bytes = b"") -> bytes:
    """A PNG of one pixel with 16 bits a channel; `key` is the content of its tRNS chunk."""
    header = struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0)
    rows = zlib.compress(b"\x00" + struct.pack(f">{len(pixel)}H", *pixel))
    transparency = _chunk(b"tRNS", key) if key else b""
    start = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    return start + transparency + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def tiff(
    content: bytes,
    *,
    bits: int,
    photometric: int,
    channels: int = 1,
    width: int = 1,
    sample_format: int = 1,
    alpha: int | None = None,
) -> bytes:
    """A little-endian, uncompressed TIFF of one row (TIFF 6.0, section 2)."""
    tags: list[tuple[int, list[int]]] = [
        (256, [width]),
        (257, [1]),
        (258, [bits] * channels),
        (259, [1]),
        (262, [photometric]),
        (273, [0]),
        (277, [channels]),
        (278, [1]),
        (279, [len(content)]),
        *([] if alpha is None else [(338, [alpha])]),
        (339, [sample_format] * channels),
    ]
    after = 8 + 2 + 12 * len(tags) + 4
    far = b"".join(struct.pack(f"<{len(v)}I", *v) for _, v in tags if len(v) > 1)
    entries, used = b"", 0
    for tag, values in tags:
        place = after + used if len(values) > 1 else after + len(far) if tag == 273 else values[0]
        used += 4 * len(values) if len(values) > 1 else 0
        entries += struct.pack("<HHII", tag, 4, len(values), place)
    return b"II*\x00" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + far + content
