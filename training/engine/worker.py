"""The training process of a run: reads the run folder, trains, and writes down everything that others are to know.

torch is imported only once the run can already be heard of and stopped: it takes a second or two.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from training.config import files as config_files
from training.engine.control import Control, Dismissed, Stopped
from training.engine.device_load import DeviceLoad
from training.engine.failure import read_failure, write_failure
from training.engine.heartbeat import Heart
from training.engine.listening import Listener
from training.engine.parent import ParentWatch
from training.engine.place import Place
from training.engine.process import keep_freed_memory, let_threads_sleep
from training.engine.reporting import Report
from training.errors import EXIT_FAILED, EXIT_OK, RunFailed, TraindeckError
from training.runs import log
from training.runs.commands import CommandReader
from training.runs.layout import RunFolder
from training.runs.overrides import stop_after, stop_ahead
from training.runs.summary import LIVE_STATES
from training.text import one_line

Ending = Literal["finished", "stopped", "failed"]


def main(run_dir: Path) -> int:
    """Train the run in that folder; 0 where it finished or was stopped, 1 where it failed."""
    folder = RunFolder(run_dir)
    try:
        place = Place.here()
        lost = f"a training process was lost (restart {place.restarts} of {place.most_restarts})"
        report = Report(folder, lost if place.restarts else "") if place.first else Listener(folder)
    except RunFailed as error:
        _show(error)
        return EXIT_FAILED
    except (OSError, ValueError) as error:
        print(f"{run_dir} is no run folder: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    if place.restarts and _is_over(folder, report):
        return EXIT_OK
    if place.restarts:
        report.log(f"{lost[0].upper()}{lost[1:]}: all go on from the last checkpoint.", "warning")
    answered = log.answered(folder.events) if report.attempt > 1 else ()
    reader = CommandReader(folder.commands, start=report.summary.commands_from, answered=answered)
    control = Control(reader, report, place)
    if place.first and _restarted_by_itself(place) and (epoch := stop_ahead(folder.events)):
        control.put_first(stop_after(epoch))
    with _signs_of_life(folder, place, control), _device_load(place, report), control.signals():
        try:
            state, reason = _outcome(folder, report, control, place)
            if state == "lost":
                return EXIT_FAILED  # torchrun starts all ranks again
            if state == "failed" and not place.first:
                write_failure(folder, place, reason)
            try:
                control.decline_rest()
            finally:
                report.end(state, reason)
        except OSError as error:
            _show(error)
            return EXIT_FAILED
    return EXIT_FAILED if state == "failed" else EXIT_OK


def _signs_of_life(folder: RunFolder, place: Place, control: Control) -> ExitStack:
    """Rank 0 shows that it lives; each of several ranks looks whether its torchrun does."""
    signs = ExitStack()
    if place.first:
        signs.enter_context(Heart(folder.heartbeat))
    if place.several:
        signs.enter_context(ParentWatch(control.ask_to_stop))
    return signs


def _device_load(place: Place, report: Report) -> ExitStack:
    """Rank 0 tells how busy the GPUs of its machine are."""
    sampling = ExitStack()
    if place.first:
        report.load = sampling.enter_context(DeviceLoad(place))
    return sampling


def _restarted_by_itself(place: Place) -> bool:
    """Whether torchrun or Slurm began this attempt, and no person who could want something else by now."""
    return place.restarts > 0 or os.environ.get("SLURM_RESTART_COUNT", "0") != "0"


def _is_over(folder: RunFolder, report: Report) -> bool:
    """Whether the run has ended before torchrun started its ranks again, which it does after every failure."""
    failure = read_failure(folder)
    if failure is not None and report.summary.state in LIVE_STATES:
        report.end("failed", failure)
    return failure is not None or report.summary.state not in LIVE_STATES


def _outcome(folder: RunFolder, report: Report, control: Control, place: Place) -> tuple[Ending | Literal["lost"], str]:
    """Train, and say how it ended and why; `lost` where it ended because another rank is gone."""
    try:
        return "finished", _train(folder, report, control, place)
    except Stopped as stop:
        return "stopped", one_line(str(stop))
    except Dismissed:
        return "lost", ""
    except Exception as error:  # noqa: BLE001  the outermost boundary: the run must say how it ended
        if place.several and _lost_a_peer(error):
            print(f"rank {place.rank}: another rank is gone: {_sentence(error, folder)}", file=sys.stderr)  # noqa: T201
            failure = read_failure(folder, wait=place.local_world < place.world)
            return ("failed", failure) if failure and place.first else ("lost", "")
        _show(error)
        return "failed", _sentence(error, folder)


def _lost_a_peer(error: Exception) -> bool:
    from training.engine.ranks import lost_a_peer  # with torch, which is loaded by the time that there are peers

    return lost_a_peer(error)


def _train(folder: RunFolder, report: Report, control: Control, place: Place) -> str:
    report.progress("reading the config")
    config = config_files.load(folder.config)
    report.progress("loading torch")
    let_threads_sleep()
    keep_freed_memory()
    # torch does without NumPy, and so do we: its warning would head the console of every run.
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
    from training.engine.setup import run

    return run(folder, config, report, control, place)


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
        place = error.filename or folder.path
        return f"{full}: {place} could not be written. Free space, then go on with `traindeck resume`."
    if isinstance(error, TraindeckError):
        return one_line(str(error))
    return one_line(f"{type(error).__name__}: {error}")[:500]
