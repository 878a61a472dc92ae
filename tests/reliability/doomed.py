"""A worker that dies by SIGKILL at one exact moment, in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import torch

from training.engine import loop, update, worker
from training.engine.control import Control
from training.runs.layout import RunFolder


@dataclass(frozen=True)
class Moment:
    """`step`: before that step; `update`: in it, after the backward pass; `file`: at that operation, from 0, on a file
    of the checkpoints folder; `write`: with half of that checkpoint's bytes written.
    """

    kind: Literal["step", "update", "file", "write"]
    number: int

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


OVERRIDDEN_AT = 20
"""The step at which somebody halves the learning rate of every run and lengthens it by an epoch, once in its life."""


def run(folder: RunFolder, moment: Moment | None = None) -> int:
    """The worker in a forked process, killed at that moment; returns its exit status as `waitpid` has it, negative for
    a signal. A moment that never comes kills nothing.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with folder.console.open("ab") as console:
                os.dup2(console.fileno(), 1)
                os.dup2(console.fileno(), 2)
            torch.set_num_threads(1)
            _change_the_job(folder)
            if moment is not None:
                _doom(moment, str(folder.checkpoints))
            code = worker.main(folder.path)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _change_the_job(folder: RunFolder) -> None:
    """As a command at exactly that step would; not again by a later attempt, which has to know by itself."""
    true_look = Control.between_steps
    asked = folder.events.exists() and b'"type":"override"' in folder.events.read_bytes()

    def between_steps(self: Control, job: Any) -> None:
        true_look(self, job)
        if job.state.step == OVERRIDDEN_AT and not asked:
            job.adjust("set_lr", {"factor": 0.5})
            job.adjust("set_epochs", {"epochs": job.config.epochs + 1})

    Control.between_steps = between_steps  # type: ignore[method-assign]


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _doom(moment: Moment, checkpoints: str) -> None:
    match moment.kind:
        case "step":
            _before_step(moment.number)
        case "update":
            _in_step(moment.number)
        case "file":
            _at_file_operation(moment.number, checkpoints)
        case "write":
            _half_written(moment.number)


def _before_step(number: int) -> None:
    true_step = loop.step

    def step(job: Any, batches: Any) -> None:
        if job.state.step == number:
            _die()
        true_step(job, batches)

    loop.step = step


def _in_step(number: int) -> None:
    true_step = update.Update.step
    done = [0]

    def step(self: update.Update, loss: torch.Tensor) -> torch.Tensor:
        done[0] += 1
        if done[0] > number:
            _die()
        return true_step(self, loss)

    update.Update.step = step  # type: ignore[method-assign]


def _at_file_operation(number: int, checkpoints: str) -> None:
    seen = [0]

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.scandir"):
            return
        if any(isinstance(part, str) and part.startswith(checkpoints) for part in map(_path, arguments)):
            if seen[0] == number:
                _die()
            seen[0] += 1

    sys.addaudithook(audit)


def _path(argument: Any) -> Any:
    return os.fspath(argument) if isinstance(argument, os.PathLike) else argument


def _half_written(number: int) -> None:
    true_sync = os.fsync
    seen = [0]

    def fsync(handle: Any) -> None:
        size = os.fstat(handle).st_size
        name = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
        if ".pt." in name:
            if seen[0] == number:
                os.ftruncate(handle, size // 2)
                _die()
            seen[0] += 1
        true_sync(handle)

    os.fsync = fsync  # type: ignore[assignment]
