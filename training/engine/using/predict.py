"""What a run's checkpoint takes files for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from training.dataset.byteplot import BINARIES
from training.dataset.folder import FORMATS, IMAGES, Sought, leads_nowhere
from training.dataset.listing import shown
from training.engine.using.loaded import LoadedRun
from training.errors import InvalidInput


@dataclass(frozen=True)
class Prediction:
    """What a file was taken for, the likeliest class first."""

    path: str
    top: tuple[tuple[str, float], ...]
    """Classes and their probabilities."""


@dataclass(frozen=True)
class NotRead:
    """A file that cannot be read, and why."""

    path: str
    why: str


def predict(run: LoadedRun, files: Sequence[str], top: int = 1) -> Iterator[list[Prediction | NotRead]]:
    """The `top` likeliest classes of each file, in the order of the files, a few at a time."""
    count = min(top, len(run.classes))
    for part in run.decoded(Path(), files, [_size(path) for path in files]):
        found: dict[int, Prediction | NotRead] = {place: NotRead(files[place], bad.why) for place, bad in part.bad}
        if part.good:
            logits = torch.cat([run.logits(batch.images) for batch in run.batches(part.pixels)])
            shares, labels = (of.tolist() for of in logits.softmax(dim=1).cpu().topk(count, dim=1))
            for place, probabilities, classes in zip(part.good, shares, labels, strict=True):
                names = (run.classes[label] for label in classes)
                found[place] = Prediction(files[place], tuple(zip(names, probabilities, strict=True)))
        yield [found[place] for place in part.places]


def _size(path: str) -> int:
    """Bytes, to share the work out by; 0 for a file that has gone, which reading it will tell."""
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def find_files(run: LoadedRun, paths: Sequence[str]) -> list[str]:
    """The files that are meant: those that are named, and in folders the images, or for byteplots every file.

    Folders are walked in the order of their names, links followed, hidden files passed over; a link that leads nowhere
    counts, so that it is told. Raises InvalidInput for
    a path that is not there and for a folder without such a file.
    """
    sought = BINARIES if run.config.data.source == "byteplot" else IMAGES
    files: list[str] = []
    for path in paths:
        if Path(path).is_file():
            files.append(path)
            continue
        if not Path(path).is_dir():
            what = "is no file" if Path(path).exists() else "no such file or folder"
            raise InvalidInput(f"{shown(path)}: {what}.", "Name files or folders.")
        found = list(_below(path, sought))
        if not found:
            kinds = "no file" if sought is BINARIES else f"no {FORMATS} image"
            raise InvalidInput(f"{shown(path)} holds {kinds}.", "Name a file, or another folder.")
        files += found
    return files


def _below(folder: str, sought: Sought) -> Iterator[str]:
    """No folder twice, so that links that lead round end."""
    been: set[tuple[int, int]] = set()
    for here, below, names in os.walk(folder, followlinks=True):
        status = Path(here).stat()
        if (status.st_dev, status.st_ino) in been:
            below.clear()
            continue
        been.add((status.st_dev, status.st_ino))
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            path = str(Path(here, name))
            if not name.startswith(".") and sought.takes(name) and (Path(path).is_file() or leads_nowhere(path)):
                yield path
