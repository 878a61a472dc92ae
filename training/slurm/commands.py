"""Slurm's own commands: one function each. Standard library only, since the supervisor asks Slurm too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from training.errors import RunFailed
from training.text import one_line

SUBMIT_SECONDS = 60.0
"""A busy controller takes its time, and a job that was submitted unnoticed would train unseen."""
ASK_SECONDS = 20.0
WAITING = frozenset({"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"})
OVER = frozenset(
    {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE"}
    | {"OUT_OF_MEMORY", "REVOKED"}
)
_SET_BY_SCRIPT = ("SBATCH_OPEN_MODE", "SBATCH_OUTPUT", "SBATCH_REQUEUE", "SBATCH_NO_REQUEUE", "SBATCH_SIGNAL")
"""Variables of sbatch that would win over what job.sh says of the same."""


@dataclass(frozen=True)
class JobState:
    """What Slurm says of one job."""

    state: str
    """Such as PENDING, RUNNING, CANCELLED, NODE_FAIL."""
    reason: str = ""
    nodes: str = ""
    seconds: int = 0
    """That it has run for; 0 where that was not asked."""
    restarts: int = 0
    preempted: bool = False
    """Whether it was told to make room for a job of higher priority."""

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    @property
    def over(self) -> bool:
        return self.state in OVER


def has_sbatch() -> bool:
    return shutil.which("sbatch") is not None


def submit(script: Path, *options: str, keep_time: bool = True) -> str:
    """Hand the script to sbatch, held, so that nothing starts before the job's id is written down; returns the id.

    Without `keep_time` a time limit from the user's environment gives way to the script's. Raises RunFailed with
    sbatch's own words.
    """
    unwanted = (*_SET_BY_SCRIPT, *(() if keep_time else ("SBATCH_TIMELIMIT",)))
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    answer = _ask(
        "Slurm did not take the run",
        ["sbatch", "--parsable", "--hold", *options, str(script)],
        SUBMIT_SECONDS,
        environment,
    )
    lines = answer.split()
    job = lines[-1].partition(";")[0] if lines else ""
    if not job.isdecimal():
        raise RunFailed(f"sbatch gave no job id: {one_line(answer) or 'it said nothing'}.", "Look with `squeue --me`.")
    return job


def release(job: str) -> None:
    """Let a held job start. Raises RunFailed."""
    _ask(f"Slurm job {job} could not be released", ["scontrol", "release", job], ASK_SECONDS)


def cancel(job: str, *, pending_only: bool = False) -> None:
    """Raises RunFailed where Slurm refuses; a job that is over already is no reason to."""
    only = ["--state=PENDING"] if pending_only else []
    _ask(f"Slurm job {job} could not be cancelled", ["scancel", *only, job], ASK_SECONDS)


def requeue(job: str) -> None:
    """Back into the queue, whatever of it still runs. Raises RunFailed."""
    _ask(f"Slurm did not put job {job} back into its queue", ["scontrol", "requeue", job], ASK_SECONDS)


def job_state(job: str) -> JobState | None:
    """What Slurm says of that job; None where it does not answer, or has forgotten it."""
    try:
        answer = _ask("", ["scontrol", "--oneliner", "show", "job", job], ASK_SECONDS)
    except RunFailed:
        return None
    found = dict(re.findall(r"\b(JobState|Reason|NodeList|Restarts|PreemptTime)=(\S*)", answer))
    if "JobState" not in found:
        return None
    restarts = found.get("Restarts", "")
    return JobState(
        found["JobState"],
        _word(found.get("Reason", "")),
        _word(found.get("NodeList", "")),
        restarts=int(restarts) if restarts.isdecimal() else 0,
        preempted=found.get("PreemptTime", "None") not in ("None", "Unknown", "(null)"),
    )


def _word(text: str) -> str:
    return "" if text in ("None", "(null)") else text


def _ask(what_failed: str, command: list[str], seconds: float, environment: dict[str, str] | None = None) -> str:
    """The command's output. Raises RunFailed with what it said instead, and a remedy."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            env=environment,
        )
    except FileNotFoundError as error:
        raise RunFailed(
            f"{what_failed}: there is no {command[0]} here.", "Do it where Slurm's commands are: on a login node."
        ) from error
    except OSError as error:
        raise RunFailed(f"{what_failed}: {command[0]}: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise RunFailed(
            f"{what_failed}: {command[0]} gave no answer within {seconds:.0f} s.",
            "Look with `squeue --me` whether it came through after all, and with `scontrol ping` whether Slurm is up.",
        ) from error
    if done.returncode:
        said = _said(done.stderr) or _said(done.stdout) or f"exit code {done.returncode}"
        raise RunFailed(f"{what_failed}: {said}.", _remedy(said))
    return done.stdout


def _said(output: str) -> str:
    """The sentence of its complaint, without the name of the command before each line."""
    lines = [re.sub(r"^\w+: (error|fatal): ", "", line.strip()) for line in output.splitlines()]
    return one_line("; ".join(line.rstrip(".") for line in lines if line))


def _remedy(said: str) -> str:
    words = said.lower()
    if "partition" in words:
        return "`sinfo` lists the partitions; name one with `-- --partition=NAME`."
    if "account" in words or "qos" in words:
        return "Name yours with `-- --account=NAME` or `-- --qos=NAME`."
    if "contact" in words or "configuration source" in words or "connect" in words:
        return "`scontrol ping` tells whether Slurm is up."
    return ""
