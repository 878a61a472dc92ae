"""A script that goes on with a run that it reported before, such as one that starts from its own checkpoint."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from training.errors import InvalidInput
from training.runs import log, store
from training.runs.events import Epoch, Step
from training.runs.layout import RunFolder
from training.runs.summary import Summary
from training.text import one_line


def run_to_resume(wanted: str, runs_dir: Path) -> tuple[RunFolder, Summary]:
    """The run, and its summary as another attempt begins. Raises InvalidInput where it cannot be gone on with."""
    run = store.find_run(wanted, runs_dir)
    name = one_line(run.summary.name)
    if run.summary.kind != "reported":
        raise InvalidInput(f"{name} was not reported by a script.")
    if run.live:
        raise InvalidInput(f"{name} is going on.")
    how = f"{run.state}: {one_line(run.detail)}" if run.detail else run.state
    summary = msgspec.structs.replace(
        run.summary, state="starting", message="", ended=0.0, updated=time.time(), interruption=how
    )
    return run.folder, summary


def seq_of_epoch(events: Path, epoch: int) -> int:
    """The seq from which on a log tells of that epoch or a later one; that of its end where it tells of none."""
    end = log.length(events)
    for event in log.read_standing(events, end):
        if isinstance(event, Step | Epoch) and event.epoch >= epoch:
            return event.seq
    return end
