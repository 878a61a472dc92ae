"""The batch size against the guide's table, the data and the device's memory (guide, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.config.patch import replaced
from training.config.schema import TrainingConfig
from training.figures import storage
from training.guide.hint import Facts, Hint, Rule, Severity

LARGE = 256
SMALL = 8
_BELOW_LARGE = 128
# Ours: with fewer steps the weights hardly move in an epoch. What `batch_size: auto` keeps to, too.
STEPS_AN_EPOCH = 8
# Ours: the estimate leaves out the work space of the layers, what the allocator keeps and the device's own share.
ROOM = 0.9
# Batch norm cannot train on a single image.
_FEWEST = 2


def batch_large(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A batch size for distributed training, in one piece or accumulated."""
    if config.images_per_step < LARGE:
        return
    in_one = config.images_per_batch >= LARGE
    yield Hint(
        "batch_large",
        "batch_size" if in_one else "optimization.accumulate",
        "info",
        f"Steps on {LARGE} images and more generalise worse.",
        "They are fast, but average out the noise that helps to find a good minimum.",
        "7",
        _BELOW_LARGE if in_one else max(1, _BELOW_LARGE // config.images_per_batch),
        "8 to 128",
    )


def batch_small(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """A batch size below the guide's table; where no larger one fits into memory, batches can be added up."""
    if config.images_per_step >= SMALL:
        return
    fits = _fits(replaced(config, "batch_size", SMALL), facts)
    yield Hint(
        "batch_small",
        "batch_size" if fits else "optimization.accumulate",
        "info",
        f"Steps on {config.images_per_step} {'image' if config.images_per_step == 1 else 'images'} are slow and noisy.",
        "Batch norm needs several images for its statistics, and every step costs the same overhead.",
        "7",
        SMALL if fits else -(-SMALL // config.images_per_batch),
        "8 to 128",
    )


def batch_data(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """Steps so large that an epoch has fewer than STEPS_AN_EPOCH; a warning where one takes in more than all images.

    Of `auto` the engine takes care itself.
    """
    images, step = facts.n_train, config.images_per_step
    if images is None or config.batch_size == "auto" or step <= SMALL or step * STEPS_AN_EPOCH <= images:
        return
    steps = -(-images // step)
    over = step > images
    wanted = max(SMALL, images // STEPS_AN_EPOCH)
    accumulated = config.optimization.accumulate > 1
    in_one = config.images_per_batch > wanted
    companions: dict[str, Any] = {"optimization.accumulate": 1} if in_one and accumulated else {}
    batch = _power_of_two(wanted)
    few = f"An epoch has only {steps} {'step' if steps == 1 else 'steps'}: {images} images, {step} at a time."
    yield Hint(
        "batch_data",
        "batch_size" if in_one else "optimization.accumulate",
        "warning" if over else "info",
        f"A step of {step} images is more than the {images} there are to train on." if over else few,
        f"The weights change once a step; with fewer than {STEPS_AN_EPOCH} an epoch they hardly get anywhere.",
        "7",
        wanted // config.images_per_batch if not in_one else batch if batch >= _fewest(config) else None,
        patch=companions,
    )


def batch_memory(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """A step that needs more memory than the device has; info where it leaves less than a tenth of it.

    The largest power of two that leaves this room is recommended, with as many batches added up as keep the step from
    growing; not for steps so large that they generalise worse. `auto` finds its size itself, if there is one. How many
    devices `runtime.processes: auto` will share the batch out to is not known here.
    """
    automatic = config.batch_size == "auto"
    tried = replaced(config, "batch_size", _fewest(config)) if automatic else config
    needed, most = facts.bytes_for(tried), facts.device_bytes
    if needed is None or most is None or needed <= ROOM * most or config.runtime.processes == "auto":
        return
    batch = None if automatic else _largest_that_fits(config, facts)
    severity: Severity = "warning" if needed > most else "info"
    where = f" ({facts.device})" if facts.device else ""
    message = f"A batch of {tried.batch_size} needs about {storage(needed)}; there are {storage(most)}{where}."
    accumulate = config.images_per_step // batch if batch else 1
    keeps_step = batch is not None and config.images_per_step < LARGE and accumulate > config.optimization.accumulate
    companions: dict[str, Any] = {"optimization.accumulate": accumulate} if keeps_step else {}
    if batch is None:
        reason = "No batch is small enough; a smaller model or data.image_size needs less."
    elif severity == "info":
        reason = "The estimate leaves out work space and what the allocator keeps; this may run out of memory."
    elif keeps_step:
        reason = "Memory runs out in the first step; smaller batches, added up, make the same step in less of it."
    else:
        reason = "Memory runs out in the first step; a smaller batch takes less of it."
    yield Hint("batch_memory", "batch_size", severity, message, reason, "7", batch, patch=companions)


def _largest_that_fits(config: TrainingConfig, facts: Facts) -> int | None:
    """The largest power of two below the batch size whose step leaves room; None where there is none."""
    batch = _power_of_two(config.images_per_batch)
    while batch >= _fewest(config):
        if _fits(replaced(config, "batch_size", batch), facts):
            return batch
        batch //= 2
    return None


def _fits(config: TrainingConfig, facts: Facts) -> bool:
    """Whether a step leaves room in the device's memory, as far as is known."""
    needed, most = facts.bytes_for(config), facts.device_bytes
    return needed is None or most is None or needed <= ROOM * most


def _fewest(config: TrainingConfig) -> int:
    """Each process needs an image of every batch, and batch norm two."""
    processes = config.runtime.processes
    return _FEWEST * processes if isinstance(processes, int) else _FEWEST


def _power_of_two(most: int) -> int:
    """The largest one that is not above `most`, which is at least 1."""
    return 1 << (most.bit_length() - 1)


RULES: tuple[Rule, ...] = (batch_large, batch_small, batch_data, batch_memory)
