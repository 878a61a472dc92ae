"""The training loss, and the sums from which its mean over any number of batches is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.engine.data.batches import Batch, Labels
from training.optimizers import FocalLoss


class Sums(NamedTuple):
    """Scalars on the device."""

    loss: Tensor
    size: Tensor
    """What to divide the sum of losses by."""
    cross_entropy: Tensor
    """Plain, summed over the images."""


class Objective:
    """A criterion of create_criterion, normalised over as many batches as belong together.

    Its mean over a whole set, or over the batches of one step, is not the mean of the batches' means where they weigh
    differently (a short last batch, a weighted cross-entropy). So sums are divided by the total: of the images, or of
    their weights.
    """

    def __init__(self, criterion: nn.CrossEntropyLoss | FocalLoss) -> None:
        self._criterion = criterion
        self._weights = criterion.weight if isinstance(criterion, nn.CrossEntropyLoss) else None

    def size(self, batches: Sequence[Batch]) -> Tensor | int:
        """What the losses of these batches are divided by to make a mean; of several ranks' parts the same on all."""
        if self._weights is None:
            return sum(len(batch.all_labels.labels) for batch in batches)
        sizes = [self._size_of(batch.all_labels) for batch in batches]
        return sizes[0] if len(sizes) == 1 else torch.stack(sizes).sum()

    def loss(self, logits: Tensor, batch: Batch, size: Tensor | int | None = None) -> Tensor:
        """This batch's part of the mean loss of a step: logits [N, K]; the parts of all its batches add up to it.

        Without a `size` the batch is the whole step, which saves the kernels of the division. Where several ranks have
        a part of the batch, theirs add up to it too.
        """
        logits = logits.float()
        if size is None:
            if batch.others is None and batch.whole is None:
                return self._losses(logits, batch.labels, "mean")
            size = self.size([batch])
        loss = self._sum_of(logits, batch) / size
        return loss if batch.copies == 1 else loss / batch.copies

    def sums(self, logits: Tensor, batch: Batch) -> Sums:
        """Of an evaluation batch, which is never mixed."""
        logits = logits.float()
        size = self.size([batch])
        plain = functional.cross_entropy(logits, batch.labels, reduction="sum")
        as_tensor = size if isinstance(size, Tensor) else torch.full((), float(size), device=logits.device)
        return Sums(self._sum_of(logits, batch), as_tensor, plain)

    def of_chance(self, counts: Sequence[int], device: torch.device) -> float:
        """This loss for a uniform prediction, on samples with these class counts."""
        classes = len(counts)
        logits = torch.zeros(1, classes, device=device)
        rows = [self.sums(logits, Batch(logits, torch.tensor([label], device=device))) for label in range(classes)]
        pairs = torch.stack([torch.stack((row.loss, row.size)) for row in rows]).tolist()
        weighted = sum(count * loss for count, (loss, _) in zip(counts, pairs, strict=True))
        return float(weighted / sum(count * size for count, (_, size) in zip(counts, pairs, strict=True)))

    def _size_of(self, images: Labels) -> Tensor:
        assert self._weights is not None
        own = self._weights[images.labels]
        if images.others is None or images.share is None:
            return own.sum()
        return (images.share * own + (1 - images.share) * self._weights[images.others]).sum()

    def _sum_of(self, logits: Tensor, batch: Batch) -> Tensor:
        """With MixUp, each image's loss is shared between its two labels (Zhang et al. 2018)."""
        if batch.others is None or batch.share is None:
            return self._losses(logits, batch.labels, "sum")
        own = self._losses(logits, batch.labels, "none")
        other = self._losses(logits, batch.others, "none")
        return (batch.share * own + (1 - batch.share) * other).sum()

    def _losses(self, logits: Tensor, targets: Tensor, reduction: str) -> Tensor:
        criterion = self._criterion
        if isinstance(criterion, FocalLoss):
            losses = criterion.of_each(logits, targets)
            return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()
        return functional.cross_entropy(
            logits, targets, self._weights, reduction=reduction, label_smoothing=criterion.label_smoothing
        )
