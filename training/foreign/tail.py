"""The bytes of a file that grows, and the notice that it was cut or written anew."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
HEAD = 1024
JOINT = 64


def opened(path: Path) -> BinaryIO:
    """The file; FileNotFoundError for what is no file: a pipe or a device would keep a reader waiting for ever."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise FileNotFoundError(errno.ENOENT, "it is no file", str(path))
    return os.fdopen(fd, "rb")


class Tail:
    """Reads a file from its start, a bounded piece a call.

    That it was replaced shows in its inode, in its length, or in the bytes already read: its first HEAD and the JOINT
    before the place of reading are looked at again whenever the file has changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._head = b""
        self._joint = b""
        self._mark: tuple[int, int, int, int] | None = None

    def read(self) -> tuple[bytes, bool]:
        """The next bytes, b"" where there are none, and whether they are the first of a file that was replaced.

        Raises OSError where the file cannot be read; one that is not there has nothing new.
        """
        try:
            with opened(self.path) as file:
                return self._read(file.fileno())
        except FileNotFoundError:
            return b"", False

    @property
    def share(self) -> float:
        """How much of the file, as it was at the last read, is read."""
        if self._mark is None:
            return 0.0
        return min(1.0, self._offset / self._mark[2]) if self._mark[2] else 1.0

    def rewind(self) -> None:
        """Read from the start again."""
        self._offset, self._head, self._joint = 0, b"", b""

    def _read(self, fd: int) -> tuple[bytes, bool]:
        now = os.fstat(fd)
        mark = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
        if mark == self._mark and self._offset >= now.st_size:
            return b"", False
        replaced = self._offset > 0 and self._replaced(fd, mark)
        self._mark = mark
        if replaced:
            self.rewind()
        chunk = os.pread(fd, CHUNK, self._offset)
        self._offset += len(chunk)
        self._head = (self._head + chunk)[:HEAD]
        self._joint = (self._joint + chunk)[-JOINT:]
        return chunk, replaced

    def _replaced(self, fd: int, mark: tuple[int, int, int, int]) -> bool:
        if self._mark is not None and mark[:2] != self._mark[:2]:
            return True
        if mark == self._mark:
            return False
        before = self._offset - len(self._joint)
        return os.pread(fd, len(self._head), 0) != self._head or os.pread(fd, len(self._joint), before) != self._joint


class Whole:
    """A small file that its writer replaces: all of it whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark: tuple[int, int, int, int] | None = None

    def read(self) -> tuple[bytes, bool]:
        """All bytes and True; b"" and False where nothing has changed, or the file is not there."""
        try:
            with opened(self.path) as file:
                now = os.fstat(file.fileno())
                mark = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
                if mark == self._mark:
                    return b"", False
                content = file.read()
        except FileNotFoundError:
            return b"", False
        self._mark = mark
        return content, True

    def rewind(self) -> None:
        """Read from the start again."""
        self._mark = None


class Lines:
    """Whole lines of text out of bytes that come in pieces."""

    def __init__(self) -> None:
        self._rest = b""
        self._first = True

    def feed(self, data: bytes) -> list[str]:
        """The lines that these bytes complete, without their ends; what is no UTF-8 is replaced by �."""
        whole, end, rest = data.rpartition(b"\n")
        if not end:
            self._rest += data
            return []
        text = self._text(self._rest + whole)
        self._rest = rest
        lines = text.split("\n")
        return [line.rstrip("\r") for line in lines] if "\r" in text else lines

    def last(self) -> str:
        """What follows the last line end, and might be torn."""
        rest, self._rest = self._rest, b""
        return self._text(rest).rstrip("\r")

    def _text(self, data: bytes) -> str:
        if self._first:
            data = data.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        if b"\0" in data:  # room that the writer, or a crash, left
            data = data.replace(b"\0", b"")
        return data.decode("utf-8", "replace")
