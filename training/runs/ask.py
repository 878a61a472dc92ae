"""Questions that need torch, asked of a child process: neither the app nor a verb imports it.

The child is `traindeck.py _ask QUESTION`. It reads one line of JSON, the arguments, and answers in lines of JSON:
{"progress": …} as often as it likes, then {"result": …}, or {"error", "remedy", "key", "exit_code", "problems"}. It
ends when its standard input closes, so that it never outlives the one who asked.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any

from training.config.problems import ConfigError, Problem
from training.errors import EXIT_INVALID, InvalidInput, RunFailed, TraindeckError
from training.runs.supervisor import ENTRY
from training.text import one_line

Progress = Callable[[Any], None]
CHUNK = 1 << 16


class Dropped(TraindeckError):
    """Nobody wants the answer any more."""


class Asking:
    """One question, which any thread may drop: its child is killed, and `ask` raises Dropped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self.dropped = False

    def drop(self) -> None:
        with self._lock:
            self.dropped = True
            if self._child is not None:
                self._child.kill()

    def begin(self, child: subprocess.Popen[bytes]) -> None:
        """That child answers it; one that is dropped already is killed at once."""
        with self._lock:
            self._child = child
            if self.dropped:
                child.kill()


def ask(
    question: str,
    arguments: Mapping[str, Any],
    *,
    progress: Progress | None = None,
    timeout: float | None = None,
    asking: Asking | None = None,
) -> Any:
    """The child's answer, after every `progress` that it tells; `timeout` is how many seconds it may be silent.

    Raises the TraindeckError that the child raised, RunFailed where it died, was killed or said nothing in time, and
    Dropped once `asking` is.
    """
    if asking is not None and asking.dropped:
        raise Dropped("The question was dropped.")
    with tempfile.TemporaryFile() as complaints, _child(question, complaints) as child:
        if asking is not None:
            asking.begin(child)
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with suppress(BrokenPipeError):  # a child that is dead already shows below
                child.stdin.write(json.dumps(arguments).encode() + b"\n")
            for line in _lines(child.stdout, timeout):
                message = json.loads(line)
                if "result" in message:
                    return message["result"]
                if "error" in message:
                    raise _error(message)
                if progress is not None:
                    progress(message["progress"])
            child.wait()
            if asking is not None and asking.dropped:
                raise Dropped("The question was dropped.")
            raise _died(question, child.returncode, complaints)
        finally:
            child.kill()


def _child(question: str, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ENTRY), "_ask", question]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, bufsize=0)


def _lines(stream: IO[bytes], timeout: float | None) -> Iterator[bytes]:
    """Whole lines as they come, until the child closes the stream. Raises RunFailed after that many silent seconds."""
    waiting = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        heard = time.monotonic()
        while True:
            left = None if timeout is None else heard + timeout - time.monotonic()
            if not selector.select(left):
                raise RunFailed(f"There was no answer within {timeout:g} s.", "Try again when this host is less busy.")
            chunk = os.read(stream.fileno(), CHUNK)
            if not chunk:
                return
            heard = time.monotonic()
            *lines, waiting = (waiting + chunk).split(b"\n")
            yield from lines


def _error(message: Mapping[str, Any]) -> TraindeckError:
    if message["problems"]:
        return ConfigError(Problem(**problem) for problem in message["problems"])
    kind = InvalidInput if message["exit_code"] == EXIT_INVALID else RunFailed
    return kind(message["error"], message["remedy"], message["key"])


def _died(question: str, code: int, complaints: IO[bytes]) -> RunFailed:
    complaints.seek(0)
    said = [line for line in complaints.read()[-CHUNK:].decode(errors="replace").splitlines() if line.strip()]
    reason = one_line(said[-1])[:300] if said else f"exit code {code}" if code >= 0 else f"signal {-code}"
    return RunFailed(f"The process that was asked ({question}) ended without an answer: {reason}")
