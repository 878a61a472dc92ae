"""Draw docs/augmentation.png with the real code: `.venv/bin/python docs/augmentation.py` (seconds).

A digit and a small scene, which is drawn here, as they are and at each level of data.augmentation.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402
from torch import Tensor  # noqa: E402

from training.config.schema import Data  # noqa: E402
from training.engine.data.augment import DRAWS, LEVELS, changes, level_of  # noqa: E402
from training.engine.data.digits import load_digits  # noqa: E402
from training.engine.data.draws import uniforms  # noqa: E402
from training.engine.data.normalisation import Normalisation  # noqa: E402
from training.engine.data.rendering import Rendering  # noqa: E402

EACH = 4
"""Draws of each level, of either image."""
TILE, GAP, LEFT = 96, 6, 72
DIGIT = 3


def draw() -> Image.Image:
    width = LEFT + 2 * EACH * (TILE + GAP) + 2 * GAP
    picture = Image.new("RGB", (width, len(LEVELS) * (TILE + GAP) + GAP), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    digit = load_digits(Data(image_size=32)).store.images[DIGIT : DIGIT + 1]  # type: ignore[attr-defined]
    for line, name in enumerate(LEVELS):
        top = GAP + line * (TILE + GAP)
        pen.text((GAP, top + TILE // 2), name, "black", font, "lm")
        shown = [
            *_changed(digit, Data(augmentation=name), 32, row=0),  # type: ignore[arg-type]
            *_changed(scene(), Data(augmentation=name, source="folder"), 64, row=1),  # type: ignore[arg-type]
        ]
        for place, image in enumerate(shown):
            left = LEFT + place * (TILE + GAP) + (2 * GAP if place >= EACH else 0)
            picture.paste(_tile(image), (left, top))
    return picture.quantize(160, dither=Image.Dither.NONE)


def _changed(image: Tensor, data: Data, side: int, row: int) -> Tensor:
    """[EACH, C, side, side], from 0 to 1: the image in the first epochs of seed 0."""
    level = level_of(data)
    normalisation = Normalisation.of(image, torch.tensor([0]))
    rendering = Rendering(image.shape[-1], side, normalisation, torch.device("cpu"), level)
    images = image.expand(EACH, -1, -1, -1)
    if level.still:
        seen = rendering.plain(images)
    else:
        rows, times = torch.tensor([row]), torch.tensor([0])
        drawn = torch.cat([uniforms(0, epoch, rows, times, first=0, count=DRAWS) for epoch in range(1, EACH + 1)])
        seen = rendering.changed(images, changes(level, drawn, side))
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (normalisation.mean, normalisation.std))
    return seen * std + mean


def _tile(image: Tensor) -> Image.Image:
    channels, side, _ = image.shape
    content = (image.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).flatten()
    mode = "L" if channels == 1 else "RGB"
    return Image.frombytes(mode, (side, side), bytes(content.tolist())).resize((TILE, TILE), Image.Resampling.NEAREST)


def scene() -> Tensor:
    """A house under the sun, [1, 3, 80, 80], uint8: what is mirrored, turned or zoomed shows at once."""
    big = Image.new("RGB", (320, 320), (120, 178, 224))
    pen = ImageDraw.Draw(big)
    pen.ellipse((28, 28, 96, 96), fill=(250, 214, 90))
    pen.polygon([(0, 210), (110, 150), (220, 206), (320, 170), (320, 320), (0, 320)], fill=(104, 148, 92))
    pen.rectangle((0, 250, 320, 320), fill=(86, 128, 70))
    pen.rectangle((130, 150, 262, 270), fill=(206, 160, 120))
    pen.polygon([(114, 156), (196, 88), (278, 156)], fill=(150, 62, 52))
    pen.rectangle((224, 92, 244, 140), fill=(122, 84, 74))
    pen.rectangle((150, 206, 186, 270), fill=(96, 60, 44))
    pen.rectangle((206, 180, 246, 216), fill=(226, 236, 240), outline=(96, 60, 44), width=5)
    pen.line((226, 180, 226, 216), fill=(96, 60, 44), width=4)
    pen.rectangle((62, 190, 74, 270), fill=(98, 70, 48))
    pen.ellipse((30, 116, 106, 214), fill=(58, 112, 62))
    small = big.resize((80, 80), Image.Resampling.LANCZOS)
    return torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8).view(1, 80, 80, 3).permute(0, 3, 1, 2)


if __name__ == "__main__":
    draw().save(ROOT / "docs" / "augmentation.png", optimize=True)
