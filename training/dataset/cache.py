"""Decoded images in a file, mapped into memory: built once, shared by all runs on this host that want the same.

`<key>.u8` holds the pixels and `<key>.json`, written last, what they are; without it there is no entry. The key stands
for the files, their sizes and times, and the recipe. Whoever builds holds a lock on `<key>.lock`.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import msgspec
import PIL

from training import files
from training.dataset.decode import Recipe
from training.dataset.listing import Listing

FORMAT = 1
"""Raised whenever the same files would give other pixels."""
UNUSED_DAYS = 30
"""After which an entry is removed when a new one is built."""

_LOCK_SECONDS = 0.2
_NAME = re.compile(r"([0-9a-f]{40})\.(u8|json|lock|[0-9a-f]{16}\.part)")
_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)
_MAP_NORESERVE = 0x4000 if sys.platform == "linux" else 0
"""Linux; Python names it from 3.13 on. Without it the kernel wants to see memory for the whole of a private mapping."""


class Facts(msgspec.Struct, frozen=True):
    """What an entry holds."""

    format: int
    shape: tuple[int, int, int, int]
    """Images, channels, height, width."""
    bad: dict[int, str]
    """Why, by place in the listing."""
    notes: tuple[str, ...]


def key_of(listing: Listing, recipe: Recipe) -> str:
    """What tells these pixels from any others of this user."""
    digest = sha256(f"{FORMAT} {PIL.__version__} {os.getuid()} {recipe!r}\n".encode())
    digest.update(os.fsencode(listing.root.resolve()) + b"\n")
    for path in listing.paths:
        digest.update(os.fsencode(path) + b"\x00")
    digest.update(msgspec.json.encode((listing.sizes, listing.mtimes)))
    return digest.hexdigest()[:40]


class Entry:
    """One set of decoded images in a cache folder, there or not."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self._key = key
        self._pixels = folder / f"{key}.u8"
        self._facts = folder / f"{key}.json"
        self._lock = folder / f"{key}.lock"

    def read(self) -> tuple[Facts, mmap.mmap] | None:
        """What it is, and its pixels; None where it is not there, not whole, or of another format."""
        try:
            facts = msgspec.json.decode(self._facts.read_bytes(), type=Facts)
            with self._pixels.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                count, channels, height, width = facts.shape
                if facts.format != FORMAT or size != count * channels * height * width:
                    return None
                pixels = map_private(file.fileno(), size)
            os.utime(self._facts)  # it is in use
        except (OSError, ValueError):
            return None
        return facts, pixels

    @contextmanager
    def locked(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Alone with this entry; `waiting` is called while another process builds it, and may raise."""
        handle = self._acquire()
        while handle is None:
            waiting()
            time.sleep(_LOCK_SECONDS)
            handle = self._acquire()
        try:
            yield
        finally:
            self._release(handle)

    def _acquire(self) -> int | None:
        """A handle that holds the lock; None while another process has it. Raises OSError."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == self._lock.stat().st_ino:
                return handle
        except (BlockingIOError, FileNotFoundError):
            pass  # held, or removed by its holder since it was opened
        except OSError as error:
            # Some network file systems have no locks; two builds at once then cost time, and harm nothing.
            if error.errno in _NO_LOCKS:
                return handle
            os.close(handle)
            raise
        os.close(handle)
        return None

    def _release(self, handle: int) -> None:
        with suppress(OSError):
            self._lock.unlink()
        os.close(handle)

    @contextmanager
    def part(self, size: int) -> Iterator[Path]:
        """A file of that many zeros to be filled and published; gone afterwards if it was not. Under the lock."""
        path = self.folder / f"{self._key}.{secrets.token_hex(8)}.part"
        try:
            with path.open("xb") as file:
                file.truncate(size)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def publish(self, part: Path, facts: Facts) -> None:
        """Make it the entry, safely on the disk. Raises OSError."""
        with part.open("rb") as file:
            os.fsync(file.fileno())
        self._facts.unlink(missing_ok=True)
        part.replace(self._pixels)
        files.replace(self._facts, msgspec.json.encode(facts))

    def clean(self) -> None:
        """Remove what killed builds have left in the folder, and what has not been used for long. Under the lock."""
        found: dict[str, list[Path]] = {}
        with suppress(OSError):
            for path in self.folder.iterdir():
                if match := _NAME.fullmatch(path.name):
                    found.setdefault(match[1], []).append(path)
        for key, paths in found.items():
            with suppress(OSError):
                if key == self._key:
                    _remove(path for path in paths if path.suffix == ".part")
                else:
                    Entry(self.folder, key)._clean_up(paths)

    def _clean_up(self, paths: list[Path]) -> None:
        if any(path.stat().st_uid != os.getuid() for path in paths) or (handle := self._acquire()) is None:
            return
        try:
            whole = self._facts.exists() and self._pixels.exists()
            age = time.time() - self._facts.stat().st_mtime if whole else 0.0
            gone = not whole or age > UNUSED_DAYS * 86400
            _remove(path for path in paths if gone or path.suffix == ".part")
        finally:
            self._release(handle)


def _remove(paths: Iterator[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def map_private(handle: int, size: int) -> mmap.mmap:
    """A file as memory whose pages all processes share; what is written to it stays here and never reaches the file.

    Writable, since torch warns of memory that is not. Raises OSError.
    """
    return mmap.mmap(handle, size, flags=mmap.MAP_PRIVATE | _MAP_NORESERVE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
