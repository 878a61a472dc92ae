"""What is known of a job before its first step: for the log, and against what an earlier attempt knew."""

from __future__ import annotations

from typing import Any

import torch

from training.engine.data.samples import Samples
from training.engine.job import Job
from training.engine.models.size import count_parameters
from training.engine.state import exactness


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


def what_changed(content: dict[str, Any], job: Job) -> str:
    """What keeps a resumed run from going on to the bit, in a sentence; empty where nothing does."""
    before, now = content["exactness"], exactness(job)
    changed = [f"{name} was {before[name]} and is {value}" for name, value in now.items() if before[name] != value]
    return f"The run goes on, but not to the last bit: {', '.join(changed)}." if changed else ""
