"""What a data set holds and what is wrong with it, before anything is trained on it: facts alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing

import msgspec

from training.config.schema import ClassWeights, TrainingConfig
from training.dataset.building import Progress
from training.dataset.byteplot import IMAGES_DRAWN, mostly_images
from training.dataset.crew import processes_for
from training.dataset.decode import Recipe
from training.dataset.duplicates import Duplicates, find_duplicates
from training.dataset.inspection import Inspected, inspect
from training.dataset.listing import NOWHERE, SIDES, Listing, Side, shown
from training.dataset.preview import Extent, Unread, extent
from training.dataset.split import make_split
from training.errors import TraindeckError
from training.guide.rules.loss import fitting_losses

AUTO_SIDE = 64
"""The side at which images are looked at where the config leaves it to the model."""


class ClassFacts(msgspec.Struct, frozen=True):
    """One class; only readable images count."""

    name: str
    count: int
    sides: dict[Side, int]
    """Of a ready-made split; else empty."""


class Survey(msgspec.Struct, frozen=True):
    """A data set, as far as its files tell. Names and paths are made safe to print."""

    source: str
    images: int
    """Files that training would use: the readable ones, as in `classes`."""
    classes: tuple[ClassFacts, ...]
    groups: int | None
    """Groups that the readable images belong to; None where there are none."""
    ratio: float | None
    """Largest class over smallest, of the training images where the split is ready-made; None if a class has none."""
    losses: tuple[ClassWeights, ...]
    """Those that the guide holds fitting for the ratio, the recommended one first."""
    width: Extent | None
    """In pixels, as displayed; so is the height."""
    height: Extent | None
    distinct_sizes: int
    modes: dict[str, int]
    """Images by Pillow's pixel mode, the most frequent first; `;16` marks 16 bits a channel."""
    side: int
    """At which mean and std were taken."""
    mean: tuple[float, ...]
    """Of each channel, 0 to 1."""
    std: tuple[float, ...]
    unreadable: tuple[Unread, ...]
    """Files that are there but hold no image, and links that lead nowhere."""
    duplicates: Duplicates
    split_by: str
    """What put the images on their sides: `ready-made`, or `seed 0`; empty where they cannot be split."""
    split_problem: str
    """Why the readable images cannot be split; empty if they can."""
    notes: tuple[str, ...]
    foreign: int
    """Files of other image formats, passed over."""
    empty: tuple[str, ...]
    """Class folders without an image."""


def survey(listing: Listing, config: TrainingConfig, *, workers: int, progress: Progress) -> Survey:
    """Read every file once, at the config's image size; pixels are not kept. What `progress` raises ends the work."""
    data = config.data
    side = AUTO_SIDE if data.image_size == "auto" else data.image_size
    recipe = Recipe(side, data.color, "byteplot" if data.source == "byteplot" else "image")
    total = len(listing.paths)
    found = Inspected()
    progress(0, total)
    processes = processes_for(listing.sizes, workers)
    with closing(
        inspect(listing, recipe, processes=processes, idle=lambda: progress(found.tally.done, total))
    ) as parts:
        for part in parts:
            found.add(part)
            progress(found.tally.done, total)
    return _facts(listing, config, found, side)


def _facts(listing: Listing, config: TrainingConfig, found: Inspected, side: int) -> Survey:
    readable = sorted(found.digests)
    classes = _classes(listing, readable)
    sides, split_by, split_problem = _sides(listing, config, readable)
    ratio = _ratio(classes, ready_made=listing.sides is not None)
    mean, std = found.moments()
    drawn = [IMAGES_DRAWN] if config.data.source == "byteplot" and mostly_images(listing) else []
    modes = Counter(mode for _, _, mode in found.shapes.values())
    return Survey(
        source=config.data.source,
        images=len(readable),
        classes=classes,
        groups=len({listing.groups[row] for row in readable}) if listing.groups else None,
        ratio=ratio,
        losses=() if ratio is None else fitting_losses(ratio),
        width=extent([width for width, _, _ in found.shapes.values()]),
        height=extent([height for _, height, _ in found.shapes.values()]),
        distinct_sizes=len({(width, height) for width, height, _ in found.shapes.values()}),
        modes=dict(modes.most_common()),
        side=side,
        mean=mean,
        std=std,
        unreadable=(
            *(Unread(shown(listing.paths[row]), why) for row, why in sorted(found.tally.bad.items())),
            *(Unread(shown(path), NOWHERE) for path in listing.broken),
        ),
        duplicates=find_duplicates(listing, found.digests, sides),
        split_by=split_by,
        split_problem=split_problem,
        notes=(*drawn, *found.tally.notes),
        foreign=listing.foreign,
        empty=tuple(map(shown, listing.empty)),
    )


def _classes(listing: Listing, readable: Sequence[int]) -> tuple[ClassFacts, ...]:
    counts = Counter((listing.labels[row], listing.side(row)) for row in readable)
    ready = set(listing.sides or ())
    return tuple(
        ClassFacts(
            shown(name),
            sum(counts[label, side] for side in SIDES),
            {side: counts[label, side] for side in SIDES if side in ready},
        )
        for label, name in enumerate(listing.classes)
    )


def _ratio(classes: Sequence[ClassFacts], *, ready_made: bool) -> float | None:
    counts = [entry.sides["train"] if ready_made else entry.count for entry in classes]
    return max(counts) / min(counts) if min(counts) else None


def _sides(listing: Listing, config: TrainingConfig, readable: Sequence[int]) -> tuple[dict[int, Side], str, str]:
    """The side of each readable image by row, what put it there, and why the images cannot be split, if so."""
    paths = [listing.paths[row] for row in readable]
    try:
        split = make_split(
            paths,
            [listing.labels[row] for row in readable],
            fraction=config.data.val_fraction,
            test_fraction=config.data.test_fraction,
            seed=config.runtime.seed,
            fingerprint=listing.fingerprint,
            sides={listing.paths[row]: listing.side(row) for row in readable} if listing.sides else None,
            groups={listing.paths[row]: listing.groups[row] for row in readable} if listing.groups else None,
            classes=listing.classes,
        )
    except TraindeckError as error:
        return {}, "", error.message
    row_of = dict(zip(paths, readable, strict=True))
    sides: dict[int, Side] = {}
    for side, samples in (("train", split.train), ("val", split.val), ("test", split.test)):
        sides |= {row_of[str(sample)]: side for sample in samples}  # type: ignore[misc]
    return sides, "ready-made" if listing.sides else f"seed {config.runtime.seed}", ""
