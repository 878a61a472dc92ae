"""What a checkpoint holds of a job: the weights to use, and all else that training needs to go on to the bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from torch import Tensor

from training.engine import checkpoint
from training.engine.progress import EpochTotals, TrainState
from training.runs.checkpoints import Label, path_of

if TYPE_CHECKING:
    from training.engine.job import Job


@dataclass(frozen=True)
class MidEpoch:
    """Of an epoch that a checkpoint was written in the middle of."""

    totals: EpochTotals
    seconds: float
    """That it had taken."""
    lr: float
    """Of its last step."""
    random: dict[str, Tensor] | None
    """Of this rank's generators; None where it was written by another number of processes."""


def weights(job: Job, epochs_done: int) -> dict[str, Any]:
    """What it takes to use the network, or to start another run from it. A checkpoint may be asked for in the middle of
    an evaluation, when the averaged weights are in place.
    """
    return {
        "model": {**job.model.state_dict(), **(job.average.trained() if job.average else {})},
        "average": job.average.state() if job.average else None,
        "epoch": epochs_done,
        "step": job.state.step,
        "classes": job.classes,
        "input_shape": list(job.input_shape),
        "batch_size": job.batch_size,
        "normalisation": {"mean": list(job.normalisation.mean), "std": list(job.normalisation.std)},
        "config": msgspec.to_builtins(job.config),
        "torch": str(torch.__version__),
    }


def rest(
    job: Job, epochs_done: int, step_in_epoch: int, said: dict[str, Any], random: list[dict[str, Tensor]]
) -> dict[str, Any]:
    """All but the weights: `epochs_done` counts whole epochs, `step_in_epoch` the steps of the next one. `said` is what
    was logged of this checkpoint, `random` the random state of each rank.
    """
    return {
        "optimizer": job.update.state(),
        "schedule": job.schedule.state(),
        "adjusted": job.adjustments.state(),
        "scaler": job.update.scaler.state_dict() if job.update.scaler else None,
        "step_in_epoch": step_in_epoch,
        "progress": {**job.state.as_dict(), "epoch": epochs_done + 1, "step_in_epoch": step_in_epoch},
        "totals": job.meter.totals.as_dict() if step_in_epoch else None,
        "training_seconds": job.watch.seconds,
        "epoch_seconds": job.epoch_seconds,
        "last_lr": job.meter.lr,
        "random": random[0],
        "random_of_others": random[1:],
        "threads": job.threads,
        "exactness": exactness(job),
        "said": said,
    }


def exactness(job: Job) -> dict[str, Any]:
    """What sums and rounding depend on; checkpoint state."""
    return {
        "processes": job.ranks.world,
        "device": job.device.torch.type,
        "threads": job.threads if job.device.torch.type == "cpu" else None,
        "precision": job.precision.format,
        "compile": job.config.runtime.compile,
        "torch": str(torch.__version__),
    }


def label(job: Job, epochs_done: int, *, resumable: bool) -> Label:
    report = job.report
    return Label(
        attempt=report.attempt,
        epoch=epochs_done,
        step=job.state.step,
        seq=report.next_seq,
        resumable=resumable,
        processes=job.ranks.world,
        config=msgspec.to_builtins(job.config),
        epochs=job.adjustments.epochs,
    )


def restore(job: Job, content: dict[str, Any]) -> MidEpoch | None:
    """Bring a new job to where the checkpoint was written; what belongs into the epoch that it begins with comes back.

    Raises TraindeckError where the checkpoint is of another model.
    """
    checkpoint.put_weights(job.model, content["model"], path_of(job.report.folder, "last"))
    job.state = TrainState(**content["progress"])
    job.update.load(content["optimizer"], job.state.step)
    job.update.set_decay(job.config.effective_decay)  # a fork may have another one
    job.adjustments.load(content)
    if job.average and content["average"]:
        job.average.load(content["average"])
    if job.update.scaler and content["scaler"]:
        job.update.scaler.load_state_dict(content["scaler"])
    job.watch.go_on_from(content["training_seconds"])
    if not content["step_in_epoch"]:
        return None
    return MidEpoch(
        EpochTotals(**content["totals"]), content["epoch_seconds"], content["last_lr"], _random(job, content)
    )


def _random(job: Job, content: dict[str, Any]) -> dict[str, Tensor] | None:
    every: list[dict[str, Tensor]] = [content["random"], *content.get("random_of_others", ())]
    return every[job.ranks.rank] if len(every) == job.ranks.world else None
