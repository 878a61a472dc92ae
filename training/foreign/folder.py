"""The logs in a folder that some tool made for a run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from training.foreign.event_files import PATTERN
from training.foreign.event_pair import pair_in
from training.foreign.trainer_state import NAME, newest

SUFFIXES = (".csv", ".jsonl", ".wandb", ".tsv")
MOST = 5000
"""Entries that are looked at: a folder with more is no run's."""


def candidates(folder: Path) -> list[Path]:
    """What may be logs in a folder and those in it; a folder of event files and one of checkpoints are one log each,
    and so are the folders `train` and `validation` of event files beside each other.

    Links to folders are passed over: W&B's `latest-run` is a log that is there already.
    """
    found: list[Path] = []
    seen = 0
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders.sort()
        seen += len(names) + len(folders)
        if newest(here) is not None:
            found.append(here if not (here / NAME).is_file() else here / NAME)
            folders[:] = [name for name in folders if not name.startswith("checkpoint-")]
        pair = pair_in(here)
        if pair is not None:
            folders[:] = [name for name in folders if here / name not in pair]
        if pair is not None or any(here.glob(PATTERN)):
            found.append(here)
        found += [here / name for name in sorted(names) if name.endswith(SUFFIXES)]
        if seen > MOST:
            break
    return found


def listed(paths: Iterable[Path], folder: Path) -> str:
    """The logs in a folder, by their places in it."""
    own = "the event files in it" if newest(folder) is None else "the checkpoints in it"
    return ", ".join(own if path == folder else str(path.relative_to(folder)) for path in paths)
