"""Contenders in processes of their own that train an epoch each time they are told to, by turns.

A contender keeps its data loader, its threads and its caches to itself and waits between its epochs, so that epochs of
several can be interleaved. The parent writes a line to its input for each lap; it answers with what the lap took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tests.bench.measure import Moment, resident

REPOSITORY = Path(__file__).parents[2]


class Enough(Exception):
    """Raised in a contender at a lap's beginning when no other is wanted."""


class CouldNotRun(Exception):
    """A contender broke; the message says what it said."""


@dataclass(frozen=True)
class Lap:
    """One epoch of a contender."""

    seconds: float
    cpu: float
    """CPU seconds of its process and its children."""
    images: int
    resident: int
    """Bytes of its process alone, at the end."""

    @property
    def images_per_s(self) -> float:
        return self.images / self.seconds


class Laps:
    """The contender's side: call `boundary` where an epoch ends and the next begins, with the images in between."""

    def __init__(self) -> None:
        # What libraries print must not get between the answers.
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        self._began: Moment | None = None

    def boundary(self, images: int) -> None:
        """Report the lap that ends here, then wait until the next is wanted. Raises Enough."""
        if self._began is not None:
            now = Moment.now()
            lap = Lap(now.wall - self._began.wall, now.cpu - self._began.cpu, images, resident())
            print(json.dumps(asdict(lap)), file=self._answers, flush=True)
        if not sys.stdin.readline():
            raise Enough
        self._began = Moment.now()


class Contender:
    """The parent's side: `lap` trains one epoch."""

    def __init__(self, kind: str, case: str, workspace: Path, images: int, *more: str) -> None:
        log = workspace / "logs" / f"{kind}-{case}-{os.getpid()}-{id(self)}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        command = [sys.executable, "-m", "tests.bench.contender", kind, case, str(workspace), str(images), *more]
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def lap(self) -> Lap:
        """Raises CouldNotRun."""
        said = ""
        try:
            _of(self._process.stdin).write("go\n")
            _of(self._process.stdin).flush()
            said = _of(self._process.stdout).readline()
        except BrokenPipeError:
            pass
        if not said:
            self._process.wait()
            tail = self._log.read_text(errors="replace").strip().splitlines()[-1:]
            raise CouldNotRun("; ".join(tail) or "it ended without a word")
        return Lap(**json.loads(said))

    def __enter__(self) -> Contender:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """No more laps; a contender that does not end by itself is killed."""
        _of(self._process.stdin).close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _of(self._process.stdout).close()


def race(contenders: Sequence[Contender], laps: int, warm_up: int = 1) -> list[list[Lap]]:
    """Laps of each, by turns, each round in the opposite order of the last; the first ones are not counted."""
    for contender in contenders:
        for _ in range(warm_up):
            contender.lap()
    done: list[list[Lap]] = [[] for _ in contenders]
    for number in range(laps):
        order = list(range(len(contenders)))
        for place in order if number % 2 == 0 else reversed(order):
            done[place].append(contenders[place].lap())
    return done


def _of(stream: IO[Any] | None) -> IO[Any]:
    assert stream is not None
    return stream
