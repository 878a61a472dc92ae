"""Samples and batches: the digits, normalisation, order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.config.data import Data
from training.config.schema import Runtime
from training.devices.cores import available_cores
from training.engine.data import batches
from training.engine.data.batches import Subset, batch_bounds
from training.engine.data.digits import load_digits
from training.engine.data.normalisation import Normalisation
from training.engine.data.samples import Memory, Samples
from training.engine.device import MULTIPLY_ADDS_A_THREAD, choose_threads
from training.engine.facts import SEEN, of_inputs
from training.engine.place import Place
from training.engine.ranks import Ranks

CPU = torch.device("cpu")


def digits(**settings: Any) -> Samples:
    return load_digits(msgspec.convert(settings, Data))


def pixels(samples: Samples) -> torch.Tensor:
    assert isinstance(samples.store, Memory)
    return samples.store.images


def subset(samples: Samples, rows: torch.Tensor | None = None, seed: int = 0) -> Subset:
    rows = torch.arange(len(samples.ids)) if rows is None else rows
    return Subset(samples, rows, Normalisation.of(pixels(samples), rows), CPU, seed=seed)


def test_the_digits_are_all_there() -> None:
    samples = digits()
    assert pixels(samples).shape == (1797, 1, 8, 8)
    assert (int(pixels(samples).min()), int(pixels(samples).max())) == (0, 255)
    counts = torch.bincount(samples.labels).tolist()
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_digits_come_in_any_size_and_in_rgb() -> None:
    samples = digits(image_size=16, color="rgb")
    assert pixels(samples).shape == (1797, 3, 16, 16)
    assert torch.equal(pixels(samples)[:, 0], pixels(samples)[:, 2])
    assert digits().fingerprint == samples.fingerprint


def test_a_subset_of_the_digits_has_its_share_of_each_class_and_a_fingerprint_of_its_own() -> None:
    part, same = digits(subset=10), digits(subset=10)
    counts = torch.bincount(part.labels[list(part.row_of.values())]).tolist()
    assert counts == [18, 18, 18, 18, 18, 18, 18, 18, 17, 18]
    assert part.ids == same.ids
    assert part.fingerprint == same.fingerprint != digits().fingerprint
    other = load_digits(msgspec.convert({"subset": 10}, Data), seed=1)
    assert other.ids != part.ids
    assert other.fingerprint != part.fingerprint


def test_normalised_images_have_mean_zero_and_deviation_one_on_the_training_side() -> None:
    samples = digits()
    rows = torch.arange(0, 1797, 2)
    images = torch.cat([images for images, *_ in subset(samples, rows).in_order(64)])
    assert images.mean().item() == pytest.approx(0, abs=1e-5)
    assert images.std(correction=0).item() == pytest.approx(1, abs=1e-5)


def test_without_normalisation_pixels_lie_between_zero_and_one() -> None:
    samples = digits()
    side = Subset(samples, torch.arange(1797), Normalisation.none(1), CPU, seed=0)
    images, *_ = next(side.in_order(2000))
    assert (images.min().item(), images.max().item()) == (0, 1)


def test_normalisation_looks_at_its_rows_and_at_all_of_them() -> None:
    images = torch.randint(0, 256, (50, 3, 6, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    rows = torch.arange(0, 50, 3)
    exact = (images[rows].double() / 255).transpose(0, 1).flatten(1)
    for normalisation in (Normalisation.of(images, rows), Normalisation.measured(Memory(images), rows)):
        assert normalisation.mean == pytest.approx(exact.mean(dim=1).tolist())
        assert normalisation.std == pytest.approx(exact.std(dim=1, correction=0).tolist())


def test_images_of_a_single_grey_do_not_divide_by_zero() -> None:
    images = torch.full((4, 1, 2, 2), 7, dtype=torch.uint8)
    assert Normalisation.of(images, torch.arange(4)).std == (1.0,)


def test_an_epoch_holds_every_sample_once_in_an_order_of_its_own() -> None:
    side = subset(digits())
    labels = [torch.cat([batch.labels for (batch,) in side.steps(epoch, 100)]) for epoch in (1, 1, 2)]
    assert torch.equal(labels[0], labels[1])
    assert not torch.equal(labels[0], labels[2])
    assert torch.equal(labels[0].bincount(), side.labels.bincount())


def test_an_epoch_can_be_entered_at_any_batch() -> None:
    side = subset(digits())
    whole = [batch.labels for (batch,) in side.steps(3, 100)]
    rest = [batch.labels for (batch,) in side.steps(3, 100, start=5)]
    assert all(torch.equal(a, b) for a, b in zip(whole[5:], rest, strict=True))


@given(count=st.integers(2, 300), size=st.integers(1, 64))
def test_batches_cover_everything_and_no_last_one_is_alone(count: int, size: int) -> None:
    bounds = batch_bounds(count, size)
    assert [i for first, end in bounds for i in range(first, end)] == list(range(count))
    lengths = [end - first for first, end in bounds]
    assert all(length == size for length in lengths[:-1])
    assert size == 1 or count == 1 or lengths[-1] > 1


def test_small_steps_get_one_thread_and_large_ones_the_cores_that_are_worth_it() -> None:
    cores = available_cores()
    assert choose_threads(Runtime(), 11_000_000, CPU)[0] == 1
    assert choose_threads(Runtime(), 1000 * MULTIPLY_ADDS_A_THREAD, CPU)[0] == cores
    assert choose_threads(Runtime(threads=3), 11_000_000, CPU)[0] == 3


def test_batches_are_copied_ahead_only_from_pinned_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """MPS would read the source of the copy after it was given back."""
    ahead: list[bool] = []
    original = torch.Tensor.to

    def to(tensor: torch.Tensor, *more: Any, **how: Any) -> torch.Tensor:
        ahead.append(how.get("non_blocking", False))
        return original(tensor, *more, **how)

    monkeypatch.setattr(torch.Tensor, "to", to)
    next(subset(digits()).steps(1, 32))
    assert ahead
    assert not any(ahead)


@pytest.mark.parametrize("rank", [0, 1])
def test_some_images_are_seen_as_they_are_evaluated_the_same_ones_on_every_rank(rank: int) -> None:
    samples, rows = digits(image_size=16), torch.arange(300)
    normalisation = Normalisation.of(pixels(samples), rows)
    own = Subset(samples, rows, normalisation, CPU, seed=7, ranks=Ranks(Place(rank, 2, rank, 2)))
    evaluated = torch.cat([batch.images for batch in subset(samples, rows, seed=7).some(40, 8)])
    assert torch.equal(torch.cat(list(own.seen(40))), evaluated)
    assert sum(len(images) for images in own.seen(1000)) == 300


def test_the_values_of_inputs_are_those_of_all_parts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = subset(digits())
    at_once = of_inputs(whole)
    monkeypatch.setattr(batches, "EVALUATION_VALUES", 64 * 7)
    assert len(list(whole.seen(SEEN))) > 8
    assert of_inputs(whole) == pytest.approx(at_once, rel=1e-4, abs=1e-6)
    images = torch.cat(list(whole.seen(SEEN)))
    expected = {"min": images.min(), "max": images.max(), "mean": images.mean(), "std": images.std(correction=0)}
    assert at_once == pytest.approx({f"input_{name}": float(value) for name, value in expected.items()}, abs=1e-5)
