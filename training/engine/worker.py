"""The training process of a run: reads the run folder, trains, and writes down everything that others are to know.

torch is imported only once the run can already be heard of and stopped: it takes a second or two.
"""

from __future__ import annotations

import errno
import sys
import traceback
from pathlib import Path

from training.config import files as config_files
from training.engine.control import Control, Stopped
from training.engine.heartbeat import Heart
from training.engine.reporting import Report
from training.errors import EXIT_FAILED, EXIT_OK, TraindeckError
from training.runs.commands import CommandReader
from training.runs.layout import RunFolder
from training.text import one_line


def main(run_dir: Path) -> int:
    """Train the run in that folder; 0 where it finished or was stopped, 1 where it failed."""
    folder = RunFolder(run_dir)
    report = Report(folder)
    control = Control(CommandReader(folder.commands), report)
    with Heart(folder.heartbeat), control.signals():
        try:
            reason = _train(folder, report, control)
        except Stopped as stop:
            report.end("stopped", one_line(str(stop)))
        except Exception as error:  # noqa: BLE001  the outermost boundary: the run must say how it ended
            _show(error)
            report.end("failed", _sentence(error, folder))
            return EXIT_FAILED
        else:
            report.end("finished", reason)
    return EXIT_OK


def _train(folder: RunFolder, report: Report, control: Control) -> str:
    report.progress("reading the config")
    config = config_files.load(folder.config)
    report.progress("loading torch")
    from training.engine.setup import prepare, run

    return run(prepare(folder, config, report, control))


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
