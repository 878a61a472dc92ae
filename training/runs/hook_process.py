"""The process that runs the user's hook: reads the settings and the run, hands both over, and waits within bounds.

Nothing of a run becomes part of a command that a shell reads: it gets its values in the environment and on standard
input. In a list, `{title}` and the like are replaced in each argument by itself, but for one that is code
(training.runs.hook_words).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from training.errors import EXIT_FAILED, EXIT_OK, TraindeckError
from training.runs import hooks, pids
from training.runs.events import spell
from training.runs.hook_words import VARIABLES, filled
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.occasion import Occasion, of_end, of_finding
from training.runs.user_settings import read_settings
from training.text import one_line, plain

MOST_OUTPUT = 8 * 1024
"""Bytes of a hook's output that the console keeps."""
OUTPUT_SECONDS = 1.0
"""What is waited, once the hook has ended, for output of what it left running."""


@dataclass(frozen=True)
class Ran:
    """How a hook went."""

    failure: str
    """Why it counts as failed, in words; empty where it does not."""
    output: str


def main(run_dir: Path) -> int:
    """Tell the hook of what standard input says of the run in that folder; 1 where the hook failed."""
    folder = RunFolder(run_dir)
    try:
        told = json.loads(sys.stdin.buffer.read())
        command = read_settings().on_event
        run = view(folder)
        occasion = occasion_of(run, told) if run is not None else None
        if not command or run is None or occasion is None:
            return EXIT_OK
        ran = call(command, occasion, content_of(run, occasion, told), folder.path)
    except (TraindeckError, OSError, ValueError) as error:
        print(f"traindeck: hook: {one_line(str(error))}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    for line in plain(ran.output).splitlines():
        print(f"hook | {line}")  # noqa: T201
    if ran.failure:
        print(f"traindeck: the hook on_event ({occasion.event}) {ran.failure}", file=sys.stderr)  # noqa: T201
    return EXIT_FAILED if ran.failure else EXIT_OK


def occasion_of(run: RunView, told: Mapping[str, Any]) -> Occasion | None:
    """What there is to tell; None where the run goes on again meanwhile."""
    if told["event"] == "finding":
        return of_finding(run.summary.name, str(told["title"]), str(told["evidence"]))
    occasion = of_end(run)
    expected = "crashed" if told["event"] == hooks.UNSEEN else told["event"]
    return occasion if occasion is not None and occasion.event == expected else None


def content_of(run: RunView, occasion: Occasion, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the hook reads on standard input, as one JSON object."""
    summary = run.summary
    finding = {key: told[key] for key in ("label", "title", "evidence", "epoch")} if "label" in told else None
    return {
        "event": occasion.event,
        "title": occasion.title,
        "detail": occasion.detail,
        "time": time.time(),
        "host": pids.host(),
        "run": str(run.folder.path),
        "id": run.folder.id,
        "name": one_line(summary.name),
        "kind": summary.kind,
        "parent": summary.parent,
        "state": run.state,
        "message": run.detail,
        "epoch": summary.epoch,
        "epochs": summary.epochs,
        "seconds": spell(run.seconds),
        "best_epoch": summary.best_epoch,
        "best_val_loss": summary.best_val_loss,
        "best_val_acc": summary.best_val_acc,
        "latest": summary.latest,
        "test": summary.test,
        "findings": [
            {"label": line.label, "severity": line.severity, "title": line.title, "since_epoch": line.since_epoch}
            for line in run.findings
        ],
        "finding": finding,
    }


def call(
    command: str | tuple[str, ...],
    occasion: Occasion,
    content: Mapping[str, Any],
    run: Path,
    seconds: float = hooks.HOOK_SECONDS,
) -> Ran:
    """Run the hook in a process group of its own, which is ended when its time is over."""
    values = {
        "event": occasion.event,
        "title": occasion.title,
        "detail": occasion.detail,
        "run": str(run),
        "name": str(content.get("name", "")),
    }
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else [filled(word, values) for word in command]
    environment = {VARIABLES[key]: value for key, value in values.items()}
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            cwd=run if run.is_dir() else "/",
            start_new_session=True,
        )
    except OSError as error:
        return Ran(f"could not be started: {one_line(words[0])}: {error.strerror}", "")
    assert process.stdin
    assert process.stdout
    output = _Output(process.stdout)
    threading.Thread(target=_hand_over, args=(process.stdin, json.dumps(content).encode()), daemon=True).start()
    failure = ""
    try:
        code = process.wait(seconds)
        failure = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}" if code else ""
    except subprocess.TimeoutExpired:
        failure = f"took longer than {seconds:g} s and was ended"
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return Ran(failure, output.text())


def _hand_over(pipe: IO[bytes], data: bytes) -> None:
    """A hook need not read what it is given."""
    with suppress(OSError, ValueError), pipe:
        pipe.write(data)


class _Output:
    """The beginning of what a process prints; the rest is read, so that it never waits, and dropped."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """What there is; of a process that has ended but left others with its pipe, without waiting for those."""
        self._thread.join(OUTPUT_SECONDS)
        return bytes(self._kept).decode(errors="replace")

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while chunk := self._pipe.read1(4096):  # type: ignore[attr-defined]
                self._kept += chunk[: MOST_OUTPUT - len(self._kept)]
