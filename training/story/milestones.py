"""What stands out in the history of a run."""

from __future__ import annotations

import math

from training.curves import Curves


def best_epoch(curves: Curves) -> int | None:
    """That of the best checkpoint; in a log without any the first of the lowest validation loss; None without that."""
    if (kept := curves.checkpoints.get("best")) is not None:
        return kept.epoch
    series = curves.epochs.get("val_loss")
    if series is None:
        return None
    finite = [(y, x) for x, y in zip(series.x, series.y, strict=True) if x >= 1 and math.isfinite(y)]
    return int(min(finite)[1]) if finite else None
