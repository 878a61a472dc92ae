"""What is known of a job before its first step: for the log, and against what an earlier attempt knew."""

from __future__ import annotations

from typing import Any

import msgspec
import torch

from training.config.fields import format_value
from training.config.patch import diff
from training.config.schema import TrainingConfig
from training.engine.data.batches import Subset
from training.engine.data.samples import Samples
from training.engine.job import Job
from training.engine.models.size import count_parameters
from training.engine.state import exactness

SEEN = 64
"""Training images whose values are measured."""
DIGITS = 6
"""Significant ones: the rest depends on the device."""


def facts(job: Job, samples: Samples) -> dict[str, Any]:
    """Those of the `attempt` event."""
    counts = job.training.counts
    return {
        "n_train": len(job.training),
        "n_val": len(job.validation),
        "n_test": len(job.test) if job.test else 0,
        "classes": job.classes,
        "class_counts": counts,
        "class_ratio": max(counts) / min(counts),
        "val_majority_fraction": max(job.validation.counts) / len(job.validation),
        "input_shape": list(job.input_shape),
        **of_inputs(job.training),
        "stored_shape": list(samples.store.shape),
        "parameters": count_parameters(job.model),
        "chance_loss": job.objective.of_chance(counts, job.device.torch),
        "batch_size": job.batch_size,
        "precision": job.precision.format,
        "device": job.device.name,
        "device_reason": job.device.reason,
        "threads": job.threads,
        "processes": job.ranks.world,
        "normalisation": {"mean": list(job.normalisation.mean), "std": list(job.normalisation.std)},
        "torch": str(torch.__version__),
    }


def of_inputs(training: Subset) -> dict[str, float]:
    """`input_min`, `input_max`, `input_mean` and `input_std` of SEEN training images as the model sees them, but for
    augmentation; images of all classes, since those that lie together are often of one. Raises TraindeckError for one
    that cannot be read.
    """
    parts = []
    for images in training.seen(SEEN):
        std, mean = torch.std_mean(images, correction=0)
        parts.append(torch.stack([images.min(), images.max(), mean, std, torch.full_like(mean, images.numel())]))
    lows, highs, means, stds, counts = torch.stack(parts).cpu().double().unbind(dim=1)
    share = counts / counts.sum()
    mean = (share * means).sum()
    std = (share * (stds**2 + (means - mean) ** 2)).sum().sqrt()
    found = {"min": lows.min(), "max": highs.max(), "mean": mean, "std": std}
    return {f"input_{name}": float(f"{float(value):.{DIGITS}g}") for name, value in found.items()}


def what_changed(content: dict[str, Any], job: Job) -> str:
    """What keeps a resumed run from going on to the bit, in a sentence; empty where nothing does."""
    before, now = content["exactness"], exactness(job)
    changed = [f"{name} was {before[name]} and is {value}" for name, value in now.items() if before[name] != value]
    return f"The run goes on, but not to the last bit: {', '.join(changed)}." if changed else ""


def what_was_set(content: dict[str, Any], config: TrainingConfig) -> str:
    """The keys of the config that were changed since the checkpoint was written, in a sentence; empty for none."""
    before = msgspec.convert(content["config"], TrainingConfig)
    said = [f"{one.key} {format_value(one.old)} → {format_value(one.new)}" for one in diff(before, config)]
    return f"Changed since that checkpoint: {', '.join(said)}." if said else ""
