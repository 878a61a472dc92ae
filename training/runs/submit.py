"""Runs on Slurm: what a launch or a resume hands to sbatch, and what the run folder keeps of it."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress

import msgspec

from training import files
from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.errors import RunFailed
from training.runs.layout import RunFolder
from training.runs.lifecycle import read_summary
from training.runs.summary import Summary
from training.runs.supervisor import ENTRY
from training.slurm import commands
from training.slurm.place import place
from training.slurm.queue import QUEUE
from training.slurm.script import Allocation, script


def processes_a_node(config: TrainingConfig, allocation: Allocation) -> int:
    """One for each GPU; without GPUs as many as the config says."""
    if allocation.gpus:
        return allocation.gpus
    return config.runtime.processes if isinstance(config.runtime.processes, int) else 1


def problems(config: TrainingConfig, allocation: Allocation) -> list[Problem]:
    """Where the config and what is asked of Slurm contradict each other."""
    runtime, gpus = config.runtime, allocation.gpus
    if gpus and runtime.device == "cpu":
        message = f"runtime.device is cpu, but {allocation.sentence} is asked of Slurm."
        return [Problem(message, "runtime.device", remedy="Set it to auto, or ask for no GPUs.")]
    if gpus and isinstance(runtime.processes, int) and runtime.processes > gpus:
        message = f"runtime.processes is {runtime.processes}, but a node is to have no more than {gpus} GPUs."
        return [Problem(message, "runtime.processes", remedy=f"Set it to {gpus}, or ask for more GPUs a node.")]
    return []


def write_script(
    folder: RunFolder, config: TrainingConfig, allocation: Allocation, after: RunFolder | None = None
) -> None:
    """job.sh. Raises InvalidInput for options that cannot be given, and OSError."""
    text = script(
        folder.path,
        allocation,
        processes_a_node(config, allocation),
        python=sys.executable,
        entry=ENTRY,
        after=after.path if after else None,
    )
    files.replace(folder.job_script, text.encode())


def submit(folder: RunFolder, summary: Summary, allocation: Allocation, after: RunFolder | None = None) -> str:
    """Hand job.sh to Slurm and write the job's id into the summary; the job starts only after that. Returns the id.

    A job that cannot be written down is cancelled again. Raises RunFailed, and OSError.
    """
    parent = read_summary(after.summary) if after else None
    # The dependency is not in the script: a job submitted by hand later could not name one that Slurm has forgotten.
    depends = [f"--dependency=afterany:{parent.slurm_job}"] if parent and parent.slurm_job else []
    job = commands.submit(folder.job_script, *depends, keep_time=not allocation.time)
    try:
        summary.state, summary.message = "queued", f"Slurm job {job}"
        summary.slurm_job, summary.device, summary.updated = job, "Slurm", time.time()
        files.replace(folder.summary, msgspec.json.encode(summary))
        if not {"--hold", "-H"} & set(allocation.options):
            commands.release(job)
    except BaseException:
        with suppress(RunFailed):
            commands.cancel(job)
        raise
    finally:
        QUEUE.forget()
    return job


def submit_again(folder: RunFolder, summary: Summary | None = None) -> str:
    """Submit the job script of a run that is over, for its next attempt; returns the job's id.

    The summary, where one is given, is what the run says of itself from then on. Raises RunFailed, and OSError.
    """
    if summary is None:
        found = read_summary(folder.summary)
        if found is None:
            raise RunFailed(f"{folder.summary}: it cannot be read.")
        size = folder.commands.stat().st_size if folder.commands.exists() else 0
        summary = msgspec.structs.replace(found, ended=0.0, commands_from=size)
    if not folder.job_script.exists():
        raise RunFailed(
            f"{folder.job_script}: the job script is gone.", "Resume the run here: `traindeck resume RUN --here`."
        )
    return submit(folder, summary, allocation_of(folder) or Allocation())


def allocation_of(folder: RunFolder) -> Allocation | None:
    """What the run asked of Slurm when it was launched; None for one that was not launched there."""
    try:
        asked = json.loads(folder.environment.read_bytes()).get("slurm")
        return msgspec.convert(asked, Allocation) if asked else None
    except (OSError, ValueError, AttributeError):
        return None


def target_of(folder: RunFolder) -> Allocation | None:
    """Where the run's next attempt, or its correction, belongs: on Slurm where it was and where there is one."""
    summary = read_summary(folder.summary)
    if summary is None or not summary.slurm_job or not place().slurm:
        return None
    return allocation_of(folder) or Allocation()
