"""What several processes do of a batch adds up to what one does: labels, losses, norms, evaluations."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.distributed.ranked import on_ranks
from training.config.data import Data
from training.config.schema import TrainingConfig
from training.config.validate import convert
from training.engine.data.batches import Batch, Subset
from training.engine.data.digits import load_digits
from training.engine.data.normalisation import Normalisation
from training.engine.evaluation import evaluate
from training.engine.firing import Firing
from training.engine.models.sync_norm import synchronise_norms
from training.engine.objective import Objective
from training.engine.place import Place
from training.engine.precision import choose_precision
from training.engine.ranks import Ranks, join
from training.errors import RunFailed
from training.optimizers import create_criterion, inverse_frequency

CPU = torch.device("cpu")
LOSSES = ("None", "Auto Class Weights", "Focal Loss")


def subset(ranks: Ranks, images: int, **data: Any) -> Subset:
    samples = load_digits(Data(), None, 0)
    return Subset(samples, torch.arange(images), Normalisation.none(1), CPU, seed=3, data=Data(**data), ranks=ranks)


def columns(batch: Batch) -> list[Tensor]:
    """Images, labels, and with MixUp partners' labels and shares."""
    return [column for column in (batch.images, batch.labels, batch.others, batch.share) if column is not None]


def side_by_side(parts: list[list[Batch]]) -> list[list[Tensor]]:
    """The batches of one process from the parts of all."""
    return [
        [torch.cat(column) for column in zip(*(columns(batch) for batch in of_ranks), strict=True)]
        for of_ranks in zip(*parts, strict=True)
    ]


@pytest.mark.parametrize("data", [{}, {"mixup": 0.4, "augmentation": "light"}, {"sampler": "balanced"}])
def test_the_parts_of_the_ranks_side_by_side_are_the_batches_of_one_process(data: dict[str, Any]) -> None:
    whole = [batch for step in subset(Ranks(), 101, **data).steps(2, 16, accumulate=2) for batch in step]
    parts = [
        [b for step in subset(Ranks(Place(rank, 3, rank, 3)), 101, **data).steps(2, 16, accumulate=2) for b in step]
        for rank in range(3)
    ]
    for together, alone in zip(side_by_side(parts), whole, strict=True):
        for ours, theirs in zip(together, columns(alone), strict=True):
            assert torch.equal(ours, theirs)
    for number, batch in enumerate(whole):
        assert all(torch.equal(rank[number].all_labels.labels, batch.labels) for rank in parts)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("images", [16, 2])
def test_the_losses_of_the_ranks_add_up_to_that_of_one_process(loss: str, images: int) -> None:
    weights = inverse_frequency([1, 5, 3] + [2] * 7)
    objective = Objective(create_criterion(config(loss), weights, CPU))

    def mean(ranks: Ranks) -> Tensor:
        (batch,) = next(subset(ranks, images, mixup=0.3).steps(1, 16))
        return objective.loss(batch.images.flatten(1)[:, :10], batch)

    whole = mean(Ranks())
    assert sum(mean(Ranks(Place(rank, 3, rank, 3))) for rank in range(3)) == pytest.approx(float(whole), rel=1e-5)


def config(loss: str) -> TrainingConfig:
    checked = convert({"class_weights": loss})
    assert checked.config is not None
    return checked.config


def test_a_part_is_contiguous_and_none_is_empty() -> None:
    assert [Ranks(Place(rank, 3)).part((10, 21)) for rank in range(3)] == [((10, 14), 1), ((14, 18), 1), ((18, 21), 1)]
    assert [Ranks(Place(rank, 3)).part((10, 12)) for rank in range(3)] == [((10, 12), 3)] * 3


def evaluated(ranks: Ranks, images: int) -> tuple[float, float, float | None, list[list[int]], int]:
    torch.manual_seed(0)
    units = nn.Linear(64, 100)
    with torch.no_grad():
        units.bias.sub_(0.4)  # so that they fire for few images each
    model = nn.Sequential(nn.Flatten(), units, nn.ReLU(), nn.Linear(100, 10))
    rounds = 0

    def between() -> None:
        nonlocal rounds
        rounds += 1

    objective, precision = Objective(nn.CrossEntropyLoss()), choose_precision("fp32", CPU)
    batches, firing = subset(ranks, images).in_order(8), Firing(model)
    result = evaluate(model, batches, objective, 10, precision, between, ranks, firing)
    return result.loss, result.cross_entropy, result.dead_relu, result.confusion.tolist(), rounds


def normed(ranks: Ranks, images: Tensor) -> list[Tensor]:
    """Output, gradients and statistics of a batch norm with this rank's part of the images."""
    torch.manual_seed(1)
    norm = nn.BatchNorm2d(3)
    with torch.no_grad():
        norm.weight.uniform_(0.5, 2)
    if ranks.several:
        assert synchronise_norms(norm, CPU) == 1
    (first, end), _ = ranks.part((0, len(images)))
    own = images[first:end].clone().requires_grad_()
    out = norm(own)
    (out**3).sum().backward()
    assert own.grad is not None
    assert norm.weight.grad is not None
    assert norm.bias.grad is not None
    ranks.sum_on_host(norm.weight.grad)
    ranks.sum_on_host(norm.bias.grad)
    assert set(norm.state_dict()) == set(nn.BatchNorm2d(3).state_dict())
    kept = [norm.weight.grad, norm.bias.grad, *norm.state_dict().values()]
    # As bytes: what a rank sends must not lie in memory that ends with it.
    return [out.detach(), own.grad, *kept]


def told(ranks: Ranks) -> tuple[list[int], str, str]:
    return ranks.gather(ranks.rank), ranks.tell(f"from {ranks.rank}"), ranks.first_then_all(lambda: "done")


def everything(place: Place, images: Tensor) -> bytes:
    ranks = join(place, CPU)
    return pickle.dumps((evaluated(ranks, 301), evaluated(ranks, 1), normed(ranks, images), told(ranks)))


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(7, 3, 5, 5, generator=torch.Generator().manual_seed(0)) * 3 + 100


@pytest.fixture(scope="module")
def both(images: Tensor) -> list[Any]:
    return [pickle.loads(found) for found in on_ranks(2, everything, images)]


def test_an_evaluation_on_two_ranks_is_that_of_one_and_equal_on_both_to_the_bit(both: list[Any]) -> None:
    for place, count in ((0, 301), (1, 1)):
        alone, first, second = evaluated(Ranks(), count), both[0][place], both[1][place]
        assert first == second
        assert first[:2] == pytest.approx(alone[:2])
        assert first[2:] == alone[2:]


def test_batch_norm_on_two_ranks_is_that_of_the_whole_batch(both: list[Any], images: Tensor) -> None:
    alone = normed(Ranks(), images)
    output, gradient, *rest = both[0][2]
    torch.testing.assert_close(torch.cat((output, both[1][2][0])), alone[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(torch.cat((gradient, both[1][2][1])), alone[1], rtol=1e-3, atol=1e-3)
    for ours, theirs in zip(rest, alone[2:], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_ranks_gather_tell_and_take_turns(both: list[Any]) -> None:
    assert [found[3] for found in both] == [([0, 1], "from 0", "done")] * 2


def test_a_norm_in_evaluation_mode_keeps_its_own_statistics() -> None:
    frozen = nn.BatchNorm2d(3).eval()
    assert synchronise_norms(frozen, CPU) == 0
    assert type(frozen) is nn.BatchNorm2d


def test_an_environment_of_torchrun_that_makes_no_sense_is_an_error() -> None:
    sane = {"TORCHELASTIC_RUN_ID": "x", "RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
    assert Place.here(sane) == Place(1, 2, 1, 2)
    assert Place.here({"RANK": "1", "WORLD_SIZE": "2"}) == Place()
    for name, value in (("RANK", "2"), ("WORLD_SIZE", "two")):
        with pytest.raises(RunFailed, match="torchrun"):
            Place.here({**sane, name: value})
