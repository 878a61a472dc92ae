"""One image file as bytes: decoded by Pillow, turned upright, resized.

Eight-bit grey, palette and RGB images of PNG, JPEG and BMP are read; transparency is laid over white. What cannot be
read correctly (16 bits a channel, CMYK, damaged files) is refused by name, never guessed.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError

from training.dataset.listing import shown

# What Pillow raises for files that are damaged in one way or another; its plugins let all of these through.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, LookupError, struct.error, zlib.error,
              Image.DecompressionBombError)  # fmt: skip


@dataclass(frozen=True)
class Unreadable:
    """An image that is left out, and why."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{shown(self.path)} ({self.why})"


@dataclass(frozen=True)
class Decoded:
    """One image as bytes, row by row; `transparent` where something had to be laid over white."""

    pixels: bytes
    channels: int
    transparent: bool


@dataclass(frozen=True)
class Recipe:
    """How files become pixels; part of what a cache is known by."""

    side: int
    """Pixels a side, as stored; larger than what the model sees where augmentation zooms in."""
    color: Literal["auto", "grey", "rgb"] = "auto"
    kind: Literal["image", "byteplot"] = "image"


def decode(root: Path, path: str, recipe: Recipe) -> Decoded | Unreadable:
    """One file at side×side: grey (1 channel) or RGB (3), as the recipe wants it; `auto` keeps grey images grey."""
    side, color = recipe.side, recipe.color
    try:
        content = (root / path).read_bytes()
        if problem := _sixteen_bits(content):
            return Unreadable(path, problem)
        with Image.open(BytesIO(content), formats=("PNG", "JPEG", "BMP")) as opened:
            opened.draft(None, (2 * side, 2 * side))  # JPEG is decoded at no more than the resolution that is kept
            image = ImageOps.exif_transpose(opened)
            image, transparent = _plain(image)
            if color != "auto":
                image = image.convert("L" if color == "grey" else "RGB")
            if image.size != (side, side):
                image = image.resize((side, side), Image.Resampling.BILINEAR)
            return Decoded(image.tobytes(), len(image.getbands()), transparent)
    except UNREADABLE as error:
        return Unreadable(path, _why(error))


def _plain(image: Image.Image) -> tuple[Image.Image, bool]:
    """The image as L or RGB, and whether it was see-through. Raises ValueError for what cannot be converted safely."""
    if image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):
        raise ValueError(f"{'16-bit or float' if image.mode[0] in 'IF' else image.mode} pixels are not read yet")
    if image.has_transparency_data:
        kept = "L" if image.mode in ("1", "L", "LA") else "RGB"
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        see_through = image.getchannel("A").getextrema() != (255, 255)
        return Image.alpha_composite(white, image).convert(kept), see_through
    if image.mode == "P":
        image = image.convert("RGB")
        red, green, blue = image.split()
        grey = red.tobytes() == green.tobytes() == blue.tobytes()
        return (red if grey else image), False
    return image.convert("L" if image.mode in ("1", "L") else "RGB"), False


def _sixteen_bits(content: bytes) -> str:
    """Pillow halves the depth of 16-bit RGB without a word, so the PNG header is asked (RFC 2083, 4.1.1)."""
    is_png = content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR"
    return "16-bit pixels are not read yet" if is_png and content[24:25] == b"\x10" else ""


def _why(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a PNG, JPEG or BMP image"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:120] or type(error).__name__
