"""Work on many files, spread over processes that import no torch and that end when this one does."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import TypeVar

from training.errors import RunFailed

Job = TypeVar("Job")
Done = TypeVar("Done")

PART_FILES, PART_BYTES = 64, 4_000_000
"""What a process is given at a time: little, since a stop waits for it."""
AHEAD = 3
"""Jobs a process that are handed out before the first result is in."""
TICK_SECONDS = 0.2

# One file costs about this much, by its number and by its bytes. Measured: 0.3 ms for a PNG of 64×64, 13 to 17 ns a
# byte for photographs in JPEG and 24 in PNG; two processes are ready after 0.2 s.
_SECONDS_A_FILE, _SECONDS_A_BYTE = 2e-4, 15e-9
_WORTH_PROCESSES = 0.6


def processes_for(sizes: Sequence[int], workers: int) -> int:
    """How many processes are worth starting for files of these sizes; 1 means to work in this one."""
    seconds = len(sizes) * _SECONDS_A_FILE + sum(sizes) * _SECONDS_A_BYTE
    return workers if workers > 1 and seconds > _WORTH_PROCESSES else 1


def parts(sizes: Sequence[int]) -> Iterator[range]:
    """The files, by place, in parts that take no more than about a second each."""
    first = held = 0
    for place, size in enumerate(sizes):
        if place > first and (place - first >= PART_FILES or held + size > PART_BYTES):
            yield range(first, place)
            first, held = place, 0
        held += size
    if first < len(sizes):
        yield range(first, len(sizes))


def spread(
    work: Callable[[Job], Done], jobs: Iterable[Job], *, processes: int, idle: Callable[[], None]
) -> Generator[Done, None, None]:
    """The results of all jobs, as they come in; `idle` is called every TICK_SECONDS while none does, and may raise.

    `work`, jobs and results travel by pickle. Close the iterator to end early: the jobs that have begun are waited for.
    Raises what `work` raises, and RunFailed where a process is killed.
    """
    if processes == 1:
        yield from map(work, jobs)
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_stay_with_parent)
    waiting: set[Future[Done]] = set()
    try:
        for job in jobs:
            waiting.add(pool.submit(work, job))
            while len(waiting) >= processes * AHEAD:
                yield from _finished(waiting, idle)
        while waiting:
            yield from _finished(waiting, idle)
    except BrokenProcessPool as error:
        raise RunFailed(
            "A process that reads the data was killed, perhaps for want of memory.",
            "Try again with more memory, or with fewer CPUs, which read fewer files at a time.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _finished(waiting: set[Future[Done]], idle: Callable[[], None]) -> Iterator[Done]:
    done, _ = wait(waiting, TICK_SECONDS, FIRST_COMPLETED)
    if not done:
        idle()
    for future in done:
        waiting.remove(future)
        yield future.result()


def _stay_with_parent() -> None:
    """A parent that is killed tells nobody: a thread waits for its end. Ctrl+C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
