"""How well a run's checkpoint does, class by class, on its own held-out data or on others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from torch import Tensor

from training.engine.evaluation import Evaluation, evaluate
from training.engine.objective import Objective
from training.engine.using.loaded import LoadedRun
from training.engine.using.sources import Labelled, Progress, other_data, own_sides
from training.errors import RunFailed
from training.optimizers import create_criterion, inverse_frequency
from training.runs.events import Attempt
from training.runs.log import EventReader


@dataclass(frozen=True)
class Judged:
    """One set of images, judged."""

    name: str
    """validation, test, training, or data."""
    evaluation: Evaluation
    bad: tuple[str, ...]
    """Files that could not be read, and why."""

    def as_dict(self, classes: tuple[str, ...]) -> dict[str, Any]:
        """With a line for each class, the confusion matrix, and the mistakes by how often they were made."""
        found = self.evaluation
        confusion = found.confusion.tolist()
        images = found.confusion.sum(dim=1).tolist()
        scores = (of.tolist() for of in found.scores())
        return {
            "side": self.name,
            "images": sum(images),
            "loss": found.loss,
            "cross_entropy": found.cross_entropy,
            "accuracy": found.accuracy,
            "macro_f1": found.macro_f1,
            "classes": [
                {"class": name, "images": count, "precision": precision, "recall": recall, "f1": f1}
                for name, count, precision, recall, f1 in zip(classes, images, *scores, strict=True)
            ],
            "confusion": confusion,
            "mistakes": [
                {"class": classes[true], "taken_for": classes[said], "images": confusion[true][said]}
                for true, said in _mistakes(found.confusion)
            ],
            "unreadable": list(self.bad),
        }


def judge_run(
    run: LoadedRun, data: Path | None = None, progress: Callable[[str, int, int], None] = lambda *_: None
) -> list[Judged]:
    """Judge the run on its own validation and test sides, or on all of `data`; `progress` hears side, done and total.

    The loss is the one that the run was trained with, class weights included. Raises TraindeckError.
    """
    sides = own_sides(run) if data is None else other_data(run, data)
    objective = _objective(run)
    return [_judge(run, side, objective, partial(progress, side.name)) for side in sides]


def _judge(run: LoadedRun, side: Labelled, objective: Objective, progress: Progress) -> Judged:
    batches = side.batches(run, progress)
    found = evaluate(
        run.model, chain([next(batches)], batches), objective, len(run.classes), run.precision, lambda: None
    )
    run.model.eval()
    return Judged(side.name, found, tuple(side.bad))


def _objective(run: LoadedRun) -> Objective:
    weights = None if run.config.class_weights == "None" else inverse_frequency(_training_counts(run))
    return Objective(create_criterion(run.config, weights, run.device.torch))


def _training_counts(run: LoadedRun) -> list[int]:
    """Images of each class that were trained on, which its log knows even where the data are gone."""
    reader = EventReader(run.folder.events)
    while True:
        for event in reader.read():
            if isinstance(event, Attempt) and "class_counts" in event.facts:
                return [int(count) for count in event.facts["class_counts"]]
        if reader.at_end:
            raise RunFailed(
                f"{run.folder.events} does not tell the class sizes, by which this run's loss is weighted.",
                "Bring the log back.",
            )


def _mistakes(confusion: Tensor) -> list[list[int]]:
    """(true class, what it was taken for), the most frequent first."""
    wrong = confusion - confusion.diagonal().diag()
    pairs: list[list[int]] = wrong.nonzero().tolist()
    return sorted(pairs, key=lambda pair: (-int(wrong[pair[0], pair[1]]), pair))
