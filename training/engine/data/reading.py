"""Files as samples: listed, decoded or found in the cache, with what a person should know of them told in the log."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import torch

from training.config.schema import TrainingConfig
from training.dataset.byteplot import IMAGES_DRAWN, mostly_images
from training.dataset.decode import Recipe
from training.dataset.folder import FORMATS
from training.dataset.listing import Listing, shown
from training.dataset.pixels import Pixels, load_pixels
from training.dataset.source import list_source
from training.dataset.split import SampleId
from training.devices.cores import available_cores
from training.engine.control import Control
from training.engine.data.augment import stored_side
from training.engine.data.files import Files
from training.engine.data.samples import Memory, Samples, Store
from training.engine.place import Place
from training.engine.reporting import Report
from training.errors import InvalidInput, TraindeckError

MOST_WORKERS = 16
"""Processes that decode where nothing is kept; each takes the memory of a Python with torch."""
NAMED = 5
"""Unreadable images that the log names; it counts the others."""


def read_files(folder: Path, config: TrainingConfig, seen: int, report: Report, control: Control) -> Samples:
    """Every readable file of the source; the model sees them at `seen` pixels a side, and they may be stored larger.

    `folder` is what data.path is relative to. Raises TraindeckError, and Stopped.
    """
    data = config.data
    if data.path is None:
        raise InvalidInput("data.path is not set.", "Point it at a folder with one subfolder a class.")

    def progress(done: int, total: int) -> None:
        control.breathe()
        report.progress(f"decoding images: {done} of {total}")

    def tell(message: str) -> None:
        report.log(message)
        report.progress(message)

    listing = list_source(data, folder / Path(data.path).expanduser(), config.runtime.seed)
    recipe = Recipe(stored_side(config, seen), data.color, "byteplot" if data.source == "byteplot" else "image")
    workers = available_cores()
    pixels = load_pixels(
        listing,
        recipe,
        mode=data.cache,
        cache_dir=None if data.cache_dir is None else folder / Path(data.cache_dir).expanduser(),
        workers=workers,
        progress=progress,
        tell=tell,
    )
    if recipe.kind == "byteplot" and mostly_images(listing):
        report.log(IMAGES_DRAWN, "warning")
    _tell(report, listing, pixels)
    if recipe.side != seen:
        report.log(f"Images are kept at {recipe.side}×{recipe.side}, so that augmentation can zoom in without blur.")
    store: Store
    if pixels.buffer is not None:
        store = _mapped(listing, pixels)
    else:
        own = max(1, workers // Place.here().local_world)  # each rank decodes its part of every batch
        store = Files(listing, recipe, pixels.channels, min(own, MOST_WORKERS))
    return _samples(listing, pixels, store)


def _tell(report: Report, listing: Listing, pixels: Pixels) -> None:
    if pixels.bad:
        named = "; ".join(str(what) for what in list(pixels.bad.values())[:NAMED])
        more = f"; and {len(pixels.bad) - NAMED} more" if len(pixels.bad) > NAMED else ""
        images, are = ("image", "is") if len(pixels.bad) == 1 else ("images", "are")
        report.log(f"{len(pixels.bad)} {images} cannot be read and {are} left out: {named}{more}.", "warning")
    if listing.broken:
        named = "; ".join(map(shown, listing.broken[:NAMED]))
        more = f"; and {len(listing.broken) - NAMED} more" if len(listing.broken) > NAMED else ""
        what = (
            "1 link leads nowhere and is"
            if len(listing.broken) == 1
            else f"{len(listing.broken)} links lead nowhere and are"
        )
        report.log(f"{what} left out: {named}{more}.", "warning")
    if listing.foreign:
        what = "1 file is not" if listing.foreign == 1 else f"{listing.foreign} files are not"
        report.log(f"Left out: {what} {FORMATS}.", "warning")
    if listing.loose:
        what = "1 image lies" if listing.loose == 1 else f"{listing.loose} images lie"
        report.log(f"Left out: {what} beside the class folders.", "warning")
    if listing.empty:
        report.log(f"Subfolders without images: {', '.join(map(shown, listing.empty[:NAMED]))}.", "warning")
    for note in pixels.notes:
        report.log(note)
    report.log(pixels.where, "warning" if pixels.passed_over else "info")


def _mapped(listing: Listing, pixels: Pixels) -> Memory:
    """The buffer itself, not a copy of it."""
    shape = (len(listing.paths), pixels.channels, pixels.side, pixels.side)
    with warnings.catch_warnings():
        # torch warns that a mapped file cannot be written to; nobody wants to.
        warnings.filterwarnings("ignore", message="The given buffer is not writable")
        return Memory(torch.frombuffer(pixels.buffer, dtype=torch.uint8)[: torch.Size(shape).numel()].view(shape))


def _samples(listing: Listing, pixels: Pixels, store: Store) -> Samples:
    good: dict[SampleId, int] = {path: row for row, path in enumerate(listing.paths) if row not in pixels.bad}
    counts = Counter(listing.labels[row] for row in good.values())
    for label, name in enumerate(listing.classes):
        left = counts[label]
        if left < 2 and any(listing.labels[row] == label for row in pixels.bad):
            named = next(what for row, what in pixels.bad.items() if listing.labels[row] == label)
            raise TraindeckError(
                f"Class {shown(name)} has {'one readable image' if left else 'no readable image'}; "
                f"training and validation need one each. The first bad one is {named}.",
                "Repair or convert its images, or remove the class folder.",
            )
    return Samples(
        store=store,
        labels=torch.tensor(listing.labels),
        row_of=good,
        classes=listing.classes,
        fingerprint=listing.fingerprint,
        sides=None if listing.sides is None else {path: listing.sides[row] for path, row in good.items()},
        groups=None if listing.groups is None else {path: listing.groups[row] for path, row in good.items()},
    )
