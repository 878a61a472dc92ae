"""An epoch of training: its order, its changes and its blends depend on (seed, epoch, sample) and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from training.config.data import Data
from training.engine.data import epoch as epochs
from training.engine.data.ahead import made_ahead
from training.engine.data.batches import Batch, Subset
from training.engine.data.mixing import partners, shares
from training.engine.data.normalisation import Normalisation
from training.engine.data.order import balanced, times_before
from training.engine.data.samples import Memory, Samples

CPU = torch.device("cpu")
SIZES = (90, 25, 5)
"""Images of each class."""


def samples(side: int = 20) -> Samples:
    generator = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (sum(SIZES), 3, side, side), dtype=torch.uint8, generator=generator)
    labels = torch.arange(len(SIZES)).repeat_interleave(torch.tensor(SIZES))
    return Samples(Memory(images), labels, {row: row for row in range(len(labels))}, ("a", "b", "c"), "made")


def subset(seed: int = 0, side: int = 16, **data: Any) -> Subset:
    config = msgspec.convert({"source": "folder", **data}, Data)
    rows = torch.arange(sum(SIZES))
    return Subset(samples(), rows, Normalisation((0.5,) * 3, (0.25,) * 3), CPU, seed=seed, data=config, side=side)


def flat(steps: Iterator[tuple[Batch, ...]]) -> list[Tensor | None]:
    """All images, labels, partners' labels and shares of the steps, one after the other."""
    batches = [(b.images, b.labels, b.others, b.share) for step in steps for b in step]
    columns: list[Tensor | None] = []
    for column in zip(*batches, strict=True):
        columns.append(None if column[0] is None else torch.cat([part for part in column if part is not None]))
    return columns


def equal(a: list[Tensor | None], b: list[Tensor | None]) -> bool:
    return all(
        one is other if one is None or other is None else torch.equal(one, other)
        for one, other in zip(a, b, strict=True)
    )


ALL: list[dict[str, Any]] = [
    {"augmentation": "light", "side": 20},
    {"augmentation": "medium"},
    {"augmentation": "strong", "mixup": 0.4, "sampler": "balanced"},
]


@pytest.mark.parametrize("data", ALL)
def test_batch_size_accumulation_and_start_change_no_bit_of_an_image(
    data: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    side = subset(**data)
    whole = flat(side.steps(2, 40))
    assert equal(whole, flat(side.steps(2, 7)))
    assert equal(whole, flat(side.steps(2, 10, accumulate=3)))
    rest = flat(side.steps(2, 8, start=5))
    assert equal([None if column is None else column[40:] for column in whole], rest)
    monkeypatch.setattr(epochs, "WINDOW", 16)
    assert equal(whole, flat(side.steps(2, 7)))


@pytest.mark.parametrize("data", ALL)
def test_another_seed_or_epoch_changes_them(data: dict[str, Any]) -> None:
    whole = flat(subset(**data).steps(2, 40))
    assert not equal(whole, flat(subset(**data).steps(3, 40)))
    assert not equal(whole, flat(subset(1, **data).steps(2, 40)))
    assert equal(whole, flat(subset(**data).steps(2, 40)))


def test_evaluation_shows_the_training_images_as_they_are() -> None:
    augmented = subset(augmentation="strong", mixup=1.0, sampler="balanced")
    plain = Subset(samples(), augmented.rows, Normalisation((0.5,) * 3, (0.25,) * 3), CPU, seed=0, side=16)
    pairs = [
        *zip(augmented.in_order(32), plain.in_order(32), strict=True),
        *zip(augmented.some(50, 32), plain.some(50, 32), strict=True),
    ]
    assert all(torch.equal(a.images, b.images) and a.share is None for a, b in pairs)
    assert augmented.shape == (3, 16, 16)


def test_a_balanced_epoch_is_as_long_as_the_data_and_shows_all_classes_equally_often() -> None:
    side = subset(sampler="balanced")
    epoch = flat(side.steps(1, 32))[1]
    assert epoch is not None
    assert torch.bincount(epoch).tolist() == [40, 40, 40]
    uneven = balanced(torch.tensor([0] * 7 + [2] * 4), seed=0, epoch=1)
    assert sorted(torch.bincount((uneven >= 7).long()).tolist()) == [5, 6]


def test_a_balanced_epoch_repeats_the_images_of_a_class_evenly() -> None:
    labels = samples().labels
    counts = torch.bincount(balanced(labels, seed=3, epoch=1), minlength=len(labels))
    for label in range(3):
        of_class = counts[labels == label]
        assert of_class.max() - of_class.min() <= 1
    assert not torch.equal(balanced(labels, seed=3, epoch=1), balanced(labels, seed=3, epoch=2))


def test_an_image_that_comes_again_in_an_epoch_is_changed_anew() -> None:
    assert times_before(torch.tensor([7, 3, 7, 7, 3, 1])).tolist() == [0, 0, 1, 2, 1, 0]
    images, labels, *_ = flat(subset(sampler="balanced", augmentation="light").steps(1, 32))
    assert images is not None
    assert labels is not None
    rare = images[labels == 2]
    assert len(rare) == 40
    assert len({tuple(image.flatten().tolist()) for image in rare}) == 40


def test_mixup_blends_each_image_with_the_partner_whose_label_it_names() -> None:
    mixed = flat(subset(side=20, mixup=0.4).steps(1, 40))
    plain = flat(subset(side=20).steps(1, 40))
    images, labels, others, share = mixed
    assert images is not None
    assert others is not None
    assert share is not None
    assert plain[0] is not None
    assert equal([labels], [plain[1]])
    assert share.dtype == torch.float32
    partner = (images - share.view(-1, 1, 1, 1) * plain[0]) / (1 - share.view(-1, 1, 1, 1))
    known = samples()
    clear = (share < 0.5).nonzero().flatten()[:20]
    stored = (known.store.images / 255 - 0.5) / 0.25  # type: ignore[attr-defined]
    for place in clear.tolist():
        row = int((stored - partner[place]).abs().flatten(1).max(dim=1).values.argmin())
        assert torch.allclose(stored[row], partner[place], atol=1e-4)
        assert known.labels[row] == others[place]


def test_nobody_is_blended_with_itself_and_all_are_as_likely() -> None:
    draws = torch.rand(5000, generator=torch.Generator().manual_seed(0))
    chosen = partners(draws)
    assert not (chosen == torch.arange(5000)).any()
    assert chosen.double().mean().item() == pytest.approx(2500, abs=100)
    assert partners(torch.zeros(1)).tolist() == [0]


@pytest.mark.parametrize("a", [0.05, 0.2, 1.0, 2.5, 10.0])
def test_shares_follow_the_beta_distribution(a: float) -> None:
    """Mean 1/2, variance 1 / (4 (2a + 1)), and the fourth central moment that goes with them."""
    share = shares((torch.arange(20_000) + 0.5) / 20_000, a).double()
    assert share.min() >= 0
    assert share.max() <= 1
    assert (share.diff() >= 0).all()
    variance = 1 / (4 * (2 * a + 1))
    assert share.mean().item() == pytest.approx(0.5, abs=1e-4)
    assert share.var().item() == pytest.approx(variance, rel=5e-3)
    excess = -6 / (2 * a + 3)
    assert ((share - 0.5) ** 4).mean().item() == pytest.approx((3 + excess) * variance**2, rel=2e-2)


def test_work_done_ahead_comes_in_order_and_no_further_ahead_than_wanted() -> None:
    begun: list[int] = []
    work: Callable[[int], int] = partial(lambda seen, part: seen.append(part) or part * part, begun)
    results = made_ahead(work, iter(range(20)), depth=2)
    assert next(results) == 0
    assert len(begun) <= 3
    assert list(results) == [part * part for part in range(1, 20)]


def test_an_error_in_work_done_ahead_is_raised_where_its_result_is_wanted() -> None:
    results = made_ahead(lambda part: 6 // part, [3, 2, 0])
    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)
