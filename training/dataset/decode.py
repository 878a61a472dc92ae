"""One file as pixels: an image decoded by Pillow and turned upright, or a binary drawn byte by byte; then resized.

PNG, JPEG, BMP, TIFF and WebP are read in every pixel mode that has a known scale. What cannot be read correctly is
refused by name, never guessed.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from training.dataset.byteplot_image import draw_bytes, size_for
from training.dataset.folder import leads_nowhere
from training.dataset.listing import NOWHERE, shown
from training.dataset.modes import to_eight_bits

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")

# What Pillow raises for files that are damaged in one way or another; its plugins let all of these through.
UNREADABLE = (OSError, SyntaxError, ValueError, ArithmeticError, TypeError, EOFError, LookupError, struct.error,
              zlib.error, MemoryError, Image.DecompressionBombError)  # fmt: skip

_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262
_SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""
_WHITE_IS_ZERO = 0
"""TIFF 6.0, section 8."""


@dataclass(frozen=True)
class Unreadable:
    """An image that is left out, and why."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{shown(self.path)} ({self.why})"


@dataclass(frozen=True)
class Decoded:
    """One image as bytes, row by row, the channels of a pixel side by side; and what a person should know of it."""

    pixels: bytes
    channels: int
    transparent: bool = False
    """Something had to be laid over white."""
    several: bool = False
    """The file holds more frames or pages than this first one."""
    dark: bool = False
    """16 bits deep, but less than a sixteenth of their range is used: nearly black in 8 bits."""
    size: tuple[int, int] = (0, 0)
    """Width and height as displayed, before it was resized."""
    mode: str = ""
    """Pillow's name of the pixel mode in the file; `;16` marks 16 bits a channel."""

    def planes(self, channels: int) -> bytes:
        """The pixels channel after channel; a grey image fills as many channels as are wanted."""
        if self.channels == 1:
            return self.pixels * channels
        return b"".join(self.pixels[channel :: self.channels] for channel in range(channels))


@dataclass(frozen=True)
class Recipe:
    """How files become pixels; part of what a cache is known by."""

    side: int
    """Pixels a side, as stored; larger than what the model sees where augmentation zooms in."""
    color: Literal["auto", "grey", "rgb"] = "auto"
    kind: Literal["image", "byteplot"] = "image"


def decode(root: Path, path: str, recipe: Recipe) -> Decoded | Unreadable:
    """One file at side×side: grey (1 channel) or RGB (3), as the recipe wants it; `auto` keeps grey images grey."""
    try:
        with (root / path).open("rb") as file:
            return _drawn(file, recipe) if recipe.kind == "byteplot" else _image(file, recipe)
    except UNREADABLE as error:
        return Unreadable(path, _why(error, root / path))


@dataclass(frozen=True)
class Header:
    """What a file says of its image before any pixel of it is decoded; `size` and `mode` as in Decoded."""

    size: tuple[int, int]
    mode: str


def header(root: Path, path: str, kind: Literal["image", "byteplot"]) -> Header | Unreadable:
    """Size and mode of one file. Damage further on does not show, nor an orientation that follows a PNG's pixels."""
    try:
        with (root / path).open("rb") as file:
            if kind == "image":
                return _header(file)
            count = file.seek(0, 2)
            return Header(size_for(count), "bytes") if count else Unreadable(path, "an empty file")
    except UNREADABLE as error:
        return Unreadable(path, _why(error, root / path))


def _header(file: BinaryIO) -> Header:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(file, formats=FORMATS) as opened:
            # Pillow would decode a whole PNG to look for an orientation that comes after the pixels.
            knows = opened.format not in ("TIFF", "PNG") or "exif" in opened.info
            size = _displayed(opened) if knows else opened.size
            return Header(size, _mode(opened.mode, _bits(opened, file)))


def _mode(mode: str, bits: int) -> str:
    return f"{mode};16" if bits == 16 and not mode.startswith("I") else mode


def _drawn(file: BinaryIO, recipe: Recipe) -> Decoded:
    plot = draw_bytes(file)
    return _finished(plot, recipe, size=plot.size, mode="bytes")


def _image(file: BinaryIO, recipe: Recipe) -> Decoded:
    with warnings.catch_warnings():
        # Of large images, and of side notes that are damaged: what cannot be read raises.
        warnings.simplefilter("ignore")
        with Image.open(file, formats=FORMATS) as opened:
            size, mode = _displayed(opened), opened.mode
            bits = _bits(opened, file)
            # A camera's JPEG may carry a second picture for its own use (MPO); that is not another frame.
            several = opened.format != "MPO" and bool(getattr(opened, "is_animated", False))
            # JPEG is decoded at no more than twice the resolution that is kept.
            opened.draft(None, (2 * recipe.side, 2 * recipe.side))
            inverted = opened.format == "TIFF" and _tag(opened, _PHOTOMETRIC) == _WHITE_IS_ZERO
            # A TIFF is turned as it is loaded, and then says that it stands upright.
            ImageOps.exif_transpose(opened, in_place=True)
            if opened.format == "TIFF":
                size = opened.size
            plain = to_eight_bits(opened, bits=bits, inverted=inverted)
    return _finished(
        plain.image,
        recipe,
        transparent=plain.transparent,
        several=several,
        dark=plain.dark,
        size=size,
        mode=_mode(mode, bits),
    )


def _finished(
    image: Image.Image,
    recipe: Recipe,
    *,
    size: tuple[int, int],
    mode: str,
    transparent: bool = False,
    several: bool = False,
    dark: bool = False,
) -> Decoded:
    if recipe.color != "auto":
        image = image.convert("L" if recipe.color == "grey" else "RGB")
    side = recipe.side
    if image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BILINEAR)
    return Decoded(image.tobytes(), len(image.getbands()), transparent, several, dark, size, mode)


def _bits(opened: Image.Image, file: BinaryIO) -> int:
    """Bits of one channel, which Pillow's mode does not tell: it brings 16-bit RGB down to 8 without a word.

    Mode I is what a TIFF of signed 16-bit values has too; those count as 32 bits, of which the scale is not known.
    """
    if opened.format == "TIFF":
        bits = _tag(opened, _BITS_PER_SAMPLE)
        depth = bits[0] if isinstance(bits, tuple) and bits else 8
        return 32 if opened.mode == "I" or not isinstance(depth, int) else depth
    if opened.format != "PNG":
        return 8
    place = file.tell()
    file.seek(24)  # width, height, then the depth (RFC 2083, 4.1.1)
    depth = file.read(1)[0]
    file.seek(place)
    return depth


def _displayed(opened: Image.Image) -> tuple[int, int]:
    """Width and height once the image stands upright, as its EXIF orientation wants it; not for TIFF."""
    width, height = opened.size
    return (height, width) if opened.getexif().get(ExifTags.Base.Orientation) in _SIDEWAYS else (width, height)


def _tag(opened: Image.Image, number: int) -> object:
    tags = getattr(opened, "tag_v2", {})
    return tags.get(number)


def _why(error: BaseException, path: Path) -> str:
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(path)
    if isinstance(error, Image.DecompressionBombError):
        return f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6} million pixels: scale it down"
    if isinstance(error, MemoryError):
        return "too large for the memory"
    if isinstance(error, OSError) and error.strerror:
        return NOWHERE if leads_nowhere(str(path)) else error.strerror
    return shown(str(error))[:120] or type(error).__name__


def _unidentified(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if start in (b"II*\x00", b"MM\x00*"):
        return "a kind of TIFF that cannot be read: save it anew with 8 or 16 bits a channel"
    return "not a PNG, JPEG, BMP, TIFF or WebP image" if start else "an empty file"
