"""What the model does on samples that it is not being trained on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.engine.data.batches import Batch
from training.engine.firing import Firing
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
    dead_relu: float | None = None
    """Share of the units of one ReLU layer, the worst, that fired for no image; None where nobody looked."""

    @property
    def accuracy(self) -> float:
        return int(self.confusion.diagonal().sum()) / int(self.confusion.sum())

    @property
    def macro_f1(self) -> float:
        """Mean over the classes of the harmonic mean of precision and recall; classes without a sample are left out."""
        return float(self.scores()[2][self._there].mean())

    @property
    def least_recall(self) -> float:
        """Recall of the class that fares worst; classes without a sample are left out."""
        return float(self.scores()[1][self._there].min())

    @property
    def _there(self) -> Tensor:
        return self.confusion.sum(dim=1) > 0

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Precision, recall and F1 of each class, float64 [K]; 0 where there is nothing to divide by."""
        hits = self.confusion.diagonal().double()
        there, said = self.confusion.sum(dim=1), self.confusion.sum(dim=0)
        return hits / said.clamp_min(1), hits / there.clamp_min(1), 2 * hits / (there + said).clamp_min(1)

    def metrics(self, side: str) -> dict[str, float]:
        """By the names of the log: for the side "val" `val_loss`, `val_acc`, `val_ce`, `macro_f1`, `val_recall_min`,
        and `dead_relu` where it was looked at.
        """
        f1 = "macro_f1" if side == "val" else f"{side}_macro_f1"
        metrics = {
            f"{side}_loss": self.loss,
            f"{side}_acc": self.accuracy,
            f"{side}_ce": self.cross_entropy,
            f1: self.macro_f1,
            f"{side}_recall_min": self.least_recall,
        }
        return metrics if self.dead_relu is None else metrics | {"dead_relu": self.dead_relu}


def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    objective: Objective,
    classes: int,
    precision: Precision,
    between: Callable[[], None],
    ranks: Ranks = ALONE,
    firing: Firing | None = None,
) -> Evaluation:
    """Evaluate without dropout and with batch norm's running statistics; the model is left in training mode.

    Results stay on the device until the end and are fetched in two transfers. `between` is called before each batch and
    may raise to stop. The batches are this rank's parts, as many as every other rank has; the result is that of all.
    `firing` is what is to see which units fire.
    """
    sums: list[Tensor] = []
    answers: list[Tensor] = []
    model.eval()
    with torch.inference_mode(), firing.watched() if firing else nullcontext():
        for batch in batches:
            between()
            if firing:
                firing.batch(len(batch.images))
            with precision.autocast():
                logits = model(batch.images)
            if batch.copies > 1 and not ranks.first:
                continue  # every rank has it, and one counts it
            sums.append(torch.stack(objective.sums(logits, batch)))
            answers.append(batch.labels * classes + logits.argmax(dim=1))
        own = torch.stack(sums).tolist() if sums else []
        counts = _fetched(answers, firing.fired() if firing else [], classes)
    model.train()
    # Summed exactly, so that every rank has the same loss to the bit, whatever the order.
    losses, sizes, plain = zip(*(row for rows in ranks.gather(own) for row in rows), strict=True)
    counts = ranks.sum_on_host(counts.clone())  # which is no tensor of inference mode any more
    confusion = counts[: classes**2].view(classes, classes)
    return Evaluation(
        loss=math.fsum(losses) / math.fsum(sizes),
        cross_entropy=math.fsum(plain) / int(confusion.sum()),
        confusion=confusion,
        dead_relu=firing.dead(counts[classes**2 :]) if firing else None,
    )


def _fetched(answers: list[Tensor], fired: list[Tensor], classes: int) -> Tensor:
    """In one transfer: the confusion matrix row by row, and behind it which units fired; int64, on the CPU."""
    if not answers and not fired:
        return torch.zeros(classes**2, dtype=torch.int64)
    both = torch.cat([*answers, *fired]).cpu()
    end = sum(len(part) for part in answers)
    return torch.cat([torch.bincount(both[:end], minlength=classes**2), both[end:]])
