"""How large a batch fits into memory, and what to say when one did not."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import torch
from torch import Tensor, nn

from training.config.schema import TrainingConfig
from training.engine.data.batches import Batch
from training.engine.models.kept import kept_for_backward
from training.engine.models.size import Shape, needs_company
from training.engine.objective import Objective
from training.engine.precision import Precision
from training.errors import RunFailed
from training.figures import storage
from training.guide.rules.batch import STEPS_AN_EPOCH

LARGEST = 128
"""Batches of 256 and more generalise worse (guide, section 7)."""
SHARE = 0.7
"""Of the free memory, what a step may take: the rest is for the optimizer's state, evaluation and other processes."""


def choose_batch_size(
    model: nn.Module, shape: Shape, objective: Objective, precision: Precision, images: int
) -> tuple[int, str]:
    """The largest power of two up to LARGEST whose step fits, and why; the model and its statistics stay as they are.

    An epoch keeps STEPS_AN_EPOCH steps or more. Raises RunFailed where not even the least batch fits that the model can
    train on.
    """
    least = 2 if needs_company(model, shape) else 1
    limit = LARGEST
    while limit > least and limit * STEPS_AN_EPOCH > images:
        limit //= 2
    free = free_memory(precision.device)
    with as_it_was(model):
        size = largest_fitting(
            least, limit, lambda size: step_memory(model, shape, objective, precision, size), int(SHARE * free)
        )
    if size == 0:
        what = "one image" if least == 1 else f"{least} images"
        raise RunFailed(
            f"A training step on {what} does not fit into the {storage(free)} of free memory.",
            "Use a smaller model or data.image_size, or another device.",
        )
    if size == limit:
        reason = "larger ones generalise worse" if limit == LARGEST else f"{images} images are few"
        return size, f"it fits, and {reason}"
    return size, f"the largest power of two whose step fits into the {storage(free)} of free memory"


def largest_fitting(least: int, limit: int, needs: Callable[[int], int], budget: int) -> int:
    """The largest of least, 2·least, 4·least, … up to `limit` that needs at most `budget`; 0 where there is none.

    What the last two sizes say cannot fit is not even tried: outside a GPU, memory that runs out ends the process.
    """
    size = before = now = 0
    while (larger := max(least, 2 * size)) <= limit:
        if before and now + 2 * (now - before) > budget:
            break
        before, now = now, needs(larger)
        if now > budget:
            break
        size = larger
    return size


def step_memory(model: nn.Module, shape: Shape, objective: Objective, precision: Precision, size: int) -> int:
    """Bytes that a training step on `size` images needs beyond the weights; more than there are where it fails.

    On a GPU the peak of a real step; elsewhere what autograd keeps for the backward pass, and the gradients.
    """
    images = torch.zeros(size, *shape, device=precision.device)
    batch = Batch(images, torch.zeros(size, dtype=torch.int64, device=precision.device))
    gradients = 3 * sum(p.numel() * p.element_size() for p in model.parameters() if p.requires_grad)
    if precision.device.type != "cuda":
        return kept_for_backward(model, lambda: _loss(model, batch, objective, precision)) + gradients
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    try:
        _loss(model, batch, objective, precision).backward()  # type: ignore[no-untyped-call]
        return torch.cuda.max_memory_allocated() - before + gradients
    except RuntimeError as error:
        if not memory_ran_out(error):
            raise
        return sys.maxsize
    finally:
        model.zero_grad(set_to_none=True)
        torch.cuda.empty_cache()


def _loss(model: nn.Module, batch: Batch, objective: Objective, precision: Precision) -> Tensor:
    with precision.autocast():
        logits = model(batch.images)
    return objective.loss(logits, batch)


_NO_MEMORY = ("can't allocate memory", "MPS backend out of memory", "ALLOC_FAILED")
"""What the CPU's allocator, Apple's GPUs and cuBLAS or cuDNN say."""


@contextmanager
def as_it_was(model: nn.Module) -> Iterator[None]:
    """Batch norm's statistics and the random state are put back after the block."""
    before = [buffer.clone() for buffer in model.buffers()]
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if torch.cuda.is_available() else []):
        try:
            yield
        finally:
            for buffer, value in zip(model.buffers(), before, strict=True):
                buffer.copy_(value)


def free_memory(device: torch.device) -> int:
    """Bytes."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return int(psutil.virtual_memory().available)


def memory_ran_out(error: BaseException) -> bool:
    """Whether that is what an error says: only torch's own allocator on CUDA has a class for it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)


def out_of_memory(config: TrainingConfig, batch_size: int) -> RunFailed:
    """The error for the user: batch size, peak, and the next batch size to try, with the step kept as large."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        peak, where = torch.cuda.max_memory_allocated(), "The GPU's memory ran out"
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        where = "Memory ran out"
    message = f"{where} at batch_size {batch_size}, with {storage(peak)} at its peak."
    if batch_size == 1:
        return RunFailed(message, "Use a smaller model or data.image_size.")
    accumulate = config.optimization.accumulate * 2
    remedy = f"Try batch_size: {batch_size // 2}; with optimization.accumulate: {accumulate} the step stays as large."
    return RunFailed(message, remedy)
