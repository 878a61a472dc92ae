"""A scene as PNG, drawn larger than it is and made smaller, so that slanted lines are smooth."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from training.story.export.scene import Area, Scene, Spot, Stroke, Text
from training.text import one_line

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

LARGER = 2
FONTS = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
"""Plain and bold; without them, the letters that Pillow brings with it."""
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(scene: Scene) -> bytes:
    """The file."""
    from PIL import Image, ImageDraw, PngImagePlugin

    image = Image.new("RGB", (scene.width * LARGER, scene.height * LARGER), "white")
    # This mode lets what is painted shine through on an image without an alpha channel of its own.
    draw = ImageDraw.Draw(image, "RGBA")
    for shape in scene.shapes:
        match shape:
            case Stroke():
                _stroke(draw, shape)
            case Area():
                draw.polygon(_larger(shape.points), fill=_colour(shape.colour, shape.opacity))
            case Text():
                _text(draw, shape)
    small = image.resize((scene.width, scene.height), Image.Resampling.BOX)
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Title", one_line(scene.title))
    buffer = io.BytesIO()
    small.save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()


def _larger(points: tuple[Spot, ...]) -> list[Spot]:
    return [(x * LARGER, y * LARGER) for x, y in points]


def _colour(colour: str, opacity: float) -> tuple[int, int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue, round(255 * opacity)


def _stroke(draw: ImageDraw.ImageDraw, stroke: Stroke) -> None:
    width = max(1, round(stroke.width * LARGER))
    for points in _dashes(stroke) if stroke.dash else [stroke.points]:
        draw.line(_larger(tuple(points)), fill=_colour(stroke.colour, stroke.opacity), width=width, joint="curve")


def _dashes(stroke: Stroke) -> Iterator[tuple[Spot, Spot]]:
    assert stroke.dash is not None
    (x, y), (x2, y2) = stroke.points
    length = math.hypot(x2 - x, y2 - y)
    period = sum(stroke.dash)
    for index in range(math.ceil(length / period)):
        start, end = index * period / length, min(1.0, (index * period + stroke.dash[0]) / length)
        yield (x + start * (x2 - x), y + start * (y2 - y)), (x + end * (x2 - x), y + end * (y2 - y))


def _text(draw: ImageDraw.ImageDraw, text: Text) -> None:
    font = _font(round(text.size * LARGER), text.bold)
    at = (text.at[0] * LARGER, text.at[1] * LARGER)
    words = one_line(text.text)
    try:
        draw.text(at, words, fill=text.colour, font=font, anchor=ANCHORS[text.anchor])
    except (ValueError, UnicodeEncodeError):  # a Pillow without FreeType has one font, no anchors and only Latin 1
        words = words.encode("latin-1", "replace").decode("latin-1")
        width = draw.textlength(words, font=font)
        left = {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
        draw.text((at[0] - left, at[1] - text.size), words, fill=text.colour, font=font)


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(FONTS[bold], size)
    except (OSError, ImportError):
        return ImageFont.load_default(size)
