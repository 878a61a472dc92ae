"""The batch size (guide, section 7)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule

LARGE = 256
SMALL = 8
_BELOW_LARGE = 128


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


def batch_small(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A batch size below the guide's table."""
    if config.images_per_step < SMALL:
        yield Hint(
            "batch_small",
            "batch_size",
            "info",
            f"A batch of {config.images_per_step} makes slow and very noisy steps.",
            "Batch norm needs several images for its statistics, and every step costs the same overhead.",
            "7",
            SMALL,
            "8 to 128",
        )


RULES: tuple[Rule, ...] = (batch_large, batch_small)
