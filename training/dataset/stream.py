"""Files decoded in passing: in their order, by several processes at once, a few parts in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from training.dataset.crew import parts, processes_for, spread
from training.dataset.decode import Recipe, Unreadable, decode

_Job = tuple[int, Sequence[str]]
"""Place of the first file, and the paths from there on."""


@dataclass(frozen=True)
class Part:
    """Files that lie together: the pixels of those that can be read, one after the other."""

    places: range
    pixels: bytes
    """[files in `good`, channels, side, side], uint8."""
    good: tuple[int, ...]
    bad: tuple[tuple[int, Unreadable], ...] = ()


def stream(
    root: Path,
    paths: Sequence[str],
    sizes: Sequence[int],
    recipe: Recipe,
    *,
    workers: int,
    idle: Callable[[], None] = lambda: None,
) -> Iterator[Part]:
    """Every file of `paths` (below `root`, with their sizes in bytes) as the recipe wants it, whose colour must not be
    `auto`: one file alone cannot tell what the others are.

    `idle` is called several times a second while nothing comes; what it raises ends the work. Close the iterator to
    end early. Raises RunFailed where a process is killed.
    """
    work = partial(_decode_part, root, recipe)
    jobs = ((part.start, paths[part.start : part.stop]) for part in parts(sizes))
    early: dict[int, Part] = {}
    next_place = 0
    with closing(spread(work, jobs, processes=processes_for(sizes, workers), idle=idle)) as results:
        for done in results:
            early[done.places.start] = done
            while ready := early.pop(next_place, None):
                next_place = ready.places.stop
                yield ready


def channels_of(recipe: Recipe) -> int:
    """Of the pixels that the stream gives."""
    return 1 if recipe.color == "grey" else 3


def _decode_part(root: Path, recipe: Recipe, job: _Job) -> Part:
    first, paths = job
    pixels: list[bytes] = []
    good: list[int] = []
    bad: list[tuple[int, Unreadable]] = []
    for place, path in enumerate(paths, first):
        image = decode(root, path, recipe)
        if isinstance(image, Unreadable):
            bad.append((place, image))
        else:
            pixels.append(image.planes(channels_of(recipe)))
            good.append(place)
    return Part(range(first, first + len(paths)), b"".join(pixels), tuple(good), tuple(bad))
