"""Write a run's network to a file for other programs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from training.dataset.listing import shown
from training.engine.ask.questions import Tell
from training.engine.device import Device
from training.engine.using.deployed import described
from training.engine.using.export import check_packages, export
from training.engine.using.loaded import load_run
from training.errors import RunFailed
from training.runs.layout import RunFolder


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`run` (a folder), `checkpoint`, `format`, `to`: a path where there is nothing yet, on the disk at the end, and
    `place`: what the user calls it.
    """
    form = arguments["format"]
    check_packages(form)
    run = load_run(
        RunFolder(Path(arguments["run"])),
        arguments["checkpoint"],
        device=Device(torch.device("cpu"), "CPU", ""),
        precision="fp32",
    )
    tell(f"writing {form}")
    path = Path(arguments["to"])
    try:
        checked = export(run, form, path)
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        reason = error.strerror or error
        raise RunFailed(
            f"{shown(arguments['place'])}: cannot be written: {reason}.", "Name another place with --output."
        ) from error
    return {"bytes": path.stat().st_size, **asdict(checked), **described(run, normalises=form != "safetensors")}
