"""What people ask of the running job: read between steps, done, and answered by an event with the request's id."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

from training.errors import RunFailed, TraindeckError
from training.runs.commands import Command, CommandReader

POLL_SECONDS = 0.2
PAUSED_POLL_SECONDS = 0.1
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopped(Exception):
    """Raised at a safe point after a request to stop; the message says who asked."""


class Teller(Protocol):
    """Where the answers go."""

    def acknowledge(self, command: Command, ok: bool, message: str) -> None: ...

    def state(self, state: Any, message: str = "") -> None: ...


class Job(Protocol):
    """What commands act on once training has begun; nothing of it is called in the middle of a step."""

    def pause(self) -> None:
        """Fetch and write what is pending; the clock stops."""

    def unpause(self) -> None:
        """The clock runs again."""

    def save_checkpoint(self) -> str:
        """Write `last`; returns what to tell the user."""

    def scale_lr(self, factor: float) -> str:
        """Train at the scheduled rate times this factor from the next step on; returns what to tell the user."""

    @property
    def base_lr(self) -> float:
        """The config's learning rate."""


class Control:
    """Polls commands and signals. Commands that need the job wait in line until training has begun."""

    def __init__(self, reader: CommandReader, tell: Teller) -> None:
        self._reader = reader
        self._tell = tell
        self._waiting: deque[Command] = deque()
        self._signal: int | None = None
        self._woken = threading.Event()
        self._polled = -math.inf
        self._paused = False

    @contextmanager
    def signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT stop the run with a checkpoint. Only the main thread of a process can receive them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._receive) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        self._woken.set()

    def breathe(self, job: Job | None = None) -> None:
        """Look for a request to stop or pause, where there is no job yet or it is busy with an evaluation."""
        if self._due():
            self._obey(job, between_steps=False)

    def between_steps(self, job: Job) -> None:
        """Do what was asked for since the last look, at most every POLL_SECONDS, and at once what had to wait for the
        job. Raises Stopped.
        """
        if self._waiting or self._due():
            self._obey(job, between_steps=True)

    def decline_rest(self) -> None:
        """Answer what was asked too late, so that nobody waits for it."""
        self._waiting.extend(self._reader.poll())
        while self._waiting:
            self._tell.acknowledge(self._waiting.popleft(), False, "the run has ended")

    def _due(self) -> bool:
        now = time.monotonic()
        if self._signal is None and now - self._polled < POLL_SECONDS:
            return False
        self._polled = now
        return True

    def _obey(self, job: Job | None, *, between_steps: bool) -> None:
        self._listen()
        self._work_off(job if between_steps else None)
        if not self._paused:
            return
        if job is not None:
            job.pause()
        self._tell.state("paused")
        while self._paused:
            self._woken.wait(PAUSED_POLL_SECONDS)
            self._listen()
            # Whatever it was doing, the job now stands between two steps or behind the last of an epoch.
            self._work_off(job)
        if job is not None:
            job.unpause()
        self._tell.state("running" if job is not None else "starting")

    def _listen(self) -> None:
        self._waiting.extend(self._reader.poll())
        if self._signal is not None:
            raise self._stop(f"stopped by {signal.Signals(self._signal).name}")

    def _work_off(self, job: Job | None) -> None:
        """Answer the commands in line, in their order; without a job, those that need one stay there."""
        kept: deque[Command] = deque()
        while self._waiting:
            command = self._waiting.popleft()
            if job is None and command.command in ("checkpoint", "set_lr"):
                kept.append(command)
            else:
                self._do(command, job)
        self._waiting = kept

    def _do(self, command: Command, job: Job | None) -> None:
        match command.command:
            case "stop":
                self._tell.acknowledge(command, True, "stopping with a checkpoint")
                reason = command.args.get("reason")
                raise self._stop(str(reason) if reason else f"stopped by {command.user}")
            case "pause" | "resume":
                paused = command.command == "pause"
                was = "already " if paused == self._paused else ""
                self._paused = paused
                self._tell.acknowledge(command, True, f"{was}{'paused' if paused else 'running'}")
            case "checkpoint" | "set_lr":
                assert job is not None
                self._ask(command, job)

    def _ask(self, command: Command, job: Job) -> None:
        try:
            said = job.save_checkpoint() if command.command == "checkpoint" else job.scale_lr(_factor(command, job))
        except TraindeckError as error:
            self._tell.acknowledge(command, False, str(error))
            if isinstance(error, RunFailed):  # what was asked for has found out that training is over
                raise
        else:
            self._tell.acknowledge(command, True, said)

    def _stop(self, reason: str) -> Stopped:
        self._tell.state("stopping", reason)
        return Stopped(reason)


def _factor(command: Command, job: Job) -> float:
    """`learning_rate` is a new value for the config's key; `factor` is what to multiply the schedule by."""
    learning_rate, factor = (_number(command.args.get(name)) for name in ("learning_rate", "factor"))
    value = learning_rate / job.base_lr if learning_rate else factor
    if not value:
        raise TraindeckError("set_lr needs a learning rate, or a factor, above 0.")
    return value


def _number(value: Any) -> float | None:
    """A finite number above 0, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
        return None
    return float(value)
