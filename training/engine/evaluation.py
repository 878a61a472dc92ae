"""What the model does on samples that it is not being trained on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.engine.data.batches import Batch
from training.engine.objective import Objective


@dataclass(frozen=True)
class Evaluation:
    """Means over all samples seen."""

    loss: float
    """Of the training loss, weighted as that is."""
    cross_entropy: float
    """Plain, so that runs with different losses can be compared."""
    accuracy: float
    macro_f1: float
    """Mean over the classes of the harmonic mean of precision and recall; classes without a sample are left out."""


def evaluate(
    model: nn.Module, batches: Iterable[Batch], objective: Objective, between: Callable[[], None]
) -> Evaluation:
    """Evaluate without dropout and with batch norm's running statistics; the model is left in training mode.

    Results stay on the device until the end and are fetched in two transfers. `between` is called before each batch and
    may raise to stop.
    """
    sums: list[Tensor] = []
    answers: list[Tensor] = []
    model.eval()
    with torch.inference_mode():
        for images, labels, *_ in batches:
            between()
            logits = model(images)
            sums.append(torch.stack(objective.sums(logits, labels)))
            answers.append(torch.stack((labels, logits.argmax(dim=1))))
        losses, sizes, plain = zip(*torch.stack(sums).tolist(), strict=True)
        targets, predictions = torch.cat(answers, dim=1).cpu()
    model.train()
    return Evaluation(
        loss=math.fsum(losses) / math.fsum(sizes),
        cross_entropy=math.fsum(plain) / len(targets),
        accuracy=int((targets == predictions).sum()) / len(targets),
        macro_f1=macro_f1(targets, predictions),
    )


def macro_f1(targets: Tensor, predictions: Tensor) -> float:
    """F1 of each class that occurs in `targets`, averaged; 2·TP / (2·TP + FP + FN). Class indices [N] on the CPU."""
    classes = int(max(targets.max(), predictions.max())) + 1
    hits = torch.bincount(targets[targets == predictions], minlength=classes)
    there = torch.bincount(targets, minlength=classes)
    said = torch.bincount(predictions, minlength=classes)
    scores = 2 * hits.double() / (there + said)
    return float(scores[there > 0].mean())
