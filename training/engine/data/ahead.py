"""Work done in a thread a little before it is needed, so that it runs beside the device's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor

DEPTH = 2
"""Batches that are ready or being made: one to copy, one to gather."""

T = TypeVar("T")
R = TypeVar("R")


def made_ahead(work: Callable[[T], R], parts: Iterable[T], depth: int = DEPTH) -> Iterator[R]:
    """`work` of each part, in order, in a thread that is at most `depth` parts ahead and ends with the iterator."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="gather") as thread:
        waiting: deque[Future[R]] = deque()
        for part in parts:
            waiting.append(thread.submit(work, part))
            if len(waiting) > depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def copied_ahead(images: Tensor, parts: Iterable[Tensor], device: torch.device) -> Iterator[Tensor]:
    """For each tensor of rows of `images`, in the host's memory, a copy on a CUDA device.

    A thread gathers into pinned memory; the copy runs on a stream of its own, beside the kernels of the step before.
    torch keeps pinned memory until what was copied from it has arrived.
    """
    beside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    for gathered in made_ahead(lambda rows: _pinned(images, rows), parts):
        with torch.cuda.stream(beside):
            moved = gathered.to(device, non_blocking=True)
        steps = torch.cuda.current_stream(device)
        steps.wait_stream(beside)
        # Made on one stream and used on another: its memory must not be given to someone else before both are done.
        moved.record_stream(steps)
        yield moved


def _pinned(images: Tensor, rows: Tensor) -> Tensor:
    gathered = torch.empty((len(rows), *images.shape[1:]), dtype=images.dtype, pin_memory=True)
    return torch.index_select(images, 0, rows, out=gathered)
