"""The decoded pixels of a whole listing, as bytes that torch can look at without a copy."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from mmap import mmap
from pathlib import Path
from typing import Literal

import psutil

from training.dataset import cache
from training.dataset.building import Progress, Tally, build
from training.dataset.crew import processes_for
from training.dataset.decode import Decoded, Recipe, Unreadable, decode
from training.dataset.listing import Listing, shown
from training.dataset.scratch import Unsuitable, check_room, scratch_folder
from training.errors import RunFailed
from training.figures import storage

Mode = Literal["auto", "ram", "disk", "off"]
Tell = Callable[[str], None]
"""Called with a sentence when something begins that takes a while."""

SAMPLE, LARGE_SAMPLE = 16, 64
"""Files that are looked at, spread over the listing, to guess whether there is colour: where the guess is checked by
decoding all of them, and where it is not."""
MEMORY_SHARE = 0.5
"""Of the available memory, the most that is taken without being asked to."""


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
    passed_over: bool = False
    """They are not in the cache folder that was named, since it cannot be used."""


def load_pixels(
    listing: Listing,
    recipe: Recipe,
    *,
    mode: Mode,
    cache_dir: Path | str | None,
    workers: int,
    progress: Progress,
    tell: Tell | None = None,
) -> Pixels:
    """Decode every file of the listing, or find it decoded already; with `off` only judge whether there is colour.

    `auto` keeps the pixels on a disk of this host where they fit, else in memory if half of what is free is enough,
    else nowhere, and says why. What `progress` raises ends the work, and nothing half-done is left. Raises
    TraindeckError where the pixels do not fit where the mode wants them.
    """
    loader = _Loader(listing, recipe, workers, progress, tell or (lambda _: None))
    if mode == "off":
        return loader.nowhere("as data.cache is off")
    why_not_disk = ""
    if mode != "ram":
        try:
            return loader.on_disk(cache_dir)
        except Unsuitable as error:
            if mode == "disk":
                raise
            why_not_disk = error.message
    found = loader.in_memory(mode, why_not_disk)
    return replace(found, passed_over=bool(why_not_disk and cache_dir))


@dataclass(frozen=True)
class _Loader:
    listing: Listing
    recipe: Recipe
    workers: int
    progress: Progress
    tell: Tell

    def on_disk(self, cache_dir: Path | str | None) -> Pixels:
        """From the cache, where they are built if need be. Raises Unsuitable before anything is written."""
        folder = scratch_folder(cache_dir)
        entry = cache.Entry(folder, cache.key_of(self.listing, self.recipe))
        if found := entry.read():
            return self._mapped(*found, f"in {shown(str(folder))}, found there")
        try:
            with entry.locked(self._waiter()):
                if found := entry.read():
                    return self._mapped(*found, f"in {shown(str(folder))}, where another run has just built them")
                entry.clean()
                return self._built(entry)
        except OSError as error:
            raise _not_written(folder, error) from error

    def _built(self, entry: cache.Entry) -> Pixels:
        began = time.monotonic()
        channels = self._channels(SAMPLE)
        while True:
            size = self._size(channels)
            free = check_room(entry.folder, size)
            self.tell(
                f"Decoding {len(self.listing.paths)} images to {storage(size)} in {shown(str(entry.folder))}, "
                f"where {storage(free)} are free."
            )
            with entry.part(size) as part:
                tally = self._fill(channels, str(part))
                if not tally.coloured:
                    entry.publish(part, cache.Facts(cache.FORMAT, self._shape(channels), tally.bad, tally.notes))
                    break
            channels = 3
        found = entry.read()
        if found is None:
            raise RunFailed(
                f"{shown(str(entry.folder))} lost what was written to it.", "Name another with data.cache_dir."
            )
        return self._mapped(*found, f"in {shown(str(entry.folder))}, {self._effort(began)}")

    def in_memory(self, mode: Mode, why_not_disk: str) -> Pixels:
        """In memory of this process; with `auto` nowhere if that would take too much of it."""
        began = time.monotonic()
        channels = self._channels(SAMPLE)
        while True:
            size = self._size(channels)
            free = psutil.virtual_memory().available
            need = f"The decoded images need {storage(size)} of memory, and {storage(free)} are available"
            if mode == "auto" and size > free * MEMORY_SHARE:
                return self.nowhere(f"as they fit nowhere. {why_not_disk} {need}")
            if size > free:
                raise RunFailed(f"{need}.", "Set data.cache to disk or off, or lower data.image_size.")
            with _memory_file(size) as (handle, path):
                tally = self._fill(channels, path)
                if not tally.coloured:
                    facts = cache.Facts(cache.FORMAT, self._shape(channels), tally.bad, tally.notes)
                    reason = f" {why_not_disk}" if why_not_disk else ""
                    where = f"in memory, {self._effort(began)}"
                    return self._mapped(facts, mmap(handle, size), where, reason)
            channels = 3

    def nowhere(self, why: str) -> Pixels:
        """Nothing is kept; a sample tells whether there is colour."""
        channels = self._channels(LARGE_SAMPLE)
        return Pixels(None, channels, self.recipe.side, where=f"Images are decoded anew each time, {why}.")

    def _fill(self, channels: int, target: str) -> Tally:
        return build(self.listing, self.recipe, channels, target, processes=self._processes, progress=self.progress)

    def _mapped(self, facts: cache.Facts, pixels: mmap, where: str, more: str = "") -> Pixels:
        bad = {place: Unreadable(self.listing.paths[place], why) for place, why in facts.bad.items()}
        sentence = f"Decoded images: {storage(len(pixels))} {where}.{more}"
        return Pixels(pixels, facts.shape[1], self.recipe.side, bad, facts.notes, sentence)

    def _channels(self, sample: int) -> int:
        """What the recipe says; else 3 where a sample of the files holds a colour image."""
        if self.recipe.color != "auto":
            return 3 if self.recipe.color == "rgb" else 1
        if self.recipe.kind == "byteplot":
            return 1
        total = len(self.listing.paths)
        for place in range(min(sample, total)):
            self.progress(0, total)
            path = self.listing.paths[place * total // min(sample, total)]
            image = decode(self.listing.root, path, self.recipe)
            if isinstance(image, Decoded) and image.channels == 3:
                return 3
        return 1

    def _waiter(self) -> Callable[[], None]:
        said = False

        def waiting() -> None:
            nonlocal said
            if not said:
                self.tell("Another run is decoding the same images; waiting for them.")
                said = True
            self.progress(0, len(self.listing.paths))

        return waiting

    @property
    def _processes(self) -> int:
        return processes_for(self.listing.sizes, self.workers)

    def _effort(self, began: float) -> str:
        count = self._processes
        crew = f"with {count} processes" if count > 1 else "in one process"
        return f"built in {time.monotonic() - began:.1f} s {crew}"

    def _shape(self, channels: int) -> tuple[int, int, int, int]:
        return len(self.listing.paths), channels, self.recipe.side, self.recipe.side

    def _size(self, channels: int) -> int:
        return len(self.listing.paths) * channels * self.recipe.side**2


@contextmanager
def _memory_file(size: int) -> Iterator[tuple[int, str]]:
    """A file without a name that lives in memory, as a handle and a path by which children write to it.

    Where the system has none (macOS), one in the temp folder, which its page cache holds.
    """
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("traindeck-pixels")
        path = f"/proc/{os.getpid()}/fd/{handle}"
    else:
        handle, path = tempfile.mkstemp(prefix="traindeck-pixels-")
    try:
        os.ftruncate(handle, size)
        yield handle, path
    finally:
        os.close(handle)
        if not path.startswith("/proc/"):
            Path(path).unlink(missing_ok=True)


def _not_written(folder: Path, error: OSError) -> RunFailed:
    return RunFailed(
        f"The decoded images cannot be written to {shown(str(folder))}: {error.strerror or error}.",
        "Make room there, name another folder with data.cache_dir, or set data.cache to ram or off.",
    )
