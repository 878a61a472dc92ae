"""The process that reads another tool's log beside the app, so that a long one does not make the screen stutter."""

from __future__ import annotations

import json
import os
import select
import shutil
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from training import files
from training.errors import EXIT_FAILED, EXIT_OK, TraindeckError
from training.foreign.reading import open_source
from training.recording.shadow import Shadow
from training.recording.watched import first_summary
from training.runs import pids
from training.runs.layout import RunFolder
from training.runs.process import Heartbeat, ProcessMark, ProcessRecord
from training.runs.summary import Summary
from training.text import one_line

POLL_SECONDS = 0.25
BEAT_SECONDS = 2.0
SETTLE_SECONDS = 30.0
"""A log that has not grown for so long may hold a last epoch that nothing more will come of: it is shown as it is."""


def main(log: Path, run: Path, names: str) -> int:
    """Read the log into the run folder until standard input ends; then it is removed with the folder around it.

    Exit code 1 where the log cannot be read any more: the run has then failed, and says why.
    """
    folder = RunFolder(run)
    try:
        return Tailing(log, folder, json.loads(names)).run()
    except Exception as error:  # noqa: BLE001  whoever watches is told, and reads why in the console
        known = isinstance(error, TraindeckError)
        print(str(error) if known else traceback.format_exc(), file=sys.stderr, flush=True)  # noqa: T201
        _fail(folder, str(error) if known else f"{type(error).__name__}: {error}")
        _wait_for_the_end()
        return EXIT_FAILED
    finally:
        shutil.rmtree(run, ignore_errors=True)
        with suppress(OSError):  # whoever watched may have removed it, or have been killed
            run.parent.rmdir()


class Tailing:
    """A log and its shadow. Raises InvalidInput where the log cannot be read."""

    def __init__(self, log: Path, folder: RunFolder, names: Mapping[str, str]) -> None:
        self._log = log
        self._folder = folder
        self._names = names
        self._source = open_source(log, names)
        self._shadow = Shadow(folder, first_summary(folder, log, self._source.format), self._source)
        self._settled = False
        self._grew = time.monotonic()
        self._beats = 0
        self._next_beat = 0.0

    def run(self) -> int:
        """Until standard input ends."""
        self._note_process()
        while not _ends_within(self.step()):
            pass
        return EXIT_OK

    def step(self) -> float:
        """Take what is new; returns how long to wait for more."""
        self._beat()
        began = time.monotonic()
        try:
            events = self._source.poll_columns()
        except OSError:
            return POLL_SECONDS  # it may come back
        if events:
            self._shadow.take(events)
            self._grew, self._settled = time.monotonic(), False
            return 0.0
        written = self._written()
        self._shadow.judge(written)
        quiet = max(time.time() - written, time.monotonic() - self._grew)
        if not self._settled and quiet > SETTLE_SECONDS:
            self._settle()
        return max(POLL_SECONDS, time.monotonic() - began)

    def _settle(self) -> None:
        """Show what the source holds back. It goes on itself, and says it again should more come of it."""
        self._settled = True
        if rest := self._source.rest():
            self._shadow.take(rest)
            self._shadow.judge(self._written())

    def _written(self) -> float:
        """When the log was last written to: of a folder, its newest file. Wall clock, 0 where it is gone."""
        try:
            if not self._log.is_dir():
                return self._log.stat().st_mtime
            return max((entry.stat().st_mtime for entry in os.scandir(self._log)), default=0.0)
        except OSError:
            return 0.0

    def _beat(self) -> None:
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self._beats += 1
            files.replace(self._folder.heartbeat, msgspec.json.encode(Heartbeat(self._beats, time.time())), sync=False)

    def _note_process(self) -> None:
        own = ProcessMark(os.getpid(), pids.start_mark(os.getpid()))
        record = ProcessRecord(
            host=pids.host(), boot_id=pids.boot_id(), pid_space=pids.pid_space(), started=time.time(), supervisor=own
        )
        files.replace(self._folder.process, msgspec.json.encode(record))


def _ends_within(seconds: float) -> bool:
    """Whether whoever watches has gone: standard input is theirs."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def _fail(folder: RunFolder, why: str) -> None:
    with suppress(OSError, msgspec.DecodeError):
        summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
        failed = msgspec.structs.replace(summary, state="failed", message=one_line(why), ended=time.time())
        files.replace(folder.summary, msgspec.json.encode(failed))


def _wait_for_the_end() -> None:
    select.select([sys.stdin], [], [])
