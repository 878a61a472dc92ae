"""From a config to a job that is ready to train, with every choice that was made on the way told in the log."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from training.config.schema import TrainingConfig
from training.config.validate import input_side
from training.dataset.listing import shown
from training.dataset.split import Split, load_or_make, make_split
from training.engine import checkpoint
from training.engine.agreement import Agreement
from training.engine.average import WeightAverage
from training.engine.control import Control, Stopped
from training.engine.data.batches import Subset, step_parts
from training.engine.data.load import load_samples
from training.engine.data.normalisation import Normalisation
from training.engine.data.samples import Memory, Samples
from training.engine.device import Device, choose_threads, chosen_device, fits_on_device
from training.engine.facts import facts, what_changed, what_was_set
from training.engine.job import Job
from training.engine.loop import final_test, train
from training.engine.memory import choose_batch_size, memory_ran_out, out_of_memory
from training.engine.models.build import Wanted, build_model, wanted
from training.engine.models.size import Shape, count_parameters, multiply_adds, needs_company
from training.engine.models.sync_norm import synchronise_norms
from training.engine.objective import Objective
from training.engine.past import Past, left_behind
from training.engine.place import ALONE, Place
from training.engine.precision import Precision, choose_memory_format, choose_precision
from training.engine.ranks import Ranks, join
from training.engine.reporting import Report
from training.engine.schedule import Schedule
from training.engine.shared import shared
from training.engine.update import Update
from training.errors import InvalidInput, RunFailed
from training.optimizers import create_criterion, create_scheduler, inverse_frequency
from training.runs.checkpoints import path_of
from training.runs.layout import RunFolder
from training.runs.overrides import overrides_ahead
from training.seeds import derive

COMPILERS = ("torch._dynamo", "torch._inductor")
"""Where the errors of torch.compile come from."""


def run(folder: RunFolder, config: TrainingConfig, report: Report, control: Control, place: Place = ALONE) -> str:
    """Get ready and train; returns why it ended. Raises TraindeckError, and Stopped with a checkpoint left behind."""
    batch_size = config.images_per_batch
    try:
        job = prepare(folder, config, report, control, place)
        batch_size = job.batch_size
        try:
            reason = train(job)
        except Stopped:
            job.save_checkpoint()
            raise
        final_test(job)
        return reason
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if memory_ran_out(error):
            raise out_of_memory(config, batch_size) from error
        if config.runtime.compile and type(error).__module__.startswith(COMPILERS):
            raise RunFailed(
                f"The model could not be compiled: {str(error).strip().partition(chr(10))[0]}",
                "Set runtime.compile: false; torch.compile needs a C++ compiler, such as g++, and on a GPU Triton.",
            ) from error
        raise


def prepare(folder: RunFolder, config: TrainingConfig, report: Report, control: Control, place: Place = ALONE) -> Job:
    """Load and split the data, build the model, choose device and threads. Raises TraindeckError and Stopped.

    Of several ranks the first decides what depends on its machine, and writes what the others then read.
    """
    device = chosen_device(config.runtime, place.local_rank)
    ranks = join(place, device.torch)
    report.log(f"Device: {device.name} ({device.reason})." if device.reason else f"Device: {device.name}.")
    precision = choose_precision(config.runtime.precision, device.torch)
    report.log(f"Precision: {precision.format} ({precision.reason}).")
    past = ranks.first_then_all(lambda: left_behind(folder, config, report, clear=ranks.first))
    want = wanted(config)
    samples, split = ranks.first_then_all(lambda: _data(folder, config, want, report, control))
    training, validation, test, normalisation = _subsets(config, want, report, samples, split, device, past, ranks)
    shape = training.shape
    model = _model(folder, config, report, shape, len(samples.classes), past)
    threads = _choose_threads(config, report, model, shape, device, past, ranks)
    memory_format, reason = choose_memory_format(config.runtime.memory_format, precision)
    model.to(device.torch, memory_format=memory_format)  # type: ignore[call-overload]
    if memory_format is torch.channels_last:
        report.log(f"Memory format: channels_last ({reason}).")
    objective = Objective(create_criterion(config, inverse_frequency(training.counts), device.torch))
    batch_size = past.content["batch_size"] if past else None
    if batch_size is None and ranks.first:
        batch_size = _batch_size(config, report, model, shape, objective, precision, len(training))
    batch_size = ranks.tell(batch_size or 0)
    _check_batches(config, report, model, shape, batch_size, len(training))
    if ranks.several:
        _share_norms(model, report, device)
    update = Update(model, config, device.torch, precision.scaler(), ranks.world)
    optimization = config.optimization
    steps = len(step_parts(len(training), batch_size, optimization.accumulate))
    seq, dropped = past.label.seq if past else 0, report.summary.overrides_from
    scheduler = create_scheduler(update.optimizer, config, steps)
    job = Job(
        config=config,
        device=device,
        precision=precision,
        training=training,
        validation=validation,
        test=test,
        normalisation=normalisation,
        classes=[shown(name) for name in samples.classes],
        input_shape=shape,
        model=model,
        forward=shared(
            model, _compiled(model, report) if config.runtime.compile else model, ranks, shape, device.torch
        ),
        objective=objective,
        update=update,
        schedule=Schedule(update.optimizer, scheduler, optimization.warmup_epochs * steps),
        average=WeightAverage(model, optimization.ema) if optimization.ema is not None else None,
        control=control,
        report=report,
        batch_size=batch_size,
        threads=threads,
        ranks=ranks,
        overrides=ranks.tell(overrides_ahead(folder.events, seq, dropped)),
    )
    if past is not None:
        job.go_on(past.content)
        if said := what_was_set(past.content, config):
            report.log(said)
        if said := what_changed(past.content, job):
            report.log(said, "warning")
    if ranks.several:
        control.agree(Agreement(ranks))
    start = past.label if past else None
    so_far = job.state if past else None
    report.begin(config, facts(job, samples), steps, start, so_far, job.watch.seconds, job.adjustments.epochs)
    if past is not None:
        job.say_again(past.content["said"])
    return job


def _data(
    folder: RunFolder, config: TrainingConfig, want: Wanted, report: Report, control: Control
) -> tuple[Samples, Split]:
    samples = load_samples(folder.path, config, want.side, report, control)
    control.breathe()
    return samples, _split(folder, config, report, samples)


def _split(folder: RunFolder, config: TrainingConfig, report: Report, samples: Samples) -> Split:
    def make() -> Split:
        return make_split(
            samples.ids,
            samples.labels[list(samples.row_of.values())].tolist(),
            fraction=config.data.val_fraction,
            test_fraction=config.data.test_fraction,
            seed=config.runtime.seed,
            fingerprint=samples.fingerprint,
            sides=samples.sides,
            groups=samples.groups,
            classes=samples.classes,
        )

    split, stored = load_or_make(folder.split, samples.fingerprint, make)
    channels, height, width = samples.store.shape
    origin = "the split that was there" if stored else f"split with seed {split.seed}"
    tested = f", {len(split.test)} test" if split.test else ""
    report.log(
        f"Data: {len(samples.ids)} images of {len(samples.classes)} classes, {height}×{width} "
        f"{'grey' if channels == 1 else 'RGB'}; {len(split.train)} train, {len(split.val)} validate{tested} ({origin})."
    )
    return split


def _subsets(
    config: TrainingConfig,
    want: Wanted,
    report: Report,
    samples: Samples,
    split: Split,
    device: Device,
    past: Past | None,
    ranks: Ranks,
) -> tuple[Subset, Subset, Subset | None, Normalisation]:
    rows = samples.rows(split.train)
    normalisation = ranks.tell(past.normalisation if past else _normalisation(config, want, samples, rows))
    if isinstance(samples.store, Memory):
        size = samples.store.images.numel()
        if fits_on_device(size, device.torch):
            samples = samples.kept_on(device.torch)
            report.log(f"The images ({size / 1e6:.1f} MB) are kept on the device.")
    seed, side = config.runtime.seed, input_side(config.data, want.side)
    training = Subset(samples, rows, normalisation, device.torch, seed=seed, data=config.data, side=side, ranks=ranks)
    validation, test = (
        Subset(samples, samples.rows(ids), normalisation, device.torch, seed=seed, side=side, ranks=ranks)
        for ids in (split.val, split.test)
    )
    return training, validation, test if len(test) else None, normalisation


def _normalisation(config: TrainingConfig, want: Wanted, samples: Samples, rows: Tensor) -> Normalisation:
    """That of the pretrained weights, else of the training split; images of one channel count for each of three."""
    channels = want.channels or samples.store.shape[0]
    if not config.data.normalise:
        return Normalisation.none(channels)
    known = want.normalisation or Normalisation.measured(samples.store, rows)
    repeated = channels // len(known.mean)
    return Normalisation(known.mean * repeated, known.std * repeated)


def _model(
    folder: RunFolder, config: TrainingConfig, report: Report, shape: Shape, classes: int, past: Past | None
) -> nn.Module:
    torch.manual_seed(derive(config.runtime.seed, "weights"))
    model = build_model(config, shape, classes, pretrained=past is None)
    origin = ""
    summary = report.summary
    if past is not None:
        origin = f", as it was after epoch {past.label.epoch}, step {past.label.step} ({past.name})"
    elif summary.start_from == "fork":
        epoch = checkpoint.load_weights(model, folder.start)
        origin = f", with the weights of {summary.parent} (epoch {epoch})"
    elif summary.start_from != "scratch" and summary.parent:
        parent = RunFolder(folder.path.parent / summary.parent)
        epoch = checkpoint.load_weights(model, path_of(parent, summary.start_from))
        origin = f", with the {summary.start_from} weights of {summary.parent} (epoch {epoch})"
    every, trained = sum(parameter.numel() for parameter in model.parameters()), count_parameters(model)
    of_these = f", {trained:,} of them trained" if trained < every else ""
    report.log(f"Model: {every:,} parameters{of_these}{origin}.")
    return model


def _share_norms(model: nn.Module, report: Report, device: Device) -> None:
    norms = synchronise_norms(model, device.torch)
    if norms:
        kind = "torch's SyncBatchNorm" if device.torch.type == "cuda" else "a synchronised batch norm"
        report.log(f"Batch norm: {norms} layers take their statistics over all processes ({kind}).")


def _compiled(model: nn.Module, report: Report) -> Any:
    report.log("The model is compiled at the first step, which takes a minute or so; evaluation runs it as it is.")
    return torch.compile(model)


def _choose_threads(
    config: TrainingConfig,
    report: Report,
    model: nn.Module,
    shape: Shape,
    device: Device,
    past: Past | None,
    ranks: Ranks,
) -> int:
    torch.set_num_threads(1)
    work = multiply_adds(model, shape) * config.images_per_batch // ranks.world
    threads, reason = choose_threads(config.runtime, work, device.torch, ranks.place.local_world)
    as_many = past is not None and past.content["exactness"]["processes"] == ranks.world
    if past is not None and as_many and config.runtime.threads == "auto" and device.torch.type == "cpu":
        threads, reason = past.content["threads"], "as before: sums depend on it"
    torch.set_num_threads(threads)
    report.log(f"CPU threads: {threads} ({reason}).")
    return threads


def _batch_size(
    config: TrainingConfig,
    report: Report,
    model: nn.Module,
    shape: Shape,
    objective: Objective,
    precision: Precision,
    images: int,
) -> int:
    if isinstance(config.batch_size, int):
        return config.batch_size
    size, reason = choose_batch_size(model, shape, objective, precision, images)
    report.log(f"Batch size: {size} ({reason}).")
    return size


def _check_batches(
    config: TrainingConfig, report: Report, model: nn.Module, shape: Shape, size: int, images: int
) -> None:
    if size == 1 and needs_company(model, shape):
        raise InvalidInput(
            "batch_size: 1 leaves batch norm a single value a channel, which it cannot normalise.",
            "Use batch_size: 2 or more, or switch batch_norm off in the last blocks.",
        )
    step = size * config.optimization.accumulate
    if size > 1 and images % step == 1 and images > step:
        report.log(f"The last image of an epoch would be a batch of its own; it joins the one before ({size + 1}).")
