"""Asking a run to stop, wherever it is: by a command that its worker hears, or by taking it out of Slurm's queue."""

from __future__ import annotations

import time

import msgspec

from training import files
from training.errors import InvalidInput, RunFailed
from training.runs.commands import send
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, read_summary
from training.slurm import commands as slurm
from training.slurm.queue import QUEUE
from training.text import one_line


def ask_to_stop(run: RunView, reason: str = "") -> str:
    """Returns the id of the command that its worker will answer; empty where the run only waited, and is stopped now.

    Raises RunFailed where it cannot be asked, InvalidInput where it does not listen to traindeck.
    """
    if not run.controllable:
        raise InvalidInput(
            f"{one_line(run.summary.name)} is not trained by traindeck, which only looks at it"
            f"{f' ({one_line(run.summary.device)})' if run.summary.device else ''}.",
            "Stop what trains it.",
        )
    job = run.summary.slurm_job
    if job and run.state == "queued" and slurm.has_sbatch() and _cancelled(job):
        _write_stopped(run.folder, "cancelled while queued")
        return ""
    return send(run.folder, "stop", **({"reason": reason} if reason else {}))


def stop_detail(run: RunView | None, *, again: bool) -> str:
    """What a stop would do, for whoever is about to ask for one, for the second time where `again`."""
    if run is not None and run.summary.slurm_job and run.state == "queued":
        return f"Slurm job {run.summary.slurm_job} is cancelled. The run can be resumed later."
    if run is not None and again and (resort := last_resort(run)):
        return f"It was asked already, and has not answered yet. {resort}"
    return "It ends after the current step. A checkpoint is kept, and nothing is deleted."


def last_resort(run: RunView) -> str:
    """What to do about a run that does not answer, in a sentence; empty where there is nothing else to do."""
    return f"`scancel {run.summary.slurm_job}` ends its Slurm job." if run.summary.slurm_job else ""


def _cancelled(job: str) -> bool:
    """Take a job out of the queue; False where Slurm has started it in the meantime, or does not say."""
    slurm.cancel(job, pending_only=True)
    QUEUE.forget()
    jobs = QUEUE.jobs(job)
    return jobs is not None and (job not in jobs or jobs[job].over)


def _write_stopped(folder: RunFolder, message: str) -> None:
    """Nothing else writes the summary of a run that waits. Raises RunFailed."""
    summary = read_summary(folder.summary)
    if summary is None or summary.state != "queued":
        return
    now = time.time()
    stopped = msgspec.structs.replace(summary, state="stopped", message=message, updated=now, ended=now)
    try:
        files.replace(folder.summary, msgspec.json.encode(stopped))
    except OSError as error:
        raise RunFailed(f"{folder.summary}: {error.strerror}.") from error
