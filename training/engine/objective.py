"""The training loss, and the sums from which its mean over any number of batches is made."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.optimizers import FocalLoss


class Objective:
    """A criterion of create_criterion.

    Its mean over a whole set is not the mean of its batches' means where batches weigh differently (a short last batch,
    a weighted cross-entropy): `sums` gives numerator and denominator, whose totals give the mean over all.
    """

    def __init__(self, criterion: nn.CrossEntropyLoss | FocalLoss) -> None:
        self._criterion = criterion

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of a batch: logits [N, K], class indices [N]."""
        loss: Tensor = self._criterion(logits, targets)
        return loss

    def sums(self, logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scalars on the device: sum of losses, what to divide it by, and sum of the plain cross-entropy."""
        plain = functional.cross_entropy(logits, targets, reduction="none")
        size = torch.full((), float(len(targets)), device=logits.device)
        if isinstance(self._criterion, FocalLoss):
            return self._criterion(logits, targets) * len(targets), size, plain.sum()
        weight = self._criterion.weight
        if weight is None:
            return plain.sum(), size, plain.sum()
        weights = weight[targets]
        return (weights * plain).sum(), weights.sum(), plain.sum()

    def of_chance(self, counts: Sequence[int], device: torch.device) -> float:
        """This loss for a uniform prediction, on samples with these class counts."""
        classes = len(counts)
        logits = torch.zeros(classes, classes, device=device)
        rows = [self.sums(logits[c : c + 1], torch.tensor([c], device=device)) for c in range(classes)]
        pairs = torch.stack([torch.stack(row[:2]) for row in rows]).tolist()
        weighted = sum(count * loss for count, (loss, _) in zip(counts, pairs, strict=True))
        return float(weighted / sum(count * size for count, (_, size) in zip(counts, pairs, strict=True)))
