"""A log of another tool with as many rows as are asked for: a CSV as Lightning writes it, a row a step."""

from __future__ import annotations

import math
import os
from pathlib import Path
from random import Random

ROWS_PER_EPOCH = 100
WRITTEN = 1_760_000_000.0
"""Long ago: such a log is over."""


def long_csv(folder: Path, rows: int) -> Path:
    """Its file; one that is there already is taken as it is."""
    path = folder / f"metrics-{rows}.csv"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    chance, partial = Random(7), path.with_suffix(".new")
    with partial.open("w") as file:
        file.write("epoch,step,train_loss,val_loss,acc,lr\n")
        for step in range(rows):
            done = step / rows
            loss = 0.2 + 2.1 * math.exp(-6 * done) + chance.gauss(0, 0.03)
            share = min(1.0, 1 - 0.9 * math.exp(-5 * done) + chance.gauss(0, 0.01))
            rate = 1.5e-4 * (1 + math.cos(math.pi * done))
            file.write(f"{step // ROWS_PER_EPOCH},{step},{loss:.5f},{1.08 * loss:.5f},{share:.5f},{rate:.9f}\n")
    os.utime(partial, (WRITTEN, WRITTEN))
    return partial.rename(path)
