"""A program in a pseudo-terminal of its own, its screen, and how long a key takes to change it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fcntl import ioctl

import pyte

# Sequences that draw nothing and that pyte would print.
_SILENT = re.compile(rb"\x1b\[[<>=][0-9;:]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$[py]|[uW])|\x1b[P_^X].*?\x1b\\", re.DOTALL)
BURST_SECONDS = 0.002
"""Within that time the parts of one frame follow each other."""
_BEGUN = re.compile(rb"\x1b(?:\[[^@-~]*|\][^\x07\x1b]*|[P_^X](?:(?!\x1b\\).)*)?\Z", re.DOTALL)
# What Textual asks of a terminal at its start: a mute one would cost it a wait.
_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y", b"\x1b[c": b"\x1b[?62;22c"}


class PtyScreen:
    """Runs a command; close it, or use it in a `with`."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, env: Mapping[str, str]) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        """Bytes that the program has printed, as far as they were taken in."""
        self.answers = True
        """Whether the terminal tells what it is when it is asked."""
        self._asked = 0
        self._unseen = b""
        self._tail = b""
        self._rate = 0.0
        self._free_at = 0.0
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            # Here, since the command might ask for the size before its parent has set it.
            ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            # A COLUMNS of whoever runs this would be believed before the terminal.
            terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(columns), "LINES": str(rows)}
            os.execvpe(command[0], list(command), {**os.environ, **terminal, **env})

    def __enter__(self) -> PtyScreen:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def text(self) -> str:
        """What the screen shows."""
        self._look()
        return "\n".join(self.screen.display)

    @property
    def asked(self) -> int:
        """How often the terminal was asked something, as far as that was taken in."""
        return self._asked

    def answer(self) -> None:
        """Tell what it is, and go on doing so."""
        self.answers = True
        os.write(self._fd, _ANSWERS[b"\x1b[c"])

    def drain_at(self, rate: float) -> None:
        """From now on take in, and answer, that many bytes a second, as a terminal behind a slow line does."""
        self._rate = rate

    def _look(self) -> None:
        """Show what was taken in, but for a sequence that is not whole yet."""
        begun = _BEGUN.search(self._unseen)
        whole = len(self._unseen) - (len(begun[0]) if begun else 0)
        seen, self._unseen = self._unseen[:whole], self._unseen[whole:]
        self._stream.feed(_SILENT.sub(b"", seen))

    def send(self, keys: str) -> None:
        """Keys as a terminal sends them."""
        os.write(self._fd, keys.encode())

    def wait(self, pattern: str, seconds: float = 20.0) -> float:
        """When the chunk came that made the screen match, by the monotonic clock. Raises AssertionError."""
        wanted = re.compile(pattern, re.DOTALL)
        deadline = time.monotonic() + seconds
        came = time.monotonic()
        while not wanted.search(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"{pattern!r} is not on the screen:\n{self.text}"
            came = self._read(left) or came
            while more := self._read(BURST_SECONDS):  # to draw what came takes longer than the rest needs to come
                came = more
        return came

    def read_for(self, seconds: float) -> None:
        """Take in what is printed in that time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read(left)

    def quiet(self, seconds: float = 0.15) -> None:
        """Until nothing was printed for that long."""
        while self._read(seconds):
            pass

    def _read(self, seconds: float) -> float | None:
        """Take in what was printed, and when it came; None where nothing was in time."""
        busy = self._free_at - time.monotonic()
        if busy > 0:
            time.sleep(min(busy, seconds))
            if busy > seconds:
                return None
        ready, _, _ = select.select([self._fd], [], [], seconds - max(0.0, busy))
        if not ready:
            return None
        came = time.monotonic()
        chunk = os.read(self._fd, max(1, int(self._rate / 50)) if self._rate else 1 << 16)
        self._free_at = came + len(chunk) / self._rate if self._rate else 0.0
        self.received += len(chunk)
        probe = self._tail + chunk
        for question, answer in _ANSWERS.items():
            for found in re.finditer(re.escape(question), probe):
                if found.end() > len(self._tail):
                    self._asked += 1
                    if self.answers:
                        os.write(self._fd, answer)
        self._tail = probe[-8:]
        self._unseen += chunk
        return came

    def milliseconds(self, key: str, expect: str) -> float:
        """From the key to the chunk that makes the screen match."""
        self.quiet()
        began = time.monotonic()
        self.send(key)
        return 1000 * (self.wait(expect) - began)
