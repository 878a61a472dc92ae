"""All files of a listing decoded into one file of pixels, by several processes at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from training.dataset.crew import parts, spread
from training.dataset.decode import Decoded, Recipe, Unreadable, decode
from training.dataset.listing import Listing

Progress = Callable[[int, int], None]
"""Called with the images done and all of them, several times a second; may raise to stop."""


@dataclass
class Tally:
    """What was met while files were decoded."""

    done: int = 0
    bad: dict[int, str] = field(default_factory=dict)
    """Why, by place in the listing."""
    transparent: int = 0
    several: int = 0
    dark: int = 0
    coloured: bool = False
    """A colour image turned up where grey alone was expected; what came after it was not decoded."""

    def count(self, image: Decoded) -> None:
        self.transparent += image.transparent
        self.several += image.several
        self.dark += image.dark

    def add(self, other: Tally) -> None:
        self.done += other.done
        self.bad |= other.bad
        self.transparent += other.transparent
        self.several += other.several
        self.dark += other.dark
        self.coloured |= other.coloured

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, a sentence each."""
        found = (
            (self.transparent, "Images that are see-through in places and were laid over white: {}."),
            (self.several, "Files of several frames or pages, of which the first is used: {}."),
            (
                self.dark,
                "Images of 16 bits that use less than a sixteenth of their range, and so come out nearly black: {}. "
                "Rescale them if they should not.",
            ),
        )
        return tuple(sentence.format(count) for count, sentence in found if count)


@dataclass(frozen=True)
class _Target:
    """Where pixels go: image after image [channels, side, side]."""

    path: str
    root: Path
    recipe: Recipe
    channels: int


_Job = tuple[int, Sequence[str]]
"""Place of the first file in the listing, and the paths from there on."""


def build(listing: Listing, recipe: Recipe, channels: int, target: str, *, processes: int, progress: Progress) -> Tally:
    """Decode every file into `target`, which has its full size already, filled with zeros.

    Where `channels` is 1 and the recipe leaves the colour open, a colour image ends the work early: see the tally.
    Raises what `progress` raises, OSError where the target cannot be written, and RunFailed.
    """
    total = len(listing.paths)
    tally = Tally()
    work = partial(_decode_part, _Target(target, listing.root, recipe, channels))
    jobs = ((part.start, listing.paths[part.start : part.stop]) for part in parts(listing.sizes))
    progress(0, total)
    with closing(spread(work, jobs, processes=processes, idle=lambda: progress(tally.done, total))) as results:
        for result in results:
            tally.add(result)
            if tally.coloured:
                break
            progress(tally.done, total)
    return tally


def _decode_part(target: _Target, job: _Job) -> Tally:
    first, paths = job
    size = target.channels * target.recipe.side**2
    tally = Tally()
    handle = os.open(target.path, os.O_WRONLY)
    try:
        for place, path in enumerate(paths, first):
            image = decode(target.root, path, target.recipe)
            tally.done += 1
            if isinstance(image, Unreadable):
                tally.bad[place] = image.why
                continue
            if image.channels > target.channels:
                tally.coloured = True
                break
            tally.count(image)
            _write(handle, image.planes(target.channels), place * size)
    finally:
        os.close(handle)
    return tally


def _write(handle: int, content: bytes, place: int) -> None:
    """All of it: a disk that fills up takes a part, and says why at the next call only."""
    view = memoryview(content)
    while view:
        written = os.pwrite(handle, view, place)
        view, place = view[written:], place + written
