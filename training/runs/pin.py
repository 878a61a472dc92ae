"""Pinning a run: an empty file in its folder, for as long as cleaning is to pass it over."""

from __future__ import annotations

from training.errors import RunFailed
from training.runs.layout import RunFolder


def pin(folder: RunFolder, *, on: bool = True) -> None:
    """Pin the run, or unpin it. Raises RunFailed where the run folder cannot be written."""
    try:
        if on:
            folder.pin.touch()
        else:
            folder.pin.unlink(missing_ok=True)
    except OSError as error:
        raise RunFailed(f"{folder.path}: the run cannot be {'' if on else 'un'}pinned: {error.strerror}.") from error
