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
from typing import TYPE_CHECKING, Any, Protocol

from training.engine.place import ALONE, Place
from training.errors import RunFailed, TraindeckError
from training.runs.commands import Command, CommandReader

if TYPE_CHECKING:  # it needs torch, which is not loaded yet when a run can first be stopped
    from training.engine.agreement import Agreement

POLL_SECONDS = 0.2
PAUSED_POLL_SECONDS = 0.1
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopped(Exception):
    """Raised at a safe point after a request to stop; the message says who asked."""


class Dismissed(Exception):
    """torchrun ends this rank, which cannot agree with the others on a step to stop at: it just goes."""


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

    @property
    def seconds(self) -> float:
        """Of training so far."""


class Control:
    """Polls commands and signals. Commands that need the job wait in line until training has begun.

    Of several ranks the first polls for all, and all obey at the same step, once they have begun to agree.
    """

    def __init__(self, reader: CommandReader, tell: Teller, place: Place = ALONE) -> None:
        self._reader = reader
        self._tell = tell
        self._place = place
        self._agreement: Agreement | None = None
        self._waiting: deque[Command] = deque()
        self._unsaid: list[Command] = []
        """That this rank had in line when the ranks began to agree."""
        self._reason = ""
        """Why this process was told to stop, if it was."""
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
        self.ask_to_stop(f"stopped by {signal.Signals(number).name}")

    def ask_to_stop(self, reason: str) -> None:
        """At the next look, from whatever thread."""
        self._reason = self._reason or reason
        self._woken.set()

    def agree(self, agreement: Agreement) -> None:
        """From here on every rank looks as often as all others, and hears what they hear."""
        self._agreement = agreement
        self._unsaid = list(self._waiting)
        self._waiting.clear()

    def clock(self, seconds: float) -> float:
        """Of training: the same number on all ranks, where `seconds` is this one's own."""
        return self._agreement.seconds if self._agreement else seconds

    def breathe(self, job: Job | None = None) -> None:
        """Look for a request to stop or pause, where there is no job yet or it is busy with an evaluation."""
        if self._due("breath"):
            self._obey(job, between_steps=False)

    def between_steps(self, job: Job) -> None:
        """Do what was asked for since the last look, at most every POLL_SECONDS, and at once what had to wait for the
        job. Raises Stopped.
        """
        if self._waiting or self._due("step"):
            self._obey(job, between_steps=True)

    def decline_rest(self) -> None:
        """Answer what was asked too late, so that nobody waits for it."""
        self._waiting.extend(self._unsaid + self._reader.poll())
        while self._waiting:
            self._tell.acknowledge(self._waiting.popleft(), False, "the run has ended")

    def _due(self, kind: str) -> bool:
        if self._agreement is not None:
            return self._agreement.due(kind)
        now = time.monotonic()
        if not self._reason and now - self._polled < POLL_SECONDS:
            return False
        self._polled = now
        return True

    def _obey(self, job: Job | None, *, between_steps: bool) -> None:
        self._listen(job)
        self._work_off(job if between_steps else None)
        if not self._paused:
            return
        if job is not None:
            job.pause()
        self._tell.state("paused")
        while self._paused:
            self._woken.wait(PAUSED_POLL_SECONDS)
            self._listen(job)
            # Whatever it was doing, the job now stands between two steps or behind the last of an epoch.
            self._work_off(job)
        if job is not None:
            job.unpause()
        self._tell.state("running" if job is not None else "starting")

    def _listen(self, job: Job | None) -> None:
        heard = self._reader.poll() if self._place.first else []
        reason = self._reason
        if self._agreement is not None:
            heard, reason = self._agreement.meet(self._unsaid + heard, reason, job.seconds if job else None)
            self._unsaid = []
        elif reason and self._place.several:
            raise Dismissed(reason)
        self._waiting.extend(heard)
        if reason:
            raise self._stop(reason)

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
