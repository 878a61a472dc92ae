"""How training images are changed at random: the levels, and what a level draws for a sample.

What is drawn here, on the CPU, is carried out on the device (training/engine/data/rendering.py).
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from training.config.data import Data
from training.config.schema import TrainingConfig
from training.guide.augmentation import LEVELS, NEVER_MIRRORED, Level

__all__ = ["CHANGES", "DRAWS", "LEVELS", "Level", "changes", "level_of", "stored_side"]

DRAWS = 12
"""Uniform numbers that a sample needs."""
CHANGES = 12
"""Numbers that say how a sample is changed; `changes` says which."""
COARSE = 8
"""Stored images have a side that is a multiple of this many pixels where there is room to zoom."""


ERASED_AREA = (0.02, 0.2)
"""Part of the image. Zhong et al. (2020) go up to 0.4, without turns and zooms beside it."""
ERASED_ASPECT = 1 / 0.3
"""Height over width, or width over height, as in the same paper."""


def level_of(data: Data) -> Level:
    """The level that a config's data section asks for."""
    level = LEVELS[data.augmentation]
    return replace(level, flip=False) if data.source in NEVER_MIRRORED else level


def stored_side(config: TrainingConfig, side: int) -> int:
    """The side at which images are kept that the model sees at `side`: with room to zoom in without blur.

    The digits are kept as they are seen: 8×8 is all that there is to zoom into.
    """
    zoom = level_of(config.data).zoom
    return side if zoom == 1 or config.data.source == "digits" else math.ceil(side * zoom / COARSE) * COARSE


def changes(level: Level, draws: Tensor, side: int) -> Tensor:
    """From uniform draws [N, DRAWS] how each of N images is changed: [N, CHANGES], float32.

    Columns 0 to 5 map a place in the changed image to where it comes from, both from -1 to 1: by column 0 and 1 for
    each unit to the right (x and y), by 2 and 3 for each unit down, and 4 and 5 are where the centre comes from. Then
    contrast, brightness; and the erased rectangle in pixels of `side`: top, bottom, left, right.
    """
    mirror, right, down, turn, zoom, brightness, contrast = draws[:, :7].unbind(dim=1)
    mirrored = torch.where(mirror < 0.5, -1.0, 1.0) if level.flip else torch.ones_like(mirror)
    angle = _between(turn, math.radians(level.degrees))
    size = torch.exp(_between(zoom, -math.log(level.zoom)))
    cosine, sine = size * angle.cos(), size * angle.sin()
    along, across = (_shift(level, draw, side) for draw in (right, down))
    zeros = torch.zeros_like(along)
    box = _erased(level, draws[:, 7:], side) if level.erase else (zeros, zeros, zeros, zeros)
    return torch.stack(
        (
            mirrored * cosine,
            -sine,
            mirrored * sine,
            cosine,
            # + 0.0: no -0.0 for a shift by nothing
            -mirrored * (cosine * along + sine * across) + 0.0,
            sine * along - cosine * across + 0.0,
            1 + _between(contrast, level.tone),
            _between(brightness, level.tone),
            *box,
        ),
        dim=1,
    )


def _between(draw: Tensor, bound: float) -> Tensor:
    """From 0…1 to -bound…bound."""
    return (2 * draw - 1) * bound


def _shift(level: Level, draw: Tensor, side: int) -> Tensor:
    """In half sides; whole pixels where the level does not interpolate anyway."""
    if level.interpolates:
        return _between(draw, 2 * level.shift)
    most = round(level.shift * side)
    pixels = (draw * (2 * most + 1)).floor() - most
    return pixels * (2 / side)


def _erased(level: Level, draws: Tensor, side: int) -> tuple[Tensor, ...]:
    """Top, bottom, left and right of the rectangles, whole pixels; empty where nothing is erased."""
    whether, area, aspect, down, right = draws.unbind(dim=1)
    least, most = ERASED_AREA
    share = least + (most - least) * area
    ratio = torch.exp(_between(aspect, math.log(ERASED_ASPECT)))
    height = (side * (share * ratio).sqrt()).round().clamp(1, side)
    width = (side * (share / ratio).sqrt()).round().clamp(1, side)
    top = (down * (side - height + 1)).floor()
    left = (right * (side - width + 1)).floor()
    erased = (whether < level.erase).float()
    return top * erased, (top + height) * erased, left * erased, (left + width) * erased
