"""Commands that reach a run at an exact step, and a worker that dies at one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from tests.engine.conftest import Run
from training.engine import loop
from training.engine.data.batches import Batch
from training.engine.job import Job
from training.runs import commands
from training.runs.commands import CommandName
from training.runs.events import Acknowledged

Wanted = Sequence[tuple[CommandName, dict[str, Any]]]


class Killed(BaseException):
    """Nothing of the worker catches it: it ends as a kill would end it."""


def trained(run: Run, asked: Mapping[int, Wanted], *, killed: int = -1) -> Run:
    """The run after an attempt that hears these commands before the steps, and may die before one."""
    true_step = loop.step

    def step(job: Job, batches: tuple[Batch, ...]) -> None:
        if job.state.step == killed:
            raise Killed
        for name, args in asked.get(job.state.step, ()):
            commands.send(run.folder, name, **args)
        if job.state.step in asked:
            job.control._polled = -1e9
            job.control.between_steps(job)
        true_step(job, batches)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "step", step)
        try:
            run.train()
        except Killed:
            assert killed >= 0
    return run


def resumed(run: Run) -> Run:
    """The run after another attempt, launched as the resume verb does."""
    summary = run.summary
    summary.commands_from = run.folder.commands.stat().st_size if run.folder.commands.exists() else 0
    run.folder.summary.write_bytes(msgspec.json.encode(summary))
    run.train()
    return run


def answers(run: Run) -> list[tuple[str, bool, str]]:
    return [(event.command, event.ok, event.message) for event in run.of(Acknowledged)]
