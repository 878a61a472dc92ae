"""`from traindeck import report`: what a user's own training script says of its run. Standard library only.

A report never breaks the training, and never waits for a disk: another process makes a run of what is handed over
(training/recording/process.py). What goes wrong is said once on stderr.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

# Relative: in the user's script `training` may be a package of the user's.
from . import place
from .pipe import REFUSAL, Broken, Pipe
from .values import mapping, number, plain

FINISH_SECONDS = 10.0


class Reporter:
    """Call it with metrics, an epoch or a step at a time; the first call makes a run that the app shows."""

    def __init__(self) -> None:
        self._pipe: Pipe | None = None
        self._quiet = False
        """Whether nothing is to be said of this run any more: another process does, or the recorder is gone."""
        self._pid = 0
        """Of the process that began to report; in a child of it nothing happens."""
        self._warned: set[str] = set()
        self._lock = threading.RLock()
        self._watching = 0
        """The process whose end is watched."""
        self._failure = ""
        self._left = False
        """Whether the script is at its end: what is reported after that begins no run."""
        self._thread = 0
        """That reported last."""

    def __call__(
        self, metrics: Mapping[str, Any] | None = None, /, *, epoch: Any = None, step: Any = None, **more: Any
    ) -> None:
        """Report the metrics of an epoch (`epoch=3, train_loss=…, val_loss=…`) or of a step (`step=1200, loss=…`).

        Epochs may count from 0 or from 1; without either the next epoch is meant. Names that a keyword cannot spell go
        into a mapping. Values are numbers, or what turns into one: tensors and arrays of one element. None is left out.
        """
        try:
            if self._ready():
                values = self._numbers({"epoch": epoch, "step": step, **(metrics or {}), **more})
                self._send({"do": "report", "t": time.time(), "values": values})
                self._thread = threading.get_ident()
        except Exception as error:  # noqa: BLE001  a report never breaks the training
            self._warn(f"report() failed: {type(error).__name__}: {error}")

    def start(
        self,
        name: str = "",
        *,
        config: Any = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        classes: int | Sequence[str] | None = None,
        n_train: int | None = None,
        n_val: int | None = None,
        runs_dir: str | os.PathLike[str] = "",
        resume: str | os.PathLike[str] = "",
        **facts: Any,
    ) -> Self:
        """Begin a run, with what the diagnosis does better for knowing; a run before it is finished.

        `config` is a mapping or a namespace with the guide's keys (`optimizer`, `learning_rate`, `batch_size`, …); its
        other keys are kept too. `classes` is their number, or their names. `resume` names a run that this script goes
        on with. Without `runs_dir` it is $TRAINDECK_RUNS, else ./traindeck_runs.
        """
        try:
            self.finish()
            known = {"classes": classes, "n_train": n_train, "n_val": n_val, "steps_per_epoch": steps_per_epoch}
            self._begin(
                {
                    "name": str(name),
                    "config": self._plain(self._config(config)),
                    "runs_dir": os.fspath(runs_dir),
                    "resume": os.fspath(resume),
                    "facts": self._plain({**known, **facts}),
                    **self._plain({"epochs": epochs}),
                }
            )
        except Exception as error:  # noqa: BLE001  as above
            self._warn(f"report.start() failed: {type(error).__name__}: {error}")
        return self

    def finish(self, state: str = "finished", reason: str = "") -> None:
        """The run is over; a report after it begins another one. The end of the script does it too."""
        with self._lock:
            if self._pid != os.getpid():
                return
            pipe, self._pipe = self._pipe, None
            self._pid, self._quiet = 0, False
            os.environ.pop(place.REPORTING, None)
            if pipe is None:
                return
            try:
                pipe.send({"do": "end", "t": time.time(), "state": state, "reason": reason})
            except Broken as error:
                self._warn(str(error))
            for line in pipe.close(FINISH_SECONDS):
                self._warn(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.finish(*place.ending(error))

    # Beginning

    def _ready(self) -> bool:
        """Whether this process is the one to report; the first time it begins a run."""
        if self._pid == 0 and not self._quiet:
            self._begin({})
        return self._pid == os.getpid() and not self._quiet

    def _begin(self, told: Mapping[str, Any]) -> None:
        with self._lock:
            if self._pid or self._left:
                return
            if place.is_another_rank() or place.is_spawned():
                self._quiet = True
                return
            self._pid, self._quiet = os.getpid(), False
            os.environ[place.REPORTING] = str(self._pid)
            self._watch_the_end()
            try:
                self._pipe = Pipe()
            except OSError as error:
                self._give_up(f"{sys.executable}: {error.strerror}")
                return
            origin = {"pid": self._pid, "script": place.name(), "command": sys.argv}
            try:
                self._send({"do": "start", "t": time.time(), **origin, **told})
            except Exception as error:  # noqa: BLE001  as above
                self._give_up(f"{type(error).__name__}: {error}")

    def _watch_the_end(self) -> None:
        if self._watching == self._pid:
            return
        self._watching = self._pid
        os.register_at_fork(after_in_child=self._forget)
        threading.excepthook = self._noting(threading.excepthook)
        place.note_exits()
        atexit.register(self._leave)
        if place.is_of_multiprocessing():
            from multiprocessing.util import Finalize

            Finalize(None, self._leave, exitpriority=0)

    def _noting(self, hook: Any) -> Any:
        """The same hook; a thread that reports and dies of an exception fails the run, whatever the main one does."""

        def note(args: Any) -> None:
            if threading.get_ident() == self._thread:
                self._failure = place.words(args.exc_value)
            hook(args)

        return note

    def _leave(self) -> None:
        """The script ends."""
        if self._failure:
            self.finish("failed", self._failure)
        else:
            self.finish(*place.ending(place.uncaught()))
        self._left = True

    def _forget(self) -> None:
        """In a forked child: the run is its parent's."""
        pipe, self._pipe = self._pipe, None
        self._lock = threading.RLock()
        if pipe is not None:
            pipe.forget()
            self._quiet = True

    # Telling

    def _send(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            if self._pipe is None:
                return
            try:
                self._pipe.send(message)
            except Broken as error:
                self._give_up(str(error))
                return
            for line in self._pipe.said():
                if line.startswith(REFUSAL):
                    self._give_up(line)
                    return
                self._warn(line)

    def _give_up(self, why: str) -> None:
        self._quiet = True
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.forget()
        refused = why.startswith(REFUSAL)
        self._warn(why if refused else f"{why.rstrip('.')}. The training goes on without being recorded.")

    def _config(self, config: Any) -> Mapping[Any, Any]:
        try:
            return mapping(config)
        except Exception:  # noqa: BLE001  as above
            self._warn(
                f"report.start(config=…) got a {type(config).__name__}, which names no settings; it is left out."
            )
            return {}

    def _plain(self, values: Mapping[Any, Any]) -> dict[str, Any]:
        """What of it can be told; the rest costs no more than itself."""
        found, lost = {}, []
        for name, value in values.items():
            try:
                if value is not None:
                    found[str(name)] = plain(value)
            except Exception as error:  # noqa: BLE001  as above
                lost.append(f"{name!r} ({type(error).__name__}: {error})")
        if lost:
            self._warn(f"report.start() leaves out what cannot be told: {', '.join(lost)}.")
        return found

    def _numbers(self, values: Mapping[Any, Any]) -> dict[str, float]:
        found = {}
        for name, value in values.items():
            if value is None:
                continue
            try:
                found[str(name)] = number(value)
            except (TypeError, ValueError, RuntimeError, OverflowError):
                self._warn(f"report({name}=…) got a {type(value).__name__}, which is no number; it is left out.")
        return found

    def _warn(self, text: str) -> None:
        if text in self._warned or sys.stderr is None:
            return
        self._warned.add(text)
        try:
            sys.stderr.write(f"traindeck: {text}\n")
        except (OSError, ValueError):  # a closed stream
            return


report = Reporter()
