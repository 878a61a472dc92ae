"""Small pictures to learn from."""

from __future__ import annotations

from PIL import Image, ImageDraw


def image(value: int = 128, mode: str = "L", size: tuple[int, int] = (12, 10)) -> Image.Image:
    """A box of this grey on its negative."""
    drawn = Image.new("L", size, 255 - value)
    ImageDraw.Draw(drawn).rectangle((2, 2, size[0] // 2, size[1] - 3), fill=value)
    return drawn.convert(mode)
