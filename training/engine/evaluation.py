"""What the model does on samples that it is not being trained on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.engine.data.batches import Batch
from training.engine.objective import Objective
from training.engine.precision import Precision


@dataclass(frozen=True)
class Evaluation:
    """Means over all samples seen."""

    loss: float
    """Of the training loss, weighted as that is."""
    cross_entropy: float
    """Plain, so that runs with different losses can be compared."""
    confusion: Tensor
    """[K, K], int64, on the CPU: samples of the class of the row that were taken for that of the column."""

    @property
    def accuracy(self) -> float:
        return int(self.confusion.diagonal().sum()) / int(self.confusion.sum())

    @property
    def macro_f1(self) -> float:
        """Mean over the classes of the harmonic mean of precision and recall; classes without a sample are left out."""
        there = self.confusion.sum(dim=1) > 0
        return float(self.scores()[2][there].mean())

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Precision, recall and F1 of each class, float64 [K]; 0 where there is nothing to divide by."""
        hits = self.confusion.diagonal().double()
        there, said = self.confusion.sum(dim=1), self.confusion.sum(dim=0)
        return hits / said.clamp_min(1), hits / there.clamp_min(1), 2 * hits / (there + said).clamp_min(1)

    def metrics(self, side: str) -> dict[str, float]:
        """By the names of the log: `val_loss`, `val_acc`, `val_ce` and `macro_f1` for the side "val"."""
        f1 = "macro_f1" if side == "val" else f"{side}_macro_f1"
        return {
            f"{side}_loss": self.loss,
            f"{side}_acc": self.accuracy,
            f"{side}_ce": self.cross_entropy,
            f1: self.macro_f1,
        }


def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    objective: Objective,
    classes: int,
    precision: Precision,
    between: Callable[[], None],
) -> Evaluation:
    """Evaluate without dropout and with batch norm's running statistics; the model is left in training mode.

    Results stay on the device until the end and are fetched in two transfers. `between` is called before each batch and
    may raise to stop.
    """
    sums: list[Tensor] = []
    answers: list[Tensor] = []
    model.eval()
    with torch.inference_mode():
        for batch in batches:
            between()
            with precision.autocast():
                logits = model(batch.images)
            sums.append(torch.stack(objective.sums(logits, batch)))
            answers.append(batch.labels * classes + logits.argmax(dim=1))
        losses, sizes, plain = zip(*torch.stack(sums).tolist(), strict=True)
        confusion = torch.bincount(torch.cat(answers).cpu(), minlength=classes**2).view(classes, classes)
    model.train()
    return Evaluation(
        loss=math.fsum(losses) / math.fsum(sizes),
        cross_entropy=math.fsum(plain) / int(confusion.sum()),
        confusion=confusion,
    )
