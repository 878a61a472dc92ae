"""What does a run's checkpoint take these files for? Each answer is told as soon as it is known."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.engine.ask.questions import Tell
from training.engine.using.loaded import load_run
from training.engine.using.predict import NotRead, find_files, predict
from training.runs.layout import RunFolder


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`run` (a folder), `checkpoint`, `environment` for the device, `paths` and `top`.

    Tells lists of predictions and of files that cannot be read; the result counts both.
    """
    os.environ.update(arguments["environment"])  # torch looks for GPUs later
    run = load_run(RunFolder(Path(arguments["run"])), arguments["checkpoint"])
    files = find_files(run, arguments["paths"])
    bad = 0
    for found in predict(run, files, arguments["top"]):
        tell([_as_dict(entry) for entry in found])
        bad += sum(isinstance(entry, NotRead) for entry in found)
    return {"files": len(files), "unreadable": bad}


def _as_dict(entry: Any) -> dict[str, Any]:
    if isinstance(entry, NotRead):
        return {"path": entry.path, "why": entry.why}
    top = [{"class": name, "probability": probability} for name, probability in entry.top]
    return {"path": entry.path, **top[0], "top": top}
