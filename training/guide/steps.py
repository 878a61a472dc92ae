"""How many steps an epoch has; tested against the engine's own batches."""

from __future__ import annotations

from training.config.schema import TrainingConfig


def steps_an_epoch(config: TrainingConfig, images: int) -> int:
    """Steps of an epoch of that many images; a last batch of one image joins the one before."""
    size = config.images_per_step
    whole, rest = divmod(images, size)
    return whole + (rest > 0 and not (rest == 1 and size > 1 and whole > 0))
