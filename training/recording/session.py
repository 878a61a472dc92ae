"""One script that reports, from its first report to its end: its run folder, its signs of life, its recorder."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from training import files
from training.errors import InvalidInput
from training.recording.recorder import Recorder, Warn
from training.recording.resuming import run_to_resume
from training.recording.start import Start
from training.runs import hooks, pids
from training.runs.describe import slug
from training.runs.environment import describe_environment
from training.runs.layout import RunFolder
from training.runs.process import Heartbeat, ProcessMark, ProcessRecord
from training.runs.store import make_folder, runs_dir_for
from training.runs.summary import Summary

BEAT_SECONDS = 2.0
GONE = "the script is gone without a word: it was killed, or left by os._exit"
STATES = ("finished", "stopped", "failed")


class Session:
    """One script, from its first report on; of a cross-validation each training is a run."""

    def __init__(self, start: Start, warn: Warn) -> None:
        """Raises InvalidInput and OSError where no run can be made."""
        self.over = False
        self._warn = warn
        self._start = start
        self._script = ProcessMark(start.pid, pids.start_mark(start.pid))
        self._beats = 0
        self._next_beat = 0.0
        self._recorder = self._begin(start.resume)

    @property
    def where(self) -> str:
        """What the run is called, and how to see it: by its path where it lies elsewhere than others look for it."""
        folder = self._folder
        called = shlex.quote(str(folder.path)) if self._start.runs_dir else folder.id
        return f"recorded as {self._recorder.summary.name}; `traindeck watch {called}` shows it"

    @property
    def script_lives(self) -> bool:
        """Looked at with each beat: a child that the script has left behind may keep the line open."""
        if time.monotonic() >= self._next_beat:
            self._beat()
            return pids.is_alive(self._script.pid, self._script.start)
        return True

    def seconds_to_wait(self) -> float:
        """Until there is something to do without a message."""
        due = min(self._next_beat, self._recorder.tick())
        return max(0.0, due - time.monotonic())

    def take(self, messages: Iterable[Mapping[str, Any]]) -> None:
        """What the script has sent."""
        for message in messages:
            if message.get("do") == "end":
                state = message.get("state")
                self._end(state if state in STATES else "finished", str(message.get("reason") or ""))
                self.over = True
            elif message.get("do") == "report":
                self._report(message["values"], float(message["t"]))

    def _report(self, values: Mapping[str, float], t: float) -> None:
        if self._recorder.starts_over(values):
            self._end("finished", "")
            self._recorder = self._begin("")
        self._recorder.report(values, t)

    def close(self) -> None:
        """The script has ended, or is gone."""
        if not self.over:
            self._recorder.lose()
            self._note_process(error=GONE)
            self._tell_hook(hooks.UNSEEN)
        self._environment.join(1.0)

    def _begin(self, resume: str) -> Recorder:
        start = self._start
        runs_dir = runs_dir_for(start.runs_dir or None)
        found = self._resumed(resume, runs_dir) if resume else None
        self._folder, summary = found or _new_run(start, runs_dir)
        self._started = time.time()
        self._note_process()
        self._beat()
        files.replace(self._folder.summary, msgspec.json.encode(summary))
        with suppress(OSError), self._folder.console.open("ab") as console:
            os.dup2(console.fileno(), sys.stderr.fileno())
        recorder = Recorder(self._folder, summary, start, self._warn)
        self._environment = threading.Thread(target=_write_environment, args=(self._folder, start), daemon=True)
        self._environment.start()
        return recorder

    def _resumed(self, wanted: str, runs_dir: Path) -> tuple[RunFolder, Summary] | None:
        try:
            return run_to_resume(wanted, runs_dir)
        except InvalidInput as error:
            self._warn(f"{error.message} A new run begins.")
            return None

    def _end(self, state: Any, reason: str) -> None:
        self._recorder.end(state, reason)
        self._note_process(ended=True)
        self._tell_hook(state)

    def _tell_hook(self, state: str) -> None:
        """Nobody waits for it: the script may be waiting for us to end."""
        with suppress(OSError):
            hooks.fire(self._folder, state)

    def _beat(self) -> None:
        self._beats += 1
        self._next_beat = time.monotonic() + BEAT_SECONDS
        with suppress(OSError):  # the next one tries again
            beat = msgspec.json.encode(Heartbeat(self._beats, time.time()))
            files.replace(self._folder.heartbeat, beat, sync=False)

    def _note_process(self, *, ended: bool = False, error: str = "") -> None:
        record = ProcessRecord(
            host=pids.host(),
            boot_id=pids.boot_id(),
            pid_space=pids.pid_space(),
            started=self._started,
            supervisor=ProcessMark(os.getpid(), pids.start_mark(os.getpid())),
            worker=self._script,
            ended=time.time() if ended or error else None,
            error=error,
        )
        try:
            files.replace(self._folder.process, msgspec.json.encode(record))
        except OSError:
            if not ended and not error:
                raise


def _new_run(start: Start, runs_dir: Path) -> tuple[RunFolder, Summary]:
    folder = make_folder(runs_dir, start.name)
    model = start.config.get("model")
    return folder, Summary(
        id=folder.id,
        name=start.name + folder.id.removeprefix(slug(start.name)),
        kind="reported",
        created=start.t,
        updated=time.time(),
        model=model if isinstance(model, str) else "",
        settings=start.config,
        device=f"pid {start.pid} on {pids.host()}",
        epochs=start.epochs,
        steps=start.epochs * start.steps_per_epoch,
    )


def _write_environment(folder: RunFolder, start: Start) -> None:
    with suppress(OSError):
        content = {**describe_environment(Path.cwd()), "command": start.command}
        files.replace(folder.environment, json.dumps(content, indent=1).encode())
