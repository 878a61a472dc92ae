"""The training loop."""

from __future__ import annotations

from collections.abc import Iterable

from training.engine.data.batches import Batch
from training.engine.evaluation import Evaluation, evaluate
from training.engine.job import Job, validation_metrics

SAMPLE_BEFORE = 512
"""Training images that the loss before training is measured on."""


def train(job: Job) -> str:
    """Train to the last epoch or an early stop; returns why it ended. Raises Stopped and NotFinite."""
    config, state = job.config, job.state
    job.watch.go()
    if state.step == 0:
        measure_untrained(job)
    while state.epoch <= config.epochs:
        job.begin_epoch()
        for batches in job.training.steps(state.epoch, job.batch_size, start=state.step_in_epoch):
            job.control.between_steps(job)  # pause, stop, checkpoint, set_lr
            ((images, labels, *_),) = batches
            logits = job.model(images)
            loss = job.objective(logits, labels)
            grad_norm = job.update(loss)  # gated on the device: a loss that is not finite changes nothing
            job.meter.add(state.step, job.schedule.lr, logits, labels, loss, grad_norm)
            state.count_step()
            if job.meter.due:
                job.flush()
        job.flush()
        validation = _evaluate(job, job.validation.in_order(job.batch_size))
        metrics = job.epoch_metrics(validation)
        improved = state.judge(validation.loss)
        if improved:
            job.report.best(state.epoch, validation.loss)
        job.report.epoch_done(state.epoch, metrics, job.watch.seconds)
        job.schedule.step(validation.loss)
        job.save_epoch(metrics, improved=improved)
        if config.early_stopping and state.bad_epochs >= config.es_patience:
            return f"early stopping: no better validation loss since epoch {state.best_epoch}"
        state.next_epoch()
    return f"all {config.epochs} epochs done" if config.epochs > 1 else "its one epoch is done"


def measure_untrained(job: Job) -> None:
    """Epoch 0: what the loss and the accuracy are by chance and initial weights."""
    job.report.epoch = 0
    before = validation_metrics(_evaluate(job, job.validation.in_order(job.batch_size)))
    sample = _evaluate(job, job.training.some(SAMPLE_BEFORE, job.batch_size))
    job.report.epoch_done(0, {"train_loss": sample.loss, **before}, job.watch.seconds)


def _evaluate(job: Job, batches: Iterable[Batch]) -> Evaluation:
    return evaluate(job.model, batches, job.objective, lambda: job.control.breathe(job))
