"""From a config's data section to samples, with what a person should know of them told in the log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import torch

from training.config.schema import TrainingConfig
from training.dataset.decode import Recipe
from training.dataset.listing import Listing, shown
from training.dataset.pixels import Pixels, load_pixels
from training.dataset.source import list_source
from training.dataset.split import SampleId
from training.engine.control import Control
from training.engine.data.digits import load_digits
from training.engine.data.samples import Memory, Samples
from training.engine.device import available_cores
from training.engine.reporting import Report
from training.errors import InvalidInput, TraindeckError

AUTO_SIDE = 64
NAMED = 5
"""Unreadable images that the log names; it counts the others."""


def load_samples(folder: Path, config: TrainingConfig, side: int | None, report: Report, control: Control) -> Samples:
    """Every readable sample; `side` is what the model wants where the config leaves the size to it, `folder` what
    data.path is relative to. Raises TraindeckError, and Stopped.
    """
    data = config.data
    if data.source == "digits":
        return load_digits(data)
    if data.path is None:
        raise InvalidInput("data.path is not set.", "Point it at a folder with one subfolder a class.")

    def progress(done: int, total: int) -> None:
        control.breathe()
        report.progress(f"decoding images: {done} of {total}")

    listing = list_source(data, folder / Path(data.path).expanduser(), config.runtime.seed)
    wanted = data.image_size if data.image_size != "auto" else side or AUTO_SIDE
    recipe = Recipe(wanted, data.color)
    pixels = load_pixels(listing, recipe, workers=available_cores(), progress=progress)
    _tell(report, listing, pixels)
    return _samples(listing, pixels)


def _tell(report: Report, listing: Listing, pixels: Pixels) -> None:
    if pixels.bad:
        named = "; ".join(str(what) for what in list(pixels.bad.values())[:NAMED])
        more = f"; and {len(pixels.bad) - NAMED} more" if len(pixels.bad) > NAMED else ""
        report.log(f"{len(pixels.bad)} images cannot be read and are left out: {named}{more}.", "warning")
    if listing.foreign:
        report.log(f"{listing.foreign} files are neither PNG, JPEG nor BMP and are left out.", "warning")
    if listing.empty:
        report.log(f"Subfolders without images: {', '.join(map(shown, listing.empty[:NAMED]))}.", "warning")
    for note in (*pixels.notes, pixels.where):
        if note:
            report.log(note)


def _samples(listing: Listing, pixels: Pixels) -> Samples:
    good: dict[SampleId, int] = {path: row for row, path in enumerate(listing.paths) if row not in pixels.bad}
    counts = Counter(listing.labels[row] for row in good.values())
    for label, name in enumerate(listing.classes):
        left = counts[label]
        if left < 2:
            named = next(what for row, what in pixels.bad.items() if listing.labels[row] == label)
            raise TraindeckError(
                f"Class {shown(name)} has {'one readable image' if left else 'no readable image'}; "
                f"training and validation need one each. The first bad one is {named}.",
                "Repair or convert its images, or remove the class folder.",
            )
    shape = (len(listing.paths), pixels.channels, pixels.side, pixels.side)
    assert pixels.buffer is not None
    images = torch.frombuffer(pixels.buffer, dtype=torch.uint8).view(shape)
    return Samples(Memory(images), torch.tensor(listing.labels), good, listing.classes, listing.fingerprint)
