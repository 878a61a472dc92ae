"""How well does a run's checkpoint do?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.engine.ask.questions import Tell
from training.engine.using.evaluate import judge_run
from training.engine.using.loaded import load_run
from training.runs.layout import RunFolder


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`run` (a folder), `checkpoint`, `environment` for the device, and `data`: a path, or None for the run's own
    held-out sides.
    """
    os.environ.update(arguments["environment"])  # torch looks for GPUs later
    run = load_run(RunFolder(Path(arguments["run"])), arguments["checkpoint"])

    def progress(side: str, done: int, total: int) -> None:
        tell({"side": side, "done": done, "total": total})

    data = None if arguments["data"] is None else Path(arguments["data"])
    return {
        "run": run.folder.id,
        "checkpoint": run.kind,
        "epoch": run.epoch,
        "device": run.device.name,
        "reason": run.device.reason,
        "precision": run.precision.format,
        "sides": [judged.as_dict(run.classes) for judged in judge_run(run, data, progress)],
    }
