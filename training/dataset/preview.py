"""What an editor shows of a data set before it is trained on: classes, sides, image sizes, and the loss that fits.

Nothing here opens an image; training/dataset/headers.py does, in a process of its own.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from statistics import median

import msgspec

from training.config.data import Data
from training.config.schema import ClassWeights
from training.dataset.listing import SIDES, Listing, Side, shown, sides_to_make
from training.guide.hint import Facts
from training.guide.rules.loss import fitting_losses

DIGITS = Path(__file__).resolve().parents[1] / "digits" / "digits.csv.gz"
DIGITS_SIDE = 8
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "bytes"})
"""Pixel modes that are grey for certain; a palette may hold colours."""


class ClassCount(msgspec.Struct, frozen=True):
    """Images of one class; the name is safe to print."""

    name: str
    images: int
    sides: dict[Side, int] = {}
    """Of a ready-made split; else empty."""


class Extent(msgspec.Struct, frozen=True):
    """Smallest, middle and largest of a number of pixels."""

    least: int
    median: float
    most: int


class Unread(msgspec.Struct, frozen=True):
    """A file that training would leave out, and why; both safe to print."""

    path: str
    why: str


class Looked(msgspec.Struct, frozen=True):
    """What the headers of some of the images say."""

    images: int
    """How many were looked at, spread evenly over the classes."""
    width: Extent | None = None
    height: Extent | None = None
    distinct: int = 0
    """Different sizes among them."""
    modes: dict[str, int] = {}
    """Images by Pillow's pixel mode, the most frequent first."""
    unread: tuple[Unread, ...] = ()


class Preview(msgspec.Struct, frozen=True):
    """A data set as far as its list of files tells, and `looked` once some of the images have been looked at."""

    classes: tuple[ClassCount, ...]
    ready: tuple[Side, ...] = ()
    """The sides of a ready-made split that hold images."""
    groups: int | None = None
    notes: tuple[str, ...] = ()
    """What is passed over, in sentences."""
    looked: Looked | None = None

    @property
    def images(self) -> int:
        return sum(entry.images for entry in self.classes)

    @property
    def to_train(self) -> list[int]:
        """Images of each class that may be trained on: of a ready-made split its training side, before validation
        images are held out of it where it has none of its own."""
        return [entry.sides.get("train", 0) if self.ready else entry.images for entry in self.classes]

    @property
    def ratio(self) -> float | None:
        """Largest class over smallest, of the images to train on; None where a class has none."""
        counts = self.to_train
        least = min(counts, default=0)
        return max(counts) / least if least else None

    @property
    def losses(self) -> tuple[ClassWeights, ...]:
        """Those that the guide holds fitting for the ratio, the recommended one first."""
        return () if self.ratio is None else fitting_losses(self.ratio)

    @property
    def grey(self) -> bool | None:
        """Whether all images that were looked at are grey; None where none was."""
        return GREY_MODES.issuperset(self.looked.modes) if self.looked and self.looked.modes else None


def of_listing(listing: Listing) -> Preview:
    """The preview of a source that has been listed; no image is opened."""
    counts = Counter((label, listing.side(row)) for row, label in enumerate(listing.labels))
    ready = tuple(side for side in SIDES if side in set(listing.sides or ()))
    classes = tuple(
        ClassCount(
            shown(name), sum(counts[label, side] for side in SIDES), {side: counts[label, side] for side in ready}
        )
        for label, name in enumerate(listing.classes)
    )
    groups = len(set(listing.groups)) if listing.groups else None
    return Preview(classes, ready, groups, tuple(_passed_over(listing)))


def _passed_over(listing: Listing) -> list[str]:
    notes = []
    if listing.broken:
        notes.append(f"{_count(len(listing.broken), 'link')} to nowhere: {shown(listing.broken[0])}")
    if listing.foreign:
        notes.append(f"{_count(listing.foreign, 'file')} of other image formats left out")
    if listing.loose:
        notes.append(f"{_count(listing.loose, 'image')} beside the class folders left out")
    if listing.empty:
        more = f" and {len(listing.empty) - 3} more" if len(listing.empty) > 3 else ""
        notes.append(f"no image in {', '.join(map(shown, listing.empty[:3]))}{more}")
    return notes


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def digits(data: Data) -> Preview:
    """The digits that ship with traindeck, or data.subset percent of each, as training/engine/data/digits.py draws
    them. Raises OSError."""
    whole = _digit_counts()
    counts = [max(3, round(count * data.subset / 100)) if data.subset < 100 else count for count in whole]
    same = Extent(DIGITS_SIDE, DIGITS_SIDE, DIGITS_SIDE)
    return Preview(
        tuple(ClassCount(str(digit), count) for digit, count in enumerate(counts)),
        looked=Looked(sum(counts), same, same, 1, {"L": sum(counts)}),
    )


@lru_cache(maxsize=1)
def _digit_counts() -> tuple[int, ...]:
    labels = Counter(line.rpartition(b",")[2] for line in gzip.decompress(DIGITS.read_bytes()).split())
    return tuple(labels[b"%d" % digit] for digit in range(10))


def side_sizes(preview: Preview, data: Data) -> dict[Side, int]:
    """Images on each side under the config's shares, as training/dataset/split.py draws them; where groups are kept
    whole, what it aims at."""
    sizes = {side: sum(entry.sides.get(side, 0) for entry in preview.classes) for side in SIDES}
    to_make = sides_to_make(preview.ready, test=data.test_fraction > 0)
    train = 0
    for left in preview.to_train:
        count = left
        if "test" in to_make:
            drawn = min(max(round(count * data.test_fraction), 1), max(0, left - len(to_make) + 1))
            sizes["test"] += drawn
            left -= drawn
        if "val" in to_make:
            drawn = min(max(round(count * data.val_fraction), 1), max(0, left - 1))
            sizes["val"] += drawn
            left -= drawn
        train += left
    return {**sizes, "train": train}


def facts(preview: Preview, data: Data) -> Facts:
    """What the guide's hints can know of it."""
    return Facts(class_ratio=preview.ratio, n_train=side_sizes(preview, data)["train"], classes=len(preview.classes))


def extent(numbers: Sequence[int]) -> Extent | None:
    """None of no numbers."""
    if not numbers:
        return None
    middle = float(median(numbers))
    return Extent(min(numbers), int(middle) if middle.is_integer() else middle, max(numbers))
