"""From stored bytes to what the model sees, on the device: resized or changed at random, and normalised.

The passes over the pixels are few, since they are what it costs: bytes to float, one sampling for everything that moves
pixels, and one linear map for normalisation, contrast and brightness together.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data.augment import Level
from training.engine.data.normalisation import Normalisation


class Rendering:
    """Of images stored at one side (square) to images that the model sees at another, some changed as a level says."""

    def __init__(
        self, stored: int, side: int, normalisation: Normalisation, device: torch.device, level: Level
    ) -> None:
        self._level = level
        self._exact = stored == side
        self._resize = _resampling(stored, side).to(device)
        self._centres = ((2 * torch.arange(side) + 1) / side - 1).to(device)
        self._pixels = torch.arange(side, dtype=torch.float32).to(device)
        std = torch.tensor(normalisation.std, dtype=torch.float32).view(1, -1, 1, 1)
        mean = torch.tensor(normalisation.mean, dtype=torch.float32).view(1, -1, 1, 1)
        self._scale = (1 / (255 * std)).to(device)
        self._shift = (-mean / std).to(device)
        self._white = (1 / std).to(device)
        """From black to white once normalised."""

    def plain(self, images: Tensor) -> Tensor:
        """uint8 [N, C, stored, stored] to normalised [N, C, side, side]; a single channel becomes as many as are
        normalised.
        """
        seen = images.float()
        if not self._exact:
            seen = self._resize @ seen @ self._resize.t()
        return _linear(seen, self._scale, self._shift)

    def changed(self, images: Tensor, changes: Tensor) -> Tensor:
        """The same with `changes` [N, CHANGES] of the level made to them (training/engine/data/augment.py).

        What comes into the image from beyond its edge is its mirror image. Contrast turns about the mean of the
        normalisation. What gets darker than black or brighter than white is not cut: the model sees numbers.
        """
        seen = functional.grid_sample(
            images.float(),
            self._places(changes),
            # Whole pixels are moved as they are.
            mode="bilinear" if self._level.interpolates or not self._exact else "nearest",
            padding_mode="reflection",
            align_corners=False,
        )
        if self._level.tone:
            contrast, brightness = changes[:, 6:8].view(-1, 2, 1, 1, 1).unbind(dim=1)
            seen = _linear(seen, self._scale * contrast, self._shift * contrast + self._white * brightness)
        else:
            seen = _linear(seen, self._scale, self._shift)
        return seen.mul_(self._kept(changes)) if self._level.erase else seen

    def _places(self, changes: Tensor) -> Tensor:
        """Where each pixel comes from: [N, side, side, 2], x and y from -1 to 1.

        A sum of what a column and what a line adds, in one pass; affine_grid multiplies matrices, 5 times slower on a
        CPU. The planes x and y lie one after the other, where grid_sample reads them as well.
        """
        by_x, by_y, centre = changes[:, :6].t().reshape(3, 2, -1, 1).unbind()
        columns = by_x * self._centres + centre
        lines = by_y * self._centres
        return (columns[:, :, None, :] + lines[:, :, :, None]).movedim(0, -1)

    def _kept(self, changes: Tensor) -> Tensor:
        """[N, 1, side, side]: 0 in the erased rectangle, 1 elsewhere. Multiplying is quicker than filling by a mask."""
        top, bottom, left, right = changes[:, 8:].unsqueeze(2).unbind(dim=1)
        lines = ((self._pixels >= top) & (self._pixels < bottom)).float()
        columns = ((self._pixels >= left) & (self._pixels < right)).float()
        return (1 - lines[:, :, None] * columns[:, None, :]).unsqueeze(1)


def _linear(images: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """images · scale + shift, in place where that gives no more channels."""
    if images.shape[1] == scale.shape[1]:
        return images.mul_(scale).add_(shift)
    return (images * scale).add_(shift)


def _resampling(stored: int, side: int) -> Tensor:
    """[side, stored]: what each pixel of a row takes of the stored ones, bilinear and antialiased.

    torch's own filter as a matrix: two products with it are as good as torch's interpolation, run on every device, and
    take 0.4 of its time on a CPU.
    """
    rows = torch.eye(stored).view(1, 1, stored, stored)
    resized = functional.interpolate(rows, (side, stored), mode="bilinear", antialias=True, align_corners=False)
    return resized.view(side, stored)
