"""console.log: what the supervisor and the worker printed. It may be as long as it likes: only parts of it are read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from training.text import plain

TAIL_BYTES = 16_384
PAGE_BYTES = 32_768
"""Of a page before its place, and after it."""
CHUNK_BYTES = 1 << 18
LINE_BYTES = 16_384
"""The end of a line that is looked at where it is longer: of a progress bar that is its last state."""
MOST_MATCHES = 1000
_ESCAPE = b"\x1b"


@dataclass(frozen=True)
class Line:
    """A line, safe to show, and the byte of the file at which it begins."""

    at: int
    text: str


@dataclass(frozen=True)
class Page:
    """Whole lines in a row; bytes `start` to `end` of a file that had `size` of them."""

    lines: tuple[Line, ...] = ()
    start: int = 0
    end: int = 0
    size: int = 0

    @property
    def whole(self) -> bool:
        """Whether it is all there is."""
        return self.start == 0 and self.end == self.size


@dataclass(frozen=True)
class Search:
    """How far a search has come that goes from the end of the file to its beginning."""

    found: tuple[int, ...] = ()
    """The bytes at which the lines begin that match, the last one first."""
    size: int = 0
    """Of the file, as far as it was searched."""
    over: bool = False
    capped: bool = False
    """Whether it ended because there were so many."""


def console_tail(path: Path, lines: int) -> tuple[str, ...]:
    """The last lines, safe to show; empty where there is no log."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            data = file.read()
    except OSError:
        return ()
    whole = data if size <= TAIL_BYTES else data.partition(b"\n")[2]
    if not whole and data:
        whole = data  # one line that is longer than what was read
    found = [shown(line) for line in whole.split(b"\n")]
    return tuple(found[:-1] if found and not found[-1] else found)[-lines:]


def shown(raw: bytes) -> str:
    """The line as a terminal would be left with it: of a progress bar, which rewrites its line, the last state."""
    return plain(raw.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace")).expandtabs(4).rstrip()


def read_page(path: Path, at: int) -> Page:
    """The lines around the byte `at`, PAGE_BYTES each way and on to the ends of the lines; empty without a log."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            at = max(0, min(at, size))
            start = _line_start(file, max(0, at - PAGE_BYTES))
            lines, end = _lines(file, start, min(size, at + PAGE_BYTES), size)
    except OSError:
        return Page()
    return Page(tuple(lines), start, end, size)


def search(path: Path, words: str, stop: Callable[[], bool], since: int = 0) -> Iterator[Search]:
    """Lines that contain the words, in either case, from the end of the file back to the line with the byte `since`.

    Yields whenever more are found, and at the end; reads a chunk at a time, and gives up once `stop` says so.
    """
    found: list[int] = []
    size = 0
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            for start, chunk in _chunks_back(file, _line_start(file, min(since, size)), size):
                if stop():
                    return
                before = len(found)
                found += _matches(chunk, start, words)[: MOST_MATCHES - before]
                if len(found) >= MOST_MATCHES:
                    break
                if len(found) > before:
                    yield Search(tuple(found), size)
    except OSError:
        pass
    yield Search(tuple(found), size, over=True, capped=len(found) >= MOST_MATCHES)


def _matches(chunk: bytes, start: int, words: str) -> list[int]:
    """Where the lines of a chunk of whole lines begin that match, the last one first."""
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    if _ESCAPE in chunk or not words.isascii():
        places = _all_lines(chunk)
    else:
        places = _likely_lines(chunk, words.lower().encode())
    found = [start + first for first, end in places if pattern.search(shown(chunk[first:end][-LINE_BYTES:]))]
    return found[::-1]


def _all_lines(chunk: bytes) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(chunk):
        end = chunk.find(b"\n", first)
        end = len(chunk) if end < 0 else end
        yield first, end
        first = end + 1


def _likely_lines(chunk: bytes, wanted: bytes) -> Iterator[tuple[int, int]]:
    """The lines that contain the bytes, found without a look at the others."""
    lower = chunk.lower()
    at = lower.find(wanted)
    while at >= 0:
        first, end = chunk.rfind(b"\n", 0, at) + 1, chunk.find(b"\n", at)
        end = len(chunk) if end < 0 else end
        yield first, end
        at = lower.find(wanted, end)


def _chunks_back(file: BufferedReader, since: int, size: int) -> Iterator[tuple[int, bytes]]:
    """The file in chunks of whole lines, from the end on, each with the byte at which it begins."""
    end = size
    while end > since:
        start = max(since, end - CHUNK_BYTES)
        file.seek(start)
        chunk = file.read(end - start)
        if start > since:
            cut = chunk.find(b"\n", 0, -1)
            if cut < 0:  # one line, longer than a chunk: where it begins, and how it ends
                start, chunk = max(since, _line_start(file, start)), chunk[-LINE_BYTES:]
            else:
                start, chunk = start + cut + 1, chunk[cut + 1 :]
        yield start, chunk
        end = start


def _line_start(file: BufferedReader, at: int) -> int:
    """Where the line begins that the byte `at` belongs to."""
    end = at
    while end > 0:
        start = max(0, end - CHUNK_BYTES)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _lines(file: BufferedReader, start: int, wanted: int, size: int) -> tuple[list[Line], int]:
    """The lines from the byte `start` on up to the end of the one that holds the byte before `wanted`, and that end."""
    lines: list[Line] = []
    file.seek(start)
    at = place = start
    rest = b""
    while place < size and (chunk := file.read(min(PAGE_BYTES, size - place))):
        *whole, last = chunk.split(b"\n")
        for piece in whole:
            lines.append(Line(at, shown((rest + piece)[-LINE_BYTES:])))
            at = place = place + len(piece) + 1
            rest = b""
            if at >= wanted:
                return lines, at
        place += len(last)
        rest = (rest + last)[-LINE_BYTES:]
    return ([*lines, Line(at, shown(rest))] if rest else lines), place
