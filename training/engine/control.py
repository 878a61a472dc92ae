"""What people ask of the running job: read between steps, done, and answered by an event with the request's id."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
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
NEED_A_STEP = ("checkpoint", "set_lr", "set_patience", "set_epochs")
"""What has to wait for a place between two steps, or behind the last of an epoch."""
NEED_THE_JOB = (*NEED_A_STEP, "stop_after_epoch")
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

    def adjust(self, command: str, args: Mapping[str, Any]) -> str:
        """Change a setting from the next step on; returns what to tell the user. Raises TraindeckError."""

    def note_stop(self, epoch: int) -> None:
        """Log that training stops after that epoch; 0: it does not any more."""

    @property
    def epochs_begun(self) -> int:
        """The epoch under way, or the last one; 0 before the first."""

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
        self._last_epoch = 0
        """After which training stops; 0 for none."""
        self._asked_by = ""

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

    def after_epoch(self, epochs_done: int) -> None:
        """Between two epochs. Raises Stopped where it was asked to go no further."""
        if self._last_epoch and epochs_done >= self._last_epoch:
            raise self._stop(f"stopped after epoch {epochs_done}{self._asked_by}")

    def put_first(self, command: Command) -> None:
        """In line before what is read; where its id is empty nobody waits for the answer."""
        self._waiting.appendleft(command)

    def decline_rest(self) -> None:
        """Answer what was asked too late, so that nobody waits for it."""
        self._waiting.extend(self._unsaid + self._reader.poll())
        while self._waiting:
            self._answer(self._waiting.popleft(), False, "the run has ended")

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
        self._work_off(job, between_steps=between_steps)
        if not self._paused:
            return
        if job is not None:
            job.pause()
        self._tell.state("paused")
        while self._paused:
            self._woken.wait(PAUSED_POLL_SECONDS)
            self._listen(job)
            # Whatever it was doing, the job now stands between two steps or behind the last of an epoch.
            self._work_off(job, between_steps=True)
        if job is not None:
            job.unpause()
        self._tell.state("running" if job is not None else "starting", self._outlook)

    @property
    def _outlook(self) -> str:
        return f"stopping after epoch {self._last_epoch}" if self._last_epoch else ""

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

    def _work_off(self, job: Job | None, *, between_steps: bool) -> None:
        """Answer the commands in line, in their order; those that need the job, or a place between steps, wait."""
        kept: deque[Command] = deque()
        while self._waiting:
            command = self._waiting.popleft()
            needed = NEED_A_STEP if job is not None and not between_steps else NEED_THE_JOB if job is None else ()
            if command.command in needed:
                kept.append(command)
            else:
                self._do(command, job)
        self._waiting = kept

    def _do(self, command: Command, job: Job | None) -> None:
        match command.command:
            case "stop":
                self._answer(command, True, "stopping with a checkpoint")
                reason = command.args.get("reason")
                raise self._stop(str(reason) if reason else f"stopped by {command.user}")
            case "resume" if job is not None and not self._paused and self._last_epoch:
                self._stop_after(command, job, 0)
            case "pause" | "resume":
                paused = command.command == "pause"
                was = "already " if paused == self._paused else ""
                self._paused = paused
                self._answer(command, True, f"{was}{'paused' if paused else 'running'}")
            case "stop_after_epoch":
                assert job is not None
                self._ask_to_stop_after(command, job)
            case _:
                assert job is not None
                self._ask(command, job)

    def _ask(self, command: Command, job: Job) -> None:
        try:
            if command.command == "checkpoint":
                said = job.save_checkpoint()
            else:
                said = job.adjust(command.command, command.args)
        except TraindeckError as error:
            self._answer(command, False, str(error))
            if isinstance(error, RunFailed):  # what was asked for has found out that training is over
                raise
        else:
            self._answer(command, True, said)

    def _ask_to_stop_after(self, command: Command, job: Job) -> None:
        """After the epoch under way, or the `epoch` that is named; with `off`, not any more."""
        begun = max(1, job.epochs_begun)
        epoch = command.args.get("epoch", begun)
        if command.args.get("off"):
            self._stop_after(command, job, 0)
        elif isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < begun:
            self._answer(command, False, f"Epoch {begun} has begun: name that one or a later one to stop after.")
        else:
            self._stop_after(command, job, epoch)

    def _stop_after(self, command: Command, job: Job, epoch: int) -> None:
        was, self._last_epoch = self._last_epoch, epoch
        self._asked_by = f" by {command.user}" if command.user else ""
        if was != epoch:
            job.note_stop(epoch)
            if not self._paused:
                self._tell.state("running", self._outlook)
        if epoch:
            self._answer(command, True, f"{'already ' if was == epoch else ''}{self._outlook}")
        else:
            self._answer(command, True, f"training on after epoch {was}" if was else "it was not going to stop")

    def _answer(self, command: Command, ok: bool, message: str) -> None:
        if command.id:
            self._tell.acknowledge(command, ok, message)

    def _stop(self, reason: str) -> Stopped:
        self._tell.state("stopping", reason)
        return Stopped(reason)
