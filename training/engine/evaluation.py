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
from training.engine.ranks import ALONE, Ranks


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
    ranks: Ranks = ALONE,
) -> Evaluation:
    """Evaluate without dropout and with batch norm's running statistics; the model is left in training mode.

    Results stay on the device until the end and are fetched in two transfers. `between` is called before each batch and
    may raise to stop. The batches are this rank's parts, as many as every other rank has; the result is that of all.
    """
    sums: list[Tensor] = []
    answers: list[Tensor] = []
    model.eval()
    with torch.inference_mode():
        for batch in batches:
            between()
            with precision.autocast():
                logits = model(batch.images)
            if batch.copies > 1 and not ranks.first:
                continue  # every rank has it, and one counts it
            sums.append(torch.stack(objective.sums(logits, batch)))
            answers.append(batch.labels * classes + logits.argmax(dim=1))
        own = torch.stack(sums).tolist() if sums else []
        every = torch.cat(answers).cpu() if answers else torch.zeros(0, dtype=torch.int64)
        confusion = torch.bincount(every, minlength=classes**2).view(classes, classes)
    model.train()
    # Summed exactly, so that every rank has the same loss to the bit, whatever the order.
    losses, sizes, plain = zip(*(row for rows in ranks.gather(own) for row in rows), strict=True)
    confusion = ranks.sum_on_host(confusion.clone())
    return Evaluation(
        loss=math.fsum(losses) / math.fsum(sizes),
        cross_entropy=math.fsum(plain) / int(confusion.sum()),
        confusion=confusion,
    )
