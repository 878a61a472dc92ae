"""The vision transformer from scratch."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from training.config.data import Data
from training.config.model import Model
from training.engine.data.digits import load_digits
from training.engine.data.samples import Memory
from training.engine.models.size import count_parameters, multiply_adds
from training.engine.models.vit import VisionTransformer, build_vit
from training.errors import InvalidInput

SMALL = {"kind": "vit", "patch_size": 2, "depth": 2, "heads": 2, "width": 8, "dropout": 0.0}


def vit(shape: tuple[int, int, int] = (3, 8, 8), **change: Any) -> VisionTransformer:
    return build_vit(msgspec.convert({**SMALL, **change}, Model), shape, 5)


def test_its_size_is_what_the_config_says() -> None:
    net = vit()
    block = 2 * 16 + (8 * 24 + 24) + (8 * 8 + 8) + (8 * 32 + 32) + (32 * 8 + 8)
    assert count_parameters(net) == (12 * 8 + 8) + 16 * 8 + 2 * block + 16 + (8 * 5 + 5)
    attention = 2 * 16 * 16 * 8  # every patch with every other: scores, then values
    linear = 16 * (8 * 24 + 8 * 8 + 2 * 8 * 32)
    assert multiply_adds(net, (3, 8, 8)) == 16 * 12 * 8 + 2 * (linear + attention) + 8 * 5


def test_where_a_patch_lies_makes_a_difference() -> None:
    torch.manual_seed(0)
    net = vit().eval()
    corner = torch.zeros(2, 3, 8, 8)
    corner[0, :, :2, :2] = corner[1, :, 2:4, 4:6] = 1
    first, second = net(corner)
    assert not torch.allclose(first, second, atol=1e-3)


def test_dropout_is_everywhere_and_off_in_evaluation() -> None:
    net = vit(dropout=0.5)
    image = torch.randn(1, 3, 8, 8)
    assert not torch.equal(net.train()(image), net(image))
    assert torch.equal(net.eval()(image), net(image))


def test_patches_that_do_not_fill_the_image_are_refused() -> None:
    with pytest.raises(InvalidInput, match="patches of 3 pixels do not fill an image of 8×8"):
        vit(patch_size=3)


def test_it_learns_the_digits() -> None:
    torch.manual_seed(0)
    samples = load_digits(Data())
    assert isinstance(samples.store, Memory)
    images = samples.store.images.float().div(255).sub(0.3).div(0.37)
    order = torch.randperm(len(images))
    training, validation = order[:1437], order[1437:]
    net = vit((1, 8, 8), depth=4, heads=4, width=64, dropout=0.1)
    net.head = nn.Linear(64, 10)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-3, total_steps=6 * 45)  # with a warm-up
    for _ in range(6):
        for rows in torch.split(training[torch.randperm(len(training))], 32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(images[rows]), samples.labels[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        said = net.eval()(images[validation]).argmax(dim=1)
    assert (said == samples.labels[validation]).float().mean() > 0.95
