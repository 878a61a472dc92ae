"""The engine's training steps in this process, a few at a time, beside the same steps in a bare loop."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import torch
from torch.nn import functional

from tests.bench.cases import Case, new_run
from training.config import files
from training.engine import loop
from training.engine.control import Control
from training.engine.data.batches import Batch
from training.engine.job import Job
from training.engine.reporting import Report
from training.engine.setup import prepare
from training.runs.commands import CommandReader


def ready(case: Case, workspace: Path) -> Job:
    """A job as the worker has it before its first step, with a run folder that it writes to."""
    folder = new_run(case, workspace)
    report = Report(folder)
    job = prepare(folder, files.load(folder.config), report, Control(CommandReader(folder.commands), report))
    loop.measure_untrained(job)
    return job


class EngineSteps:
    """The loop of `training.engine.loop.train`, call by call, that can be left and gone on with between two steps.

    Timed is all that the engine adds to a step: commands, metrics, their fetch, the event log, the diagnosis, and at an
    epoch's end the diagnosis of the epoch, its events and the schedule. The validation pass and the checkpoints between
    the epochs are not: a bare loop has those as well.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._steps: Iterator[tuple[Batch, ...]] | None = None

    def run(self, count: int) -> float:
        """CPU seconds of so many steps."""
        job, seconds, done = self.job, 0.0, 0
        job.watch.go()
        while done < count:
            began = process_time()
            if self._steps is None:
                job.begin_epoch()
                self._steps = job.steps()
            for batches in self._steps:
                job.control.between_steps(job)
                loop.step(job, batches)
                if job.meter.due:
                    job.flush()
                done += 1
                if done == count:
                    break
            else:
                seconds += process_time() - began
                seconds += self._end_epoch()
                continue
            seconds += process_time() - began
        job.watch.halt()
        return seconds

    def _end_epoch(self) -> float:
        job = self.job
        began = process_time()
        job.flush()
        seconds = process_time() - began
        validation = job.evaluate(job.validation.in_order(job.batch_size))
        began = process_time()
        loop.take_in(job, validation)
        job.state.next_epoch()
        self._steps = None
        return seconds + process_time() - began


class BareSteps:
    """The same model, batches and optimizer, and nothing else."""

    def __init__(self, job: Job) -> None:
        """From the job's weights as they are now; it only shares the data."""
        self._data = job.training
        self._batch_size = job.batch_size
        self._model = copy.deepcopy(job.model)
        self._optimizer = torch.optim.Adam(self._model.parameters(), lr=job.config.learning_rate, fused=True)
        self._epoch = 1
        self._steps = self._begin()

    def _begin(self) -> Iterator[tuple[Batch, ...]]:
        return self._data.steps(self._epoch, self._batch_size)

    def run(self, count: int) -> float:
        """CPU seconds of so many steps."""
        done = 0
        began = process_time()
        while done < count:
            for ((images, labels, *_),) in self._steps:
                self._optimizer.zero_grad(set_to_none=True)
                loss = functional.cross_entropy(self._model(images), labels)
                loss.backward()  # type: ignore[no-untyped-call]
                self._optimizer.step()
                done += 1
                if done == count:
                    break
            else:
                self._epoch += 1
                self._steps = self._begin()
        return process_time() - began
