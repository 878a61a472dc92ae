"""split.json: which samples train and which validate; made once, stored, and inherited by the runs that correct it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training import files
from training.errors import TraindeckError
from training.seeds import derive

SCHEMA_VERSION = 1

SampleId = int | str
"""What tells a sample from the others for good: its row in the digits, its relative path in a folder."""


@dataclass(frozen=True)
class Split:
    """`fingerprint` is that of the data that were split; train and val keep the order of the data."""

    seed: int
    fraction: float
    fingerprint: str
    train: tuple[SampleId, ...]
    val: tuple[SampleId, ...]


def make_split(
    ids: Sequence[SampleId], labels: Sequence[int], *, fraction: float, seed: int, fingerprint: str
) -> Split:
    """Hold `fraction` of every class out for validation, at least one sample and never all of them.

    Which samples those are depends on the seed and their ids alone: other samples that come or go move nothing across.
    Every class needs two samples. Raises TraindeckError.
    """
    by_class: dict[int, list[SampleId]] = defaultdict(list)
    for sample, label in zip(ids, labels, strict=True):
        by_class[label].append(sample)
    held_out: set[SampleId] = set()
    for label, samples in sorted(by_class.items()):
        if len(samples) < 2:
            raise TraindeckError(f"Class number {label} has one sample; training and validation need one each.")
        count = min(max(round(len(samples) * fraction), 1), len(samples) - 1)
        held_out.update(sorted(samples, key=lambda sample: (derive(seed, "split", sample), sample))[:count])
    return Split(
        seed=seed,
        fraction=fraction,
        fingerprint=fingerprint,
        train=tuple(sample for sample in ids if sample not in held_out),
        val=tuple(sample for sample in ids if sample in held_out),
    )


def write_split(path: Path, split: Split) -> None:
    """Store the split; raises OSError. Names that are no UTF-8 survive as JSON escapes."""
    content = {
        "schema": SCHEMA_VERSION,
        "seed": split.seed,
        "fraction": split.fraction,
        "fingerprint": split.fingerprint,
        "train": list(split.train),
        "val": list(split.val),
    }
    files.replace(path, json.dumps(content, separators=(",", ":")).encode())


def read_split(path: Path, fingerprint: str) -> Split:
    """The stored split, which must be of the data with this fingerprint. Raises TraindeckError."""
    try:
        content = json.loads(path.read_bytes())
        if content["schema"] > SCHEMA_VERSION:
            raise TraindeckError(f"{path} was written by a newer traindeck.", "Update traindeck.")
        split = Split(
            seed=content["seed"],
            fraction=content["fraction"],
            fingerprint=content["fingerprint"],
            train=tuple(content["train"]),
            val=tuple(content["val"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TraindeckError(f"{path} is damaged: {error}.", "Launch a new run; it makes its own split.") from error
    if split.fingerprint != fingerprint:
        raise TraindeckError(
            f"The data have changed since {path} was made: files were added, removed or replaced.",
            "Bring the old data back, or launch a new run, which splits the new data.",
        )
    return split


def load_or_make(
    path: Path, ids: Sequence[SampleId], labels: Sequence[int], *, fraction: float, seed: int, fingerprint: str
) -> tuple[Split, bool]:
    """The run's split, and whether it was there already (inherited, or from an earlier attempt)."""
    if path.exists():
        return read_split(path, fingerprint), True
    split = make_split(ids, labels, fraction=fraction, seed=seed, fingerprint=fingerprint)
    write_split(path, split)
    return split, False
