"""Muting findings: their labels in a file of the run folder, for as long as nobody wants to hear of them in this run.

The diagnosis goes on as before; whoever shows its findings leaves the muted ones out, or folds them away.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from training import files
from training.errors import RunFailed
from training.runs.layout import RunFolder

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig


class Muted(msgspec.Struct, frozen=True):
    """The content of muted.json."""

    labels: list[str] = []


_decoder = msgspec.json.Decoder(Muted)


def read_muted(folder: RunFolder) -> frozenset[str]:
    """The labels that are muted; none where the file is missing or cannot be read."""
    try:
        stat = folder.muted.stat()
        return _read(folder.muted, stat.st_mtime_ns, stat.st_ino, stat.st_size)
    except OSError:
        return frozenset()


@lru_cache(maxsize=4096)
def _read(path: Path, _mtime: int, _inode: int, _size: int) -> frozenset[str]:
    try:
        return frozenset(_decoder.decode(path.read_bytes()).labels)
    except ValueError:
        return frozenset()


def mute(folder: RunFolder, label: str, *, on: bool = True) -> frozenset[str]:
    """Mute the findings of a label in this run, or hear of them again; what is muted then.

    Raises RunFailed where the run folder cannot be written.
    """
    muted = read_muted(folder)
    wanted = muted | {label} if on else muted - {label}
    if wanted != muted:
        try:
            _write(folder, wanted)
        except OSError as error:
            raise RunFailed(
                f"{folder.path}: the finding cannot be {'' if on else 'un'}muted: {error.strerror}."
            ) from error
    return wanted


def mute_silenced(folder: RunFolder, config: TrainingConfig) -> None:
    """Mute what the config silences, at the launch; the file can be changed later. Raises OSError."""
    from training.guide.labels import LABELS

    if labels := frozenset(config.advice.silenced).intersection(LABELS):
        _write(folder, labels)


def _write(folder: RunFolder, labels: frozenset[str]) -> None:
    files.replace(folder.muted, msgspec.json.encode(Muted(sorted(labels))) + b"\n")
