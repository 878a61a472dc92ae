"""The decoded pixels of a whole listing, as bytes that torch can look at without a copy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from mmap import mmap

from PIL import Image

from training.dataset.decode import Recipe, Unreadable, decode
from training.dataset.listing import Listing

AHEAD = 256
"""Images that are decoded between two looks at the commands."""

Progress = Callable[[int, int], None]
"""Called with the images done and all of them, every few hundred; may raise to stop."""


@dataclass(frozen=True)
class Pixels:
    """Image after image in the order of the listing, each [channels, side, side], uint8; unreadable ones are black."""

    buffer: bytearray | mmap | None
    """None where nothing is kept, and images are decoded as they are needed."""
    channels: int
    side: int
    bad: dict[int, Unreadable] = field(default_factory=dict)
    """By place in the listing."""
    notes: tuple[str, ...] = ()
    """What a person should know of how they were read, a sentence each."""
    where: str = ""
    """Where they are kept and why there, a sentence."""


def load_pixels(listing: Listing, recipe: Recipe, *, workers: int, progress: Progress) -> Pixels:
    """Decode every file of the listing. Raises TraindeckError where they do not fit."""
    side = recipe.side
    total = len(listing.paths)
    channels = 3 if recipe.color == "rgb" else 1
    decoded: list[bytes | None] = []
    bad: dict[int, Unreadable] = {}
    Image.preinit()  # the readers are loaded here, not by two threads at once
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="decode") as pool:
        for start in range(0, total, AHEAD):
            progress(start, total)
            part = listing.paths[start : start + AHEAD]
            for path, result in zip(part, pool.map(lambda p: decode(listing.root, p, recipe), part), strict=True):
                if isinstance(result, Unreadable):
                    bad[len(decoded)] = result
                    decoded.append(None)
                    continue
                channels = max(channels, result.channels)
                decoded.append(result.pixels)
                del path
    buffer = bytearray(total * channels * side * side)
    size = side * side
    for index, content in enumerate(decoded):
        if content is None:
            continue
        start = index * channels * size
        for channel in range(channels):
            plane = content if len(content) == size else content[channel::3]
            buffer[start + channel * size : start + (channel + 1) * size] = plane
    return Pixels(buffer, channels, side, bad)
