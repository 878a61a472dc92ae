"""Each file of a listing read once for what it is: content, size, pixel mode and grey values, but not its pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image

from training.dataset.building import Tally
from training.dataset.crew import parts, spread
from training.dataset.decode import Recipe, Unreadable, decode
from training.dataset.listing import Listing

LEVELS = 256


@dataclass
class Inspected:
    """What is known of the files; rows are places in the listing."""

    tally: Tally = field(default_factory=Tally)
    digests: dict[int, bytes] = field(default_factory=dict)
    """Of the content of every readable file, by row."""
    shapes: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    """Width and height as displayed, and pixel mode in the file, by row."""
    grey: list[int] = field(default_factory=lambda: [0] * LEVELS)
    """How often each value occurs in the grey images."""
    colour: list[int] = field(default_factory=lambda: [0] * (3 * LEVELS))
    """How often in the colour images: first red, then green, then blue."""

    def add(self, other: Inspected) -> None:
        self.tally.add(other.tally)
        self.digests |= other.digests
        self.shapes |= other.shapes
        self.grey = [one + more for one, more in zip(self.grey, other.grey, strict=True)]
        self.colour = [one + more for one, more in zip(self.colour, other.colour, strict=True)]

    def moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel, of values scaled to 0…1; one channel if all images are grey."""
        if not any(self.colour):
            channels = [self.grey]
        else:
            channels = [
                [one + more for one, more in zip(self.grey, self.colour[first : first + LEVELS], strict=True)]
                for first in range(0, 3 * LEVELS, LEVELS)
            ]
        both = [_moments(counts) for counts in channels if any(counts)]
        return tuple(mean for mean, _ in both), tuple(std for _, std in both)


def _moments(counts: Sequence[int]) -> tuple[float, float]:
    total = sum(counts)
    mean = sum(value * count for value, count in enumerate(counts)) / total
    variance = sum((value - mean) ** 2 * count for value, count in enumerate(counts)) / total
    return mean / (LEVELS - 1), variance**0.5 / (LEVELS - 1)


@dataclass(frozen=True)
class _Looking:
    root: Path
    recipe: Recipe


def inspect(
    listing: Listing, recipe: Recipe, *, processes: int, idle: Callable[[], None]
) -> Generator[Inspected, None, None]:
    """The files part by part, as they come in; close it to end early. See crew.spread for `idle` and what is raised."""
    jobs = ((part.start, listing.paths[part.start : part.stop]) for part in parts(listing.sizes))
    return spread(partial(_inspect_part, _Looking(listing.root, recipe)), jobs, processes=processes, idle=idle)


def _inspect_part(looking: _Looking, job: tuple[int, Sequence[str]]) -> Inspected:
    first, paths = job
    found = Inspected()
    planes: dict[int, list[bytes]] = {1: [], 3: []}
    for row, path in enumerate(paths, first):
        image = decode(looking.root, path, looking.recipe)
        found.tally.done += 1
        if isinstance(image, Unreadable):
            found.tally.bad[row] = image.why
            continue
        try:
            with (looking.root / path).open("rb") as file:
                found.digests[row] = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            found.tally.bad[row] = error.strerror or str(error)
            continue
        found.tally.count(image)
        found.shapes[row] = (*image.size, image.mode)
        planes[image.channels].append(image.pixels)
    found.grey = _histogram("L", planes[1], looking.recipe.side)
    found.colour = _histogram("RGB", planes[3], looking.recipe.side)
    return found


def _histogram(mode: str, images: Sequence[bytes], side: int) -> list[int]:
    """Of all images at once, one below the other."""
    return Image.frombytes(mode, (side, side * len(images)), b"".join(images)).histogram()
