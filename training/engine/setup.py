"""From a config to a job that is ready to train, with every choice that was made on the way told in the log."""

from __future__ import annotations

import resource
import sys
from typing import Any

import torch
from torch import nn

from training.config.honoured import unhonoured
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.dataset.listing import shown
from training.dataset.split import Split, load_or_make
from training.engine import checkpoint
from training.engine.control import Control, Stopped
from training.engine.data.batches import Subset, step_parts
from training.engine.data.load import load_samples
from training.engine.data.normalisation import Normalisation
from training.engine.data.samples import Memory, Samples
from training.engine.device import Device, choose_threads, chosen_device, fits_on_device
from training.engine.job import Job
from training.engine.loop import train
from training.engine.models.build import build_model, wanted
from training.engine.models.size import count_parameters, multiply_adds, needs_company
from training.engine.objective import Objective
from training.engine.reporting import Report
from training.engine.schedule import Schedule
from training.engine.update import Update, make_optimizer
from training.errors import InvalidInput, RunFailed
from training.optimizers import create_criterion, create_scheduler, inverse_frequency
from training.runs.layout import RunFolder
from training.seeds import derive


def run(folder: RunFolder, config: TrainingConfig, report: Report, control: Control) -> str:
    """Get ready and train; returns why it ended. Raises TraindeckError, and Stopped with a checkpoint left behind."""
    try:
        job = prepare(folder, config, report, control)
        try:
            return train(job)
        except Stopped:
            job.save_checkpoint()
            raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _out_of_memory(config) from error
    except RuntimeError as error:
        if "can't allocate memory" in str(error):  # the CPU allocator has no error class of its own
            raise _out_of_memory(config) from error
        raise


def prepare(folder: RunFolder, config: TrainingConfig, report: Report, control: Control) -> Job:
    """Load and split the data, build the model, choose device and threads. Raises TraindeckError and Stopped."""
    problems = unhonoured(config)
    if problems:
        raise ConfigError(problems)
    device = chosen_device(config.runtime)
    report.log(f"Device: {device.name} ({device.reason})." if device.reason else f"Device: {device.name}.")
    checkpoint.clear_leftovers(folder)
    samples = load_samples(folder.path, config, wanted(config).side, report, control)
    control.breathe()
    split = _split(folder, config, report, samples)
    training, validation, normalisation = _subsets(config, report, samples, split, device)
    model = _model(folder, config, report, samples)
    threads = _choose_threads(config, report, model, samples, device)
    _check_batches(config, report, model, samples, training)
    model.to(device.torch)
    objective = Objective(create_criterion(config, inverse_frequency(training.counts), device.torch))
    optimizer = make_optimizer(model, config, device.torch)
    steps = len(step_parts(len(training), config.images_per_batch, config.optimization.accumulate))
    job = Job(
        config=config,
        device=device,
        training=training,
        validation=validation,
        normalisation=normalisation,
        classes=[shown(name) for name in samples.classes],
        model=model,
        objective=objective,
        update=Update(optimizer, config.optimization.grad_clip, device.torch),
        schedule=Schedule(optimizer, create_scheduler(optimizer, config, steps)),
        control=control,
        report=report,
        batch_size=config.images_per_batch,
    )
    report.begin(config, _facts(job, samples, threads), steps)
    return job


def _split(folder: RunFolder, config: TrainingConfig, report: Report, samples: Samples) -> Split:
    split, stored = load_or_make(
        folder.split,
        samples.ids,
        samples.labels.tolist(),
        fraction=config.data.val_fraction,
        seed=config.runtime.seed,
        fingerprint=samples.fingerprint,
    )
    channels, height, width = samples.store.shape
    origin = "the split that was there" if stored else f"split with seed {split.seed}"
    report.log(
        f"Data: {len(samples.ids)} images of {len(samples.classes)} classes, {height}×{width} "
        f"{'grey' if channels == 1 else 'RGB'}; {len(split.train)} train, {len(split.val)} validate ({origin})."
    )
    return split


def _subsets(
    config: TrainingConfig, report: Report, samples: Samples, split: Split, device: Device
) -> tuple[Subset, Subset, Normalisation]:
    rows = samples.rows(split.train), samples.rows(split.val)
    assert isinstance(samples.store, Memory)
    if config.data.normalise:
        normalisation = Normalisation.of(samples.store.images, rows[0])
    else:
        normalisation = Normalisation.none(samples.store.shape[0])
    size = samples.store.images.numel()
    if fits_on_device(size, device.torch):
        samples = samples.kept_on(device.torch)
        report.log(f"The images ({size / 1e6:.1f} MB) are kept on the device.")
    seed = config.runtime.seed
    training, validation = (Subset(samples, part, normalisation, device.torch, seed=seed) for part in rows)
    return training, validation, normalisation


def _model(folder: RunFolder, config: TrainingConfig, report: Report, samples: Samples) -> nn.Module:
    torch.manual_seed(derive(config.runtime.seed, "weights"))
    model = build_model(config, samples.store.shape, len(samples.classes))
    origin = ""
    summary = report.summary
    if summary.start_from != "scratch" and summary.parent:
        parent = RunFolder(folder.path.parent / summary.parent)
        epoch = checkpoint.load_weights(model, checkpoint.path_of(parent, summary.start_from))
        origin = f", with the {summary.start_from} weights of {summary.parent} (epoch {epoch})"
    report.log(f"Model: {count_parameters(model):,} parameters{origin}.")
    return model


def _choose_threads(config: TrainingConfig, report: Report, model: nn.Module, samples: Samples, device: Device) -> int:
    torch.set_num_threads(1)
    work = multiply_adds(model, samples.store.shape) * config.images_per_batch
    threads, reason = choose_threads(config.runtime, work, device.torch)
    torch.set_num_threads(threads)
    report.log(f"CPU threads: {threads} ({reason}).")
    return threads


def _check_batches(
    config: TrainingConfig, report: Report, model: nn.Module, samples: Samples, training: Subset
) -> None:
    size = config.images_per_batch
    if size == 1 and needs_company(model, samples.store.shape):
        raise InvalidInput(
            "batch_size: 1 leaves batch norm a single value a channel, which it cannot normalise.",
            "Use batch_size: 2 or more, or switch batch_norm off in the last blocks.",
        )
    if size > 1 and len(training) % size == 1 and len(training) > size:
        report.log(f"The last image of an epoch would be a batch of its own; it joins the one before ({size + 1}).")


def _facts(job: Job, samples: Samples, threads: int) -> dict[str, Any]:
    counts = job.training.counts
    return {
        "n_train": len(job.training),
        "n_val": len(job.validation),
        "classes": job.classes,
        "class_counts": counts,
        "class_ratio": max(counts) / min(counts),
        "val_majority_fraction": max(job.validation.counts) / len(job.validation),
        "input_shape": list(samples.store.shape),
        "parameters": count_parameters(job.model),
        "chance_loss": job.objective.of_chance(counts, job.device.torch),
        "batch_size": job.batch_size,
        "device": job.device.name,
        "device_reason": job.device.reason,
        "threads": threads,
        "normalisation": {"mean": list(job.normalisation.mean), "std": list(job.normalisation.std)},
        "torch": str(torch.__version__),
    }


def _out_of_memory(config: TrainingConfig) -> RunFailed:
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        peak, where = torch.cuda.max_memory_allocated(), "The GPU's memory ran out"
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        where = "Memory ran out"
    size = config.images_per_batch
    remedy = f"Try batch_size: {size // 2}." if size > 1 else "Use a smaller model or data.image_size."
    return RunFailed(f"{where} at batch_size {size}, with {peak / 2**30:.2f} GiB at its peak.", remedy)
