"""The process that writes the run of a user's script: it hears of it on standard input, and lives as long as it does.

A process of its own, so that neither a slow disk nor an error of ours reaches the training, and so that someone is
left to say that the script was killed.
"""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from training import files
from training.errors import EXIT_INVALID, EXIT_OK, InvalidInput
from training.recording.recorder import Recorder
from training.recording.resuming import run_to_resume
from training.recording.start import Start, read_start
from training.runs import pids
from training.runs.describe import slug
from training.runs.environment import describe_environment
from training.runs.layout import RunFolder
from training.runs.process import Heartbeat, ProcessMark, ProcessRecord
from training.runs.store import make_folder, runs_dir_for
from training.runs.summary import Summary

BEAT_SECONDS = 2.0
CHUNK = 1 << 18
GONE = "the script is gone without a word: it was killed, or left by os._exit"
STATES = ("finished", "stopped", "failed")


def main() -> int:
    """Exit code 2 where no run can be made; why is then said on standard output, which is the script's line too."""
    messages = Messages(sys.stdin.fileno())
    came: list[dict[str, Any]] = []
    while not came:
        if messages.over:
            return EXIT_OK
        came = messages.wait(None)
    first, *more = came
    try:
        session = Session(read_start(first))
    except InvalidInput as error:
        warn(str(error))
        return EXIT_INVALID
    except OSError as error:
        warn(f"{error.filename or 'the run'}: cannot be written: {error.strerror}.")
        return EXIT_INVALID
    session.take(more)
    while not messages.over and not session.over and session.script_lives:
        session.take(messages.wait(session.seconds_to_wait()))
    session.close()
    return EXIT_OK


def warn(text: str) -> None:
    """A line that the script shows, unless it is gone."""
    with suppress(OSError):
        os.write(1, f"{text}\n".encode(errors="replace"))


class Messages:
    """The lines of JSON that come from the script; what is none is passed over."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self.over = False
        """Whether the script has closed its side, or is gone."""

    def wait(self, seconds: float | None) -> list[dict[str, Any]]:
        """What has come within that time, as soon as something has."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return []
        try:
            data = os.read(self._fd, CHUNK)
        except OSError:
            data = b""
        self.over = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = []
        for line in lines:
            with suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    found.append(message)
        return found


class Session:
    """One script, from its first report on; of a cross-validation each training is a run."""

    def __init__(self, start: Start) -> None:
        """Raises InvalidInput and OSError where no run can be made."""
        self.over = False
        self._start = start
        self._script = ProcessMark(start.pid, pids.start_mark(start.pid))
        self._beats = 0
        self._next_beat = 0.0
        self._recorder = self._begin(start.resume)

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
        self._environment.join(1.0)

    def _begin(self, resume: str) -> Recorder:
        start = self._start
        runs_dir = runs_dir_for(start.runs_dir or None)
        found = _resumed(resume, runs_dir) if resume else None
        self._folder, summary = found or _new_run(start, runs_dir)
        self._started = time.time()
        self._note_process()
        self._beat()
        files.replace(self._folder.summary, msgspec.json.encode(summary))
        with suppress(OSError), self._folder.console.open("ab") as console:
            os.dup2(console.fileno(), sys.stderr.fileno())
        recorder = Recorder(self._folder, summary, start, warn)
        self._environment = threading.Thread(target=_write_environment, args=(self._folder, start), daemon=True)
        self._environment.start()
        return recorder

    def _end(self, state: Any, reason: str) -> None:
        self._recorder.end(state, reason)
        self._note_process(ended=True)

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


def _resumed(wanted: str, runs_dir: Path) -> tuple[RunFolder, Summary] | None:
    try:
        return run_to_resume(wanted, runs_dir)
    except InvalidInput as error:
        warn(f"{error.message} A new run begins.")
        return None


def _write_environment(folder: RunFolder, start: Start) -> None:
    with suppress(OSError):
        content = {**describe_environment(Path.cwd()), "command": start.command}
        files.replace(folder.environment, json.dumps(content, indent=1).encode())
