"""How each class fared in an evaluation, as the log tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from training.runs.events import Classes

if TYPE_CHECKING:  # torch is not loaded yet when a run begins to speak
    from training.engine.evaluation import Evaluation

MOST_CONFUSIONS = 10_000
"""Pairs of classes in one event; more than a hundred classes may have more, and the rarest are left out."""


def class_report(evaluation: Evaluation, side: Literal["val", "test"], epoch: int, step: int) -> Classes:
    precision, recall, f1 = (scores.tolist() for scores in evaluation.scores())
    confusion = evaluation.confusion
    counts = sorted(((int(confusion[t, p]), t, p) for t, p in confusion.nonzero().tolist()), reverse=True)
    return Classes(
        epoch=epoch,
        step=step,
        side=side,
        precision=precision,
        recall=recall,
        f1=f1,
        support=confusion.sum(dim=1).tolist(),
        confusion=[(true, said, count) for count, true, said in counts[:MOST_CONFUSIONS]],
    )
