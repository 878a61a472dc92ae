"""Runs that differ in their seed alone, and what their figures have in common."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from training.config import files
from training.config.fields import FIELDS, applies, value
from training.config.schema import TrainingConfig
from training.runs.lifecycle import RunView

IRRELEVANT = (
    "advice",
    "data.cache",
    "data.cache_dir",
    "runtime.seed",
    "runtime.device",
    "runtime.compile",
    "runtime.memory_format",
    "runtime.threads",
    "runtime.processes",
    "runtime.checkpoint_every",
    "runtime.checkpoint_keep",
)
"""Keys and sections that decide where and how fast a run trains, not what it learns. The precision does change that."""

SEED_IN_NAME = re.compile(r"-seed-\d+$")
"""How the name of a repeat ends."""


@dataclass(frozen=True)
class Spread:
    """What several seeds come to."""

    mean: float
    std: float | None
    """Of the sample, with n - 1; None for a single value."""
    n: int


def spread(values: Iterable[float]) -> Spread | None:
    """The mean and the standard deviation of the finite ones among the values; None where there is none."""
    finite = [one for one in values if math.isfinite(one)]
    if not finite:
        return None
    n = len(finite)
    mean = math.fsum(one / n for one in finite)
    if n == 1:
        return Spread(mean, None, 1)
    largest = max(abs(one - mean) for one in finite) or 1.0  # squares of very large values would overflow
    squares = math.fsum(((one - mean) / largest) ** 2 for one in finite)
    return Spread(mean, largest * math.sqrt(squares / (n - 1)), n)


def seed_key(run: RunView) -> str:
    """Equal for runs whose configs differ in the seed alone, and which began from the same weights.

    Empty for a run that has no config of ours, or one that cannot be read. What was changed of a running job does not
    count. The config is read again only when its file was replaced; that takes a fraction of a millisecond.
    """
    if run.summary.kind != "engine":
        return ""
    try:
        stat = run.folder.config.stat()
    except OSError:  # not remembered: a network file system may answer the next time
        return ""
    key = _config_key(run.folder.config, stat.st_mtime_ns, stat.st_ino, stat.st_size)
    summary = run.summary
    if not key or summary.start_from == "scratch":
        return key
    # A child that goes on with weights of its parent trains for longer than its config says; a fork's reason says from
    # where on.
    return f"{key} {summary.start_from} {summary.parent} {summary.reason if summary.start_from == 'fork' else ''}"


@lru_cache(maxsize=8192)
def _config_key(path: Path, _mtime: int, _inode: int, _size: int) -> str:
    config = files.read(path).config
    return key_of(config) if config is not None else ""


def key_of(config: TrainingConfig) -> str:
    """A fingerprint of what the config makes of a seed."""
    told = [(entry.key, value(config, entry.key)) for entry in FIELDS if counts(entry.key) and applies(entry, config)]
    return blake2b(msgspec.json.encode(told), digest_size=12).hexdigest()


def counts(key: str) -> bool:
    """Whether a key of the config has a part in what is learned; the seed has none here."""
    return key not in IRRELEVANT and key.partition(".")[0] not in IRRELEVANT
