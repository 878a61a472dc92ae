"""What earlier attempts of a run have left behind to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.config.schema import TrainingConfig
from training.engine import checkpoint
from training.engine.data.normalisation import Normalisation
from training.engine.reporting import Report
from training.errors import RunFailed
from training.runs.checkpoints import Label, candidates, newest, path_of, read_label
from training.runs.layout import RunFolder
from training.runs.unchanged import check_unchanged


@dataclass(frozen=True)
class Past:
    """The checkpoint to go on from; `name` is that of its file when it was found."""

    content: dict[str, Any]
    label: Label
    name: str

    @property
    def normalisation(self) -> Normalisation:
        mean, std = (tuple(map(float, self.content["normalisation"][name])) for name in ("mean", "std"))
        return Normalisation(mean, std)


def left_behind(folder: RunFolder, config: TrainingConfig, report: Report, *, clear: bool = True) -> Past | None:
    """The newest checkpoint that is whole, made the last one; None where this attempt starts from the beginning.

    With `clear`, what an attempt that died while writing has left is removed.

    Raises TraindeckError where there are checkpoints and none of them can be used, or the log is gone that they belong
    to: to start over would throw away what they hold. And where the config was changed: Slurm and torchrun ask nobody.
    """
    if clear:
        checkpoint.clear_leftovers(folder)
    if report.attempt == 1:
        if known := next(candidates(folder), None):
            raise RunFailed(
                f"{folder.events} is gone, but {known} is there: training anew would overwrite it.",
                "Bring the file back, or launch a new run instead.",
            )
        return None
    path, wrong = newest(folder)
    for error in wrong:
        report.log(error.message, "warning")
    if path is None:
        if wrong:
            raise RunFailed("None of the run's checkpoints can be used.", "Launch a new run instead.")
        report.log("There is no checkpoint of this run yet: it starts over.", "warning")
        return None
    label = read_label(path)
    check_unchanged(folder, config, label)
    last = path_of(folder, "last")
    if path != last:
        if wrong:
            report.log(f"Going back to {path.name}, step {label.step}.", "warning")
        checkpoint.go_back_to(folder, path)
    return Past(checkpoint.read(last), label, path.name)
