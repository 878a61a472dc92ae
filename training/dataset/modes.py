"""Pixel modes: what a file may hold, brought to eight bits of grey or RGB, or refused by name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PIL import Image

_GREY = ("1", "L")
_COLOUR = ("RGB", "RGBX", "CMYK", "YCbCr", "HSV")
_ALPHA = ("LA", "PA", "RGBA", "RGBa", "La")
_WIDE = ("I;16", "I;16B", "I;16L", "I;16N")

DARK = 16
"""An image that stays below the DARK-th part of its 16-bit range is nearly black in 8 bits."""


class Plain(NamedTuple):
    """An image as L or RGB."""

    image: Image.Image
    transparent: bool = False
    dark: bool = False


def to_eight_bits(image: Image.Image, *, bits: int = 8, inverted: bool = False) -> Plain:
    """The image as L or RGB, what is see-through laid over white.

    `bits` is the depth of a channel in the file. Grey of more than 8 bits is scaled from the whole range of its depth,
    to the nearest value; `inverted` says that its 0 is white, which Pillow honours for up to 8 bits only. RGB of 16
    bits has been cut to its high bytes by Pillow. Raises ValueError for what cannot be converted safely.
    """
    mode = image.mode
    if mode in _WIDE or (mode == "I" and bits == 16):  # older Pillows read a 16-bit PNG as I
        return _narrowed(image, bits=bits, inverted=inverted)
    if mode in ("I", "F"):
        what = "floating-point" if mode == "F" else "signed or 32-bit"
        raise ValueError(f"{what} pixels, whose scale is not known: rescale them to 8 or 16 bits")
    if mode not in (*_GREY, *_COLOUR, *_ALPHA, "P"):
        raise ValueError(f"{mode} pixels cannot be converted correctly: save it as RGB")
    dark = bits == 16 and _is_dark(image)
    if not image.has_transparency_data:
        return Plain(_opaque(image), dark=dark)
    if mode == "RGB" and bits == 16:
        raise ValueError("one colour of its 16-bit pixels is see-through: save it with an alpha channel or without")
    return Plain(*_over_white(image, maybe_grey=bits == 16 or mode in ("P", "PA")), dark)


def _narrowed(image: Image.Image, *, bits: int, inverted: bool) -> Plain:
    wide = image.convert("I")
    key = image.info.get("transparency")
    seen_through = key if isinstance(key, int) else -1
    table = _table(bits, inverted, seen_through)
    high = wide.getextrema()[1]
    assert isinstance(high, int | float)
    dark = 0 < high < (1 << bits) // DARK
    transparent = seen_through >= 0 and any(byte == 0 for byte in _is_value(wide, seen_through))
    return Plain(wide.point(table, "L"), transparent, dark)


@lru_cache(maxsize=4)
def _table(bits: int, inverted: bool, white: int) -> list[int]:
    """65536 grey values of 8 bits by the value in the file; of 16 bits that is v / 257, rounded."""
    full = (1 << bits) - 1
    table = [(min(value, full) * 255 + full // 2) // full for value in range(1 << 16)]
    if inverted:
        table = [255 - value for value in table]
    if white >= 0:
        table[white] = 255
    return table


def _is_value(wide: Image.Image, value: int) -> bytes:
    """0 where the image has this value, else 255."""
    table = [255] * (1 << 16)
    table[value] = 0
    return wide.point(table, "L").tobytes()


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in _GREY:
        return image.convert("L")
    return _grey_if_it_is(image.convert("RGB")) if image.mode == "P" else image.convert("RGB")


def _over_white(image: Image.Image, *, maybe_grey: bool) -> tuple[Image.Image, bool]:
    """`maybe_grey`: RGB only because Pillow has no mode for it (16-bit grey with alpha), or by its palette."""
    grey = image.mode in ("1", "L", "LA", "La")
    if image.mode == "La":
        image = image.convert("LA")
    image = image.convert("RGBA")
    see_through = image.getchannel("A").getextrema() != (255, 255)
    white = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(white, image).convert("L" if grey else "RGB")
    return (_grey_if_it_is(image) if maybe_grey and not grey else image), see_through


def _grey_if_it_is(image: Image.Image) -> Image.Image:
    """As L where all its colours are greys."""
    red, green, blue = image.split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else image


def _is_dark(image: Image.Image) -> bool:
    """Of the high bytes of 16-bit channels, alpha left out."""
    colours = image.getbands()[:3]
    highs = [image.getchannel(band).getextrema()[1] for band in colours]
    return 0 < max(float(high) for high in highs if isinstance(high, int | float)) < 256 // DARK
