"""The training process of a run: reads the run folder, trains, and writes down everything that others are to know.

torch is imported only once the run can already be heard of and stopped: it takes a second or two.
"""

from __future__ import annotations

import errno
import sys
import traceback
import warnings
from pathlib import Path
from typing import Literal

from training.config import files as config_files
from training.engine.control import Control, Stopped
from training.engine.heartbeat import Heart
from training.engine.process import keep_freed_memory, let_threads_sleep
from training.engine.reporting import Report
from training.errors import EXIT_FAILED, EXIT_OK, TraindeckError
from training.runs import log
from training.runs.commands import CommandReader
from training.runs.layout import RunFolder
from training.text import one_line

Ending = Literal["finished", "stopped", "failed"]


def main(run_dir: Path) -> int:
    """Train the run in that folder; 0 where it finished or was stopped, 1 where it failed."""
    folder = RunFolder(run_dir)
    try:
        report = Report(folder)
    except (OSError, ValueError) as error:
        print(f"{run_dir} is no run folder: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    answered = log.answered(folder.events) if report.attempt > 1 else ()
    reader = CommandReader(folder.commands, start=report.summary.commands_from, answered=answered)
    control = Control(reader, report)
    with Heart(folder.heartbeat), control.signals():
        state, reason = _outcome(folder, report, control)
        try:
            try:
                control.decline_rest()
            finally:
                report.end(state, reason)
        except OSError as error:
            _show(error)
            return EXIT_FAILED
    return EXIT_FAILED if state == "failed" else EXIT_OK


def _outcome(folder: RunFolder, report: Report, control: Control) -> tuple[Ending, str]:
    """Train, and say how it ended and why."""
    try:
        return "finished", _train(folder, report, control)
    except Stopped as stop:
        return "stopped", one_line(str(stop))
    except Exception as error:  # noqa: BLE001  the outermost boundary: the run must say how it ended
        _show(error)
        return "failed", _sentence(error, folder)


def _train(folder: RunFolder, report: Report, control: Control) -> str:
    report.progress("reading the config")
    config = config_files.load(folder.config)
    report.progress("loading torch")
    let_threads_sleep()
    keep_freed_memory()
    # torch does without NumPy, and so do we: its warning would head the console of every run.
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
    from training.engine.setup import run

    return run(folder, config, report, control)


def _show(error: Exception) -> None:
    """For console.log: the sentence of an error that was foreseen, the way to one that was not."""
    if isinstance(error, TraindeckError):
        print(error, file=sys.stderr)  # noqa: T201
    else:
        traceback.print_exception(error)


def _sentence(error: Exception, folder: RunFolder) -> str:
    """What went wrong, on one line."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        full = "The disk is full" if error.errno == errno.ENOSPC else "The disk quota is used up"
        return f"{full}: {error.filename or folder.path} could not be written. Free space, then launch it again."
    if isinstance(error, TraindeckError):
        return one_line(str(error))
    return one_line(f"{type(error).__name__}: {error}")[:500]
