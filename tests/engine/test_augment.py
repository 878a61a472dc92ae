"""Random changes of training images: what is drawn, and what it does to pixels."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from training.config.data import Data
from training.config.schema import TrainingConfig
from training.engine.data.augment import CHANGES, DRAWS, LEVELS, Level, changes, level_of, stored_side
from training.engine.data.draws import uniforms
from training.engine.data.normalisation import Normalisation
from training.engine.data.rendering import Rendering

CPU = torch.device("cpu")
GENERATOR = torch.Generator().manual_seed(1)
IMAGES = torch.randint(0, 256, (6, 3, 16, 16), dtype=torch.uint8, generator=GENERATOR)
PIXELS = Normalisation.none(3)
PLAIN = Rendering(16, 16, PIXELS, CPU, Level()).plain(IMAGES)
HALF = 0.5
"""The middle of every range: no turn, no shift, no zoom."""


def drawn(count: int = len(IMAGES), **columns: float) -> Tensor:
    """Draws in the middle of their ranges but for these; nothing is mirrored and nothing erased."""
    names = ["mirror", "right", "down", "turn", "zoom", "brightness", "contrast",
             "erase", "area", "aspect", "top", "left"]  # fmt: skip
    draws = torch.full((count, DRAWS), HALF)
    draws[:, names.index("erase")] = 0.999
    for name, value in columns.items():
        draws[:, names.index(name)] = value
    return draws


def rendered(
    level: Level, draws: Tensor, images: Tensor = IMAGES, norm: Normalisation = PIXELS, side: int = 16
) -> Tensor:
    rendering = Rendering(images.shape[-1], side, norm, CPU, level)
    return rendering.changed(images, changes(level, draws, side))


def test_draws_are_spread_evenly_and_know_nothing_of_each_other() -> None:
    rows = torch.arange(20_000)
    draws = uniforms(3, 1, rows, torch.zeros_like(rows), first=0, count=12).double()
    assert draws.min() >= 0
    assert draws.max() < 1
    assert torch.allclose(draws.mean(dim=0), torch.tensor(0.5).double(), atol=0.01)
    assert torch.allclose(draws.var(dim=0), torch.tensor(1 / 12).double(), atol=0.003)
    between_numbers = torch.corrcoef(draws.t()) - torch.eye(12)
    between_rows = torch.corrcoef(torch.stack((draws[:-1, 0], draws[1:, 0])))[0, 1]
    assert between_numbers.abs().max() < 0.03
    assert between_rows.abs() < 0.03


def test_every_seed_epoch_sample_and_occurrence_has_draws_of_its_own() -> None:
    def first(seed: int = 0, epoch: int = 1, row: int = 5, time: int = 0, number: int = 0) -> float:
        return uniforms(seed, epoch, torch.tensor([row]), torch.tensor([time]), first=number, count=1).item()

    others = [first(seed=1), first(epoch=2), first(row=6), first(time=1), first(number=1)]
    assert len({first(), *others}) == 6
    assert first() == first()
    many = uniforms(0, 1, torch.tensor([9, 5]), torch.tensor([0, 0]), first=0, count=3)
    assert many[1, 0] == first()


@pytest.mark.parametrize("level", ["light", "medium", "strong"])
def test_draws_in_the_middle_leave_images_as_they_are(level: str) -> None:
    same = rendered(LEVELS[level], drawn(mirror=0.9))
    assert torch.allclose(same, IMAGES / 255, atol=2e-5)


def test_a_flip_mirrors_left_and_right_only() -> None:
    flipped = rendered(LEVELS["medium"], drawn(mirror=0.1))
    assert torch.allclose(flipped, IMAGES.flip(3) / 255, atol=2e-5)


def test_a_shift_by_whole_pixels_moves_every_pixel_unchanged() -> None:
    moved = rendered(Level(shift=0.125), drawn(right=0.99, down=0.01))
    rolled = torch.roll(PLAIN, (-2, 2), (2, 3))
    assert torch.equal(moved[:, :, :-2, 2:], rolled[:, :, :-2, 2:])


def test_what_comes_in_over_the_edge_is_the_mirror_image() -> None:
    moved = rendered(Level(shift=0.125), drawn(right=0.99))
    assert torch.equal(moved[:, :, :, :2], PLAIN[:, :, :, :2].flip(3))


def test_a_quarter_turn_turns_clockwise() -> None:
    turned = rendered(Level(degrees=90), drawn(turn=1.0))
    assert torch.allclose(turned, torch.rot90(IMAGES / 255, -1, (2, 3)), atol=2e-5)


def test_zooming_in_by_two_shows_the_middle_half() -> None:
    smooth = (torch.arange(16.0) * 10).to(torch.uint8).expand(1, 1, 16, 16)
    zoomed = rendered(Level(zoom=2), drawn(1, zoom=1.0), smooth, Normalisation.none(1)) * 255
    middle = (torch.arange(16.0) + 0.5) / 2 + 4 - 0.5
    assert torch.allclose(zoomed[0, 0, 3], middle * 10, atol=1e-3)


def test_brightness_and_contrast_stay_within_their_bounds_and_turn_about_the_mean() -> None:
    norm = Normalisation((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
    mean = torch.tensor(norm.mean).view(1, 3, 1, 1)
    std = torch.tensor(norm.std).view(1, 3, 1, 1)
    plain = Rendering(16, 16, norm, CPU, Level()).plain(IMAGES)
    assert torch.allclose(plain, (IMAGES / 255 - mean) / std, atol=1e-5)
    brighter = rendered(Level(tone=0.2), drawn(brightness=1.0), norm=norm)
    assert torch.allclose(brighter, plain + 0.2 / std, atol=1e-5)
    flatter = rendered(Level(tone=0.2), drawn(contrast=0.0), norm=norm)
    assert torch.allclose(flatter, plain * 0.8, atol=1e-5)


def test_the_erased_part_is_as_large_as_the_paper_has_it_and_half_of_the_images_have_one() -> None:
    rows = torch.arange(4000)
    draws = uniforms(0, 1, rows, torch.zeros_like(rows), first=0, count=DRAWS)
    top, bottom, left, right = changes(LEVELS["strong"], draws, 32)[:, 8:].unbind(dim=1)
    area = (bottom - top) * (right - left) / 32**2
    assert (area > 0).float().mean().item() == pytest.approx(0.5, abs=0.03)
    assert area[area > 0].min() > 0.01
    assert area.max() < 0.25
    assert min(top.min(), left.min()) >= 0
    assert max(bottom.max(), right.max()) <= 32


def test_an_erased_rectangle_is_the_mean_and_nothing_else_is_touched() -> None:
    white = torch.full((1, 1, 10, 10), 255, dtype=torch.uint8)
    one = torch.zeros(1, CHANGES)
    one[0, [0, 3, 6]] = 1  # as it is
    one[0, 8:] = torch.tensor([2, 5, 1, 9])
    seen = Rendering(10, 10, Normalisation((0.5,), (0.5,)), CPU, Level(erase=1)).changed(white, one)
    expected = torch.ones(1, 1, 10, 10)
    expected[:, :, 2:5, 1:9] = 0
    assert torch.allclose(seen, expected)


def test_a_grey_image_is_given_to_a_model_for_three_channels_thrice() -> None:
    grey = IMAGES[:, :1]
    norm = Normalisation((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
    for rendering in (Rendering(16, 16, norm, CPU, level) for level in (Level(), LEVELS["light"])):
        expected = (grey / 255 - torch.tensor(norm.mean).view(1, 3, 1, 1)) / torch.tensor(norm.std).view(1, 3, 1, 1)
        assert torch.allclose(rendering.plain(grey), expected, atol=1e-5)
        assert rendering.changed(grey, changes(LEVELS["light"], drawn(), 16)).shape == (6, 3, 16, 16)


@pytest.mark.parametrize("side", [12, 16, 40])
def test_images_that_are_not_augmented_are_resized_like_torch_does(side: int) -> None:
    plain = Rendering(16, side, PIXELS, CPU, Level()).plain(IMAGES)
    torchs = torch.nn.functional.interpolate(IMAGES / 255, (side, side), mode="bilinear", antialias=True)
    assert torch.allclose(plain, torchs, atol=1e-5)


@pytest.mark.parametrize(
    ("data", "flip"),
    [
        ({"augmentation": "light", "source": "folder"}, False),
        ({"augmentation": "medium", "source": "folder"}, True),
        ({"augmentation": "strong", "source": "manifest"}, True),
        ({"augmentation": "strong", "source": "byteplot"}, False),
        ({"augmentation": "strong", "source": "digits"}, False),
    ],
)
def test_only_what_may_be_mirrored_is(data: dict[str, Any], flip: bool) -> None:
    assert level_of(msgspec.convert(data, Data)).flip is flip


def test_images_are_stored_larger_only_where_augmentation_zooms() -> None:
    def stored(level: str, source: str = "folder") -> int:
        return stored_side(msgspec.convert({"data": {"augmentation": level, "source": source}}, TrainingConfig), 64)

    sides = {level: stored(level) for level in LEVELS}
    assert sides == {"none": 64, "light": 64, "medium": 72, "strong": 80}
    assert stored("strong", "digits") == 64
