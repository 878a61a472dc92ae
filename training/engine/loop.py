"""The training loop."""

from __future__ import annotations

from contextlib import nullcontext

import torch
from torch import Tensor

from training.engine import checkpoint
from training.engine.data.batches import Batch
from training.engine.evaluation import Evaluation
from training.engine.job import Job
from training.engine.meter import right_answers
from training.engine.shared import kept_back
from training.runs.checkpoints import path_of

SAMPLE_BEFORE = 512
"""Training images that the loss before training is measured on."""


def train(job: Job) -> str:
    """Train to the last epoch or an early stop; returns why it ended. Raises Stopped and NotFinite."""
    state = job.state
    job.watch.go()
    if not state.measured:
        measure_untrained(job)
    while (reason := between_epochs(job)) is None:
        job.begin_epoch()
        for batches in job.steps():
            job.control.between_steps(job)  # pause, stop, checkpoint, set_lr …
            job.adjustments.again()
            job.save_if_due()
            step(job, batches)
            if job.meter.due:
                job.flush()
        job.flush()
        validation = job.evaluate(job.validation.in_order(job.batch_size))
        job.adjustments.again()
        metrics = take_in(job, validation)
        job.save_epoch(metrics)
        state.next_epoch()
    job.save_end()
    return reason


def between_epochs(job: Job) -> str | None:
    """Do what was asked for during the validation; returns why no further epoch is trained, if none is.

    A resumed job comes here first, too. Raises Stopped.
    """
    job.control.between_steps(job)
    job.adjustments.again()
    reason = over(job)
    if reason is None and not job.state.step_in_epoch:
        job.control.after_epoch(job.state.epoch - 1)
    return reason


def over(job: Job) -> str | None:
    """Why no further epoch is trained, if none is. One that has begun is trained to its end."""
    state, epochs, patience = job.state, job.adjustments.epochs, job.adjustments.patience
    if patience and state.bad_epochs >= patience and not state.step_in_epoch:
        return f"early stopping: no better validation loss since epoch {state.best_epoch}"
    if state.epoch > epochs:
        return f"all {epochs} epochs done" if epochs > 1 else "its one epoch is done"
    return None


def take_in(job: Job, validation: Evaluation) -> dict[str, float]:
    """The end of an epoch that has been validated: what early stopping, the log, the diagnosis and the schedule make of
    it; returns its metrics.
    """
    epoch, metrics = job.state.epoch, job.epoch_metrics(validation)
    if job.state.judge(validation.loss):
        job.report.best(epoch, validation.loss)
    job.report.epoch_done(epoch, metrics, job.watch.seconds)
    job.report.classes(validation, "val", epoch)
    job.schedule.step(validation.loss)
    return metrics


def step(job: Job, batches: tuple[Batch, ...]) -> None:
    """One update of the weights; nothing in it waits for the device."""
    size = job.objective.size(batches) if len(batches) > 1 else None
    losses: list[Tensor] = []
    right: list[Tensor] = []
    job.update.begin()
    for number, batch in enumerate(batches, 1):
        with nullcontext() if number == len(batches) else kept_back(job.forward):
            with job.precision.autocast():
                logits = job.forward(batch.images)
            loss = job.objective.loss(logits, batch, size)
            job.update.backward(loss)
        losses.append(loss.detach())
        right.append(right_answers(logits, batch))
    whole_loss, all_right = job.ranks.sum(total(losses), total(right))
    norm = job.update.step(whole_loss)  # gated on the device: a loss that is not finite changes nothing
    images = sum(len(batch.all_labels.labels) for batch in batches)
    job.meter.add(job.state.step, images, job.schedule.lr, whole_loss, norm, all_right, job.update.ends())
    if job.average:
        job.average.update(job.state.step + 1)
    job.schedule.count_step()
    job.state.count_step()


def total(parts: list[Tensor]) -> Tensor:
    """The sum of scalars, without a kernel where there is one."""
    return parts[0] if len(parts) == 1 else torch.stack(parts).sum()


def measure_untrained(job: Job) -> None:
    """Epoch 0: what the loss and the accuracy are by chance and initial weights."""
    job.report.epoch = 0
    before = job.evaluate(job.validation.in_order(job.batch_size)).metrics("val")
    sample = job.evaluate(job.training.some(SAMPLE_BEFORE, job.batch_size))
    job.report.epoch_done(0, {"train_loss": sample.loss, **before}, job.watch.seconds)
    job.state.measured = True


def final_test(job: Job) -> None:
    """The test split, once, with the weights that would be used: those of the best checkpoint. Raises Stopped."""
    if job.test is None:
        return
    best = path_of(job.report.folder, "best")
    if not job.ranks.tell(best.exists()):
        job.report.log("No checkpoint was good enough to be tested.", "warning")
        return
    job.report.progress("evaluating the test split")
    epoch = checkpoint.load_weights(job.model, best)
    # Without the job: these weights are no place to go on from, so nothing may save them as `last`.
    job.report.tested(job.judge(job.test.in_order(job.batch_size), job.control.breathe), epoch)
