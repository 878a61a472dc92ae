"""What a verdict needs to know of a run, read from its folder; a file is read again only when it was replaced."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from training.config import files
from training.config.schema import TrainingConfig
from training.curves import Curves
from training.diagnosis.facts import read_facts
from training.runs.lifecycle import RunView
from training.story.versus.measured import Measured
from training.text import one_line


def measured(run: RunView, curves: Curves, name: str = "") -> Measured:
    """The run with those curves; opens its config and its split, so it is for a thread."""
    config = config_of(run)
    about = Measured(
        name=name or name_of(run),
        monitor=config.optimization.monitor if config else "val_loss",
        data=one_line(run.summary.data),
        validation=validation_of(run),
        loss=loss_of(config) if config else "",
        seed=config.runtime.seed if config else None,
        inherited=run.summary.inherited_attempts if run.summary.start_from == "fork" else 0,
    )
    return with_curves(about, curves, live=run.live)


def with_curves(about: Measured, curves: Curves, *, live: bool) -> Measured:
    """What is known of a run with its curves as they are now, and what those tell of it."""
    n_val = read_facts(curves.attempt.facts, None).n_val if curves.attempt else None
    return replace(about, epochs=curves.epochs, n_val=n_val, live=live, forked_at=_forked_at(curves, about.inherited))


def _forked_at(curves: Curves, inherited: int) -> int:
    """The last epoch that is the parent's; all of them as long as the fork has not begun to train."""
    if not inherited:
        return 0
    own = [epoch for attempt, epoch in curves.begun.items() if attempt > inherited]
    # One that ended before it knew where to go on says 0; one after the first went on from there, or from later on.
    return min((epoch for epoch in own if epoch), default=0) if own else curves.epoch


def name_of(run: RunView) -> str:
    """What a person calls it, on one line."""
    return one_line(run.summary.name or run.folder.id)


def config_of(run: RunView) -> TrainingConfig | None:
    """Its config; None for a run that has none of ours, or one that cannot be read."""
    mark = _mark(run.folder.config) if run.summary.kind == "engine" else None
    return _config(run.folder.config, mark) if mark else None


def validation_of(run: RunView) -> str:
    """A fingerprint of its data and of which of them validate; empty where there is no split."""
    mark = _mark(run.folder.split)
    return _validation(run.folder.split, mark) if mark else ""


def loss_of(config: TrainingConfig) -> str:
    """What its validation loss is made of, in words: equal for losses that are one measure."""
    parts = [str(config.class_weights)]
    if config.class_weights == "Focal Loss":
        parts.append(f"gamma {config.optimization.focal_gamma:g}")
    if config.optimization.label_smoothing:
        parts.append(f"smoothing {config.optimization.label_smoothing:g}")
    return ", ".join(parts)


class _Split(msgspec.Struct):
    """What is read of split.json; which of the samples validate stays text."""

    fingerprint: str
    val: msgspec.Raw


def _mark(path: Path) -> tuple[int, int, int] | None:
    """Changes when a file is replaced; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


@lru_cache(maxsize=256)
def _config(path: Path, _mark: tuple[int, int, int]) -> TrainingConfig | None:
    return files.read(path).config


@lru_cache(maxsize=256)
def _validation(path: Path, _mark: tuple[int, int, int]) -> str:
    try:
        split = msgspec.json.decode(path.read_bytes(), type=_Split)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return blake2b(split.fingerprint.encode() + b" " + bytes(split.val), digest_size=12).hexdigest()
