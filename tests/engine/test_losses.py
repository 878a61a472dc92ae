"""The guide's losses (guide, section 6) against references in float64."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.engine.data.batches import Batch
from training.engine.objective import Objective
from training.errors import InvalidInput
from training.optimizers import FocalLoss, create_criterion, inverse_frequency

COUNTS = [50, 30, 15, 5]
WEIGHTED = TrainingConfig(class_weights="Auto Class Weights")
FOCAL = TrainingConfig(class_weights="Focal Loss")


def batch(size: int = 40, scale: float = 3.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(7)
    logits = torch.randn(size, 4, generator=generator) * scale
    return logits, torch.randint(0, 4, (size,), generator=generator)


def of_labels(targets: Tensor) -> Batch:
    """A batch whose images do not matter."""
    return Batch(torch.empty(0), targets)


def probabilities(logits: Tensor, targets: Tensor) -> list[float]:
    """Of the true classes, in float64 by the definition of softmax."""
    rows = [[math.exp(x - max(row)) for x in row] for row in logits.double().tolist()]
    return [row[target] / sum(row) for row, target in zip(rows, targets.tolist(), strict=True)]


def focal_reference(logits: Tensor, targets: Tensor, alpha: list[float], gamma: float) -> list[float]:
    return [
        alpha[target] * (1 - p) ** gamma * -math.log(p)
        for p, target in zip(probabilities(logits, targets), targets.tolist(), strict=True)
    ]


def test_class_weights_are_inverse_frequencies_with_mean_one_over_the_samples() -> None:
    weights = inverse_frequency(COUNTS)
    assert weights.tolist() == pytest.approx([100 / (4 * count) for count in COUNTS])
    assert sum(w * n for w, n in zip(weights.tolist(), COUNTS, strict=True)) / 100 == pytest.approx(1.0)


def test_a_class_without_samples_has_no_weight() -> None:
    with pytest.raises(InvalidInput, match="every class"):
        inverse_frequency([3, 0])


def test_the_plain_loss_is_cross_entropy() -> None:
    logits, targets = batch()
    expected = sum(-math.log(p) for p in probabilities(logits, targets)) / len(targets)
    assert create_criterion(TrainingConfig())(logits, targets).item() == pytest.approx(expected, rel=1e-5)


def test_the_weighted_loss_is_a_weighted_mean_of_cross_entropies() -> None:
    logits, targets = batch()
    weights = inverse_frequency(COUNTS)
    each = [weights[t].item() for t in targets]
    losses = [w * -math.log(p) for w, p in zip(each, probabilities(logits, targets), strict=True)]
    value = create_criterion(WEIGHTED, weights)(logits, targets).item()
    assert value == pytest.approx(sum(losses) / sum(each), rel=1e-5)


def test_the_weighted_loss_without_weights_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one weight a class"):
        create_criterion(WEIGHTED)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_the_focal_loss_matches_its_definition(gamma: float) -> None:
    logits, targets = batch()
    alpha = inverse_frequency(COUNTS)
    expected = focal_reference(logits, targets, alpha.tolist(), gamma)
    value = FocalLoss(alpha, gamma, reduction="none")(logits, targets)
    assert value.tolist() == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_the_focus_comes_from_the_unweighted_probability() -> None:
    logits, targets = batch(scale=0.7)
    alpha = inverse_frequency(COUNTS).tolist()
    right = focal_reference(logits, targets, alpha, 2.0)
    # The known mistake: p = exp(−alpha·CE), so that the class weights bend the focus.
    mistaken = [
        (1 - math.exp(alpha[t] * math.log(p))) ** 2 * alpha[t] * -math.log(p)
        for p, t in zip(probabilities(logits, targets), targets.tolist(), strict=True)
    ]
    value = create_criterion(FOCAL, alpha)(logits, targets).item()
    assert value == pytest.approx(sum(right) / len(right), rel=1e-5)
    assert value != pytest.approx(sum(mistaken) / len(mistaken), rel=0.05)


def test_the_focal_loss_takes_its_gamma_from_the_config() -> None:
    criterion = create_criterion({"class_weights": "Focal Loss", "optimization": {"focal_gamma": 3.5}})
    assert isinstance(criterion, FocalLoss)
    assert criterion.gamma == 3.5


def test_reductions_are_mean_over_the_samples_sum_and_none() -> None:
    logits, targets = batch()
    each = FocalLoss(reduction="none")(logits, targets)
    assert each.shape == (40,)
    assert FocalLoss(reduction="sum")(logits, targets).item() == pytest.approx(each.sum().item())
    assert FocalLoss()(logits, targets).item() == pytest.approx(each.mean().item())
    with pytest.raises(InvalidInput, match="reduction"):
        FocalLoss(reduction="median")  # type: ignore[arg-type]


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("size", [0.0, 50.0, 1e4])
def test_extreme_logits_keep_loss_and_gradient_finite(gamma: float, size: float) -> None:
    logits = torch.tensor([[size, -size], [-size, size], [0.0, 0.0]], requires_grad=True)
    loss = FocalLoss(gamma=gamma)(logits, torch.tensor([0, 0, 1]))
    loss.backward()
    assert math.isfinite(loss.item())
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("config", [TrainingConfig(), WEIGHTED, FOCAL], ids=lambda config: config.class_weights)
def test_sums_over_uneven_batches_give_the_loss_of_the_whole_set(config: TrainingConfig) -> None:
    logits, targets = batch(size=37)
    criterion = create_criterion(config, inverse_frequency(COUNTS))
    objective = Objective(criterion)
    parts = [objective.sums(logits[i : i + 8], of_labels(targets[i : i + 8])) for i in range(0, 37, 8)]
    loss, size, plain = (sum(column).item() for column in zip(*parts, strict=True))
    assert loss / size == pytest.approx(criterion(logits, targets).item(), rel=1e-5)
    assert plain / 37 == pytest.approx(create_criterion(TrainingConfig())(logits, targets).item(), rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("config", [TrainingConfig(), WEIGHTED, FOCAL], ids=lambda config: config.class_weights)
def test_the_parts_of_an_accumulated_step_add_up_to_the_loss_of_its_whole_batch(
    config: TrainingConfig, smoothing: float
) -> None:
    config = apply(config, {"optimization.label_smoothing": smoothing})
    logits, targets = batch(size=37)
    criterion = create_criterion(config, inverse_frequency(COUNTS))
    objective = Objective(criterion)
    parts = [(logits[i : i + 8], of_labels(targets[i : i + 8])) for i in range(0, 37, 8)]
    size = objective.size([part for _, part in parts])
    whole = sum(objective.loss(some, part, size).item() for some, part in parts)
    assert whole == pytest.approx(criterion(logits, targets).item(), rel=1e-5)
    assert objective.loss(logits, of_labels(targets)).item() == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("config", [TrainingConfig(), WEIGHTED, FOCAL], ids=lambda config: config.class_weights)
def test_a_mixed_image_shares_its_loss_between_its_two_labels(config: TrainingConfig) -> None:
    logits, targets = batch(size=12)
    others, share = targets.flip(0), torch.linspace(0.1, 0.9, 12)
    weights = inverse_frequency(COUNTS).double()
    objective = Objective(create_criterion(config, inverse_frequency(COUNTS)))
    mixed = Batch(logits, targets, others, share)
    found = objective.loss(logits, mixed).item()

    log_p = logits.double().log_softmax(dim=1)
    total = size = 0.0
    for row in range(12):
        for label, part in ((targets[row], share[row].item()), (others[row], 1 - share[row].item())):
            loss, p = -log_p[row, label].item(), log_p[row, label].exp().item()
            weight = 1.0 if config.class_weights == "None" else weights[label].item()
            total += part * weight * loss * ((1 - p) ** 2 if config.class_weights == "Focal Loss" else 1)
            size += part * (weight if config.class_weights == "Auto Class Weights" else 1)
    assert found == pytest.approx(total / size, rel=1e-5)


def test_smoothed_labels_give_the_other_classes_their_share() -> None:
    logits, targets = batch(size=20)
    smooth = create_criterion({"optimization": {"label_smoothing": 0.2}})(logits, targets).item()
    log_p = logits.double().log_softmax(dim=1)
    own = log_p.gather(1, targets[:, None]).mean().item()
    assert smooth == pytest.approx(-(0.8 * own + 0.2 * log_p.mean().item()), rel=1e-5)


def test_the_chance_loss_is_this_loss_for_a_uniform_prediction() -> None:
    weights = inverse_frequency(COUNTS)
    targets = torch.cat([torch.full((count,), label) for label, count in enumerate(COUNTS)])
    for config in (TrainingConfig(), WEIGHTED, FOCAL):
        criterion = create_criterion(config, weights)
        chance = Objective(criterion).of_chance(COUNTS, torch.device("cpu"))
        assert chance == pytest.approx(criterion(torch.zeros(100, 4), targets).item(), rel=1e-5)
    assert chance == pytest.approx((1 - 1 / 4) ** 2 * math.log(4), rel=1e-5)
