"""What Slurm's queue adds to the state of a run: whether it waits, was cancelled, or is gone with its node."""

from __future__ import annotations

import time

from training.runs.layout import RunFolder
from training.runs.process import read_process
from training.runs.summary import RunState, Summary
from training.slurm.commands import JobState
from training.slurm.queue import QUEUE

UNSEEN_SECONDS = 60
"""A supervisor writes as soon as its job starts; network file systems show that within this time."""
UNSEEN = ", and nothing of it is seen here: is the run folder on a shared file system?"
LAST_WORD_SECONDS = 30.0
"""Between a worker's last word and its supervisor's lies one question to Slurm."""


def by_queue(folder: RunFolder, summary: Summary, state: RunState, detail: str) -> tuple[RunState, str]:
    """The state of a run with a job in Slurm, which its files alone judge to be `state`.

    Slurm is asked only about a run that waits for it, or whose processes are gone or silent. Where Slurm gives no
    answer, a run that waits goes on waiting, and all else stays as it was judged.
    """
    if summary.state == "stopped":
        return _or_back_into_the_queue(folder, summary, state, detail)
    waits = summary.state == "queued"
    if not waits and state not in ("crashed", "silent"):
        return state, detail
    jobs = QUEUE.jobs(summary.slurm_job, waits=waits)
    if jobs is None:
        return ("queued", summary.message) if waits else (state, detail)
    job = jobs.get(summary.slurm_job)
    if job is not None and job.waits:
        return "queued", f"Slurm job {summary.slurm_job}: {job.state}{f' ({job.reason})' if job.reason else ''}"
    if job is not None and not job.over:
        return _started(summary, job) if waits else (state, detail)
    return _gone(summary, job, state, detail)


def _started(summary: Summary, job: JobState) -> tuple[RunState, str]:
    """Slurm has started what its files still call queued."""
    where = f"Slurm job {summary.slurm_job}: {job.state}{f' on {job.nodes}' if job.nodes else ''}"
    if job.state == "RUNNING" and job.seconds > UNSEEN_SECONDS:
        where += f" for {job.seconds} s{UNSEEN}"
    # What is COMPLETING has yet to leave its node, and waits for that before it starts again.
    return "queued" if job.state == "COMPLETING" else "starting", where


def _gone(summary: Summary, job: JobState | None, state: RunState, detail: str) -> tuple[RunState, str]:
    """The job is over, and the run has not said how it ended."""
    name = f"Slurm job {summary.slurm_job}"
    if job is None:
        how = f"{name} is gone, and Slurm has forgotten how it ended"
    elif job.state == "CANCELLED":
        return "stopped", f"{name} was cancelled{' while queued' if summary.state == 'queued' else ''}"
    else:
        never_seen = summary.state == "queued" and job.state in ("COMPLETED", "FAILED")
        how = f"{name} is gone: {job.state}{UNSEEN if never_seen else ''}"
    # What its own processes left behind says more than Slurm does.
    return "crashed", f"{detail}; {how}" if state == "crashed" and detail and summary.state != "queued" else how


def _or_back_into_the_queue(folder: RunFolder, summary: Summary, state: RunState, detail: str) -> tuple[RunState, str]:
    """A worker that has stopped, whose supervisor is yet to say whether the run goes back into the queue."""
    if time.time() - summary.updated < LAST_WORD_SECONDS:
        process = read_process(folder.process)
        if process is not None and process.ended is None and not (process.here and not process.any_alive):
            return "stopping", detail
    return state, detail
