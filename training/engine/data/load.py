"""From a config's data section to samples."""

from __future__ import annotations

from pathlib import Path

from training.config.schema import TrainingConfig
from training.config.validate import input_side
from training.engine.control import Control
from training.engine.data.digits import load_digits
from training.engine.data.samples import Samples
from training.engine.reporting import Report


def load_samples(folder: Path, config: TrainingConfig, side: int | None, report: Report, control: Control) -> Samples:
    """Every readable sample; `side` is what the model wants where the config leaves the size to it, `folder` what
    data.path is relative to. They may be stored larger than the model sees them. Raises TraindeckError, and Stopped.
    """
    seen = input_side(config.data, side)
    if config.data.source == "digits":
        return load_digits(config.data, seen, config.runtime.seed)
    from training.engine.data.reading import read_files  # Pillow comes with it

    return read_files(folder, config, seen, report, control)
