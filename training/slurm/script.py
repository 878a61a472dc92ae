"""job.sh: the batch script that Slurm starts a run's supervisor with."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.errors import InvalidInput
from training.text import has_controls, one_line

GRACE_SECONDS = 60
"""Before the time limit Slurm tells the supervisor this early: time for a step to end and a checkpoint to be written.

Slurm looks at the limits every half a minute or so: the warning may come earlier than asked for, and hardly later.
"""
MARK = "TRAINDECK_SLURM"
"""In the environment of a supervisor that is itself the batch process; a shell inside an allocation has it not."""
REFUSED = {
    "--array": "a run is one job",
    "--wrap": "the run has a script of its own",
    "--wait": "the launch would wait for the run to end; `traindeck watch` shows it",
    "--clusters": "the state of a job on another cluster could not be seen",
    "--test-only": "no job would be submitted",
}
_LONG = {"-a": "--array", "-W": "--wait", "-M": "--clusters"}


@dataclass(frozen=True)
class Allocation:
    """What Slurm is asked for; whatever is left out is for the cluster's defaults to say."""

    nodes: int = 1
    gpus: int = 0
    """A node."""
    time: str = ""
    """As Slurm spells it: minutes, hours:minutes:seconds, days-hours."""
    options: tuple[str, ...] = ()
    """The user's own options of sbatch; they come last and win."""

    @property
    def sentence(self) -> str:
        """In words, such as `2 nodes, 4 GPUs each, at most 12:00:00 (--partition=long)`."""
        parts = [_counted(self.nodes, "node")]
        if self.gpus:
            parts.append(_counted(self.gpus, "GPU") + (" each" if self.nodes > 1 else ""))
        parts.append(f"at most {self.time}" if self.time else "the partition's time limit")
        said = ", ".join(parts)
        return one_line(f"{said} ({shlex.join(self.options)})" if self.options else said)


def check(allocation: Allocation) -> None:
    """Raises InvalidInput for what would end its line in the script, or make of one job none or many."""
    for word in (allocation.time, *allocation.options):
        if has_controls(word):
            raise InvalidInput(f"{one_line(word)!r} holds control characters, which no option of sbatch does.")
    if any(character.isspace() for character in allocation.time):
        raise InvalidInput(f"The time {allocation.time!r} holds blanks.", "Write it like 12:00:00 or 2-00:00:00.")
    for word in allocation.options:
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        name = _LONG.get(name, name)
        if why := REFUSED.get(name):
            raise InvalidInput(f"{name} cannot be given to sbatch here: {why}.", "Leave it out.")


def script(
    run: Path, allocation: Allocation, processes: int, *, python: str, entry: Path, after: Path | None = None
) -> str:
    """The text of job.sh. `processes` are those of one node; with `after` the run waits for that one to end.

    The supervisor is the batch process itself (exec), so that Slurm's signals reach it. Raises InvalidInput.
    """
    check(allocation)
    for path in (str(run), python, str(entry), str(after or "")):
        if has_controls(path):
            raise InvalidInput(f"{one_line(path)}: a path with control characters cannot be written into a job script.")
    supervise = [python, str(entry), "_supervise", str(run), *([str(after)] if after else [])]
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH {option}" for option in _options(run, allocation, processes)),
        "",
        "# A run of traindeck. To go on with it by hand after it has ended: sbatch job.sh",
        "# It then continues from its newest checkpoint.",
        "",
        "unset TRAINDECK_DEVICE TRAINDECK_DEVICE_NAME TRAINDECK_DEVICE_REASON",
        f"export {MARK}=1 PYTHONUNBUFFERED=1",
        f"export TRAINDECK_NODES={allocation.nodes} TRAINDECK_PROCESSES={processes}",
        f"exec {shlex.join(supervise)}",
    ]
    return "\n".join(lines) + "\n"


def _options(run: Path, allocation: Allocation, processes: int) -> list[str]:
    """One or more options of sbatch a line; sbatch reads quotes as a shell does."""
    return [
        f"--job-name={shlex.quote(run.name)}",
        f"--output={shlex.quote(_as_pattern(run / 'console.log'))}",
        "--open-mode=append",
        f"--chdir={shlex.quote(str(run))}",
        f"--nodes={allocation.nodes}",
        "--ntasks-per-node=1",
        *([f"--gpus-per-node={allocation.gpus}"] if allocation.gpus else []),
        *([f"--cpus-per-task={processes}"] if processes > 1 and not allocation.gpus else []),
        *([f"--time={allocation.time}"] if allocation.time else []),
        "--requeue",
        f"--signal=B:USR1@{GRACE_SECONDS}",
        *([shlex.join(allocation.options)] if allocation.options else []),
    ]


def _as_pattern(path: Path) -> str:
    """sbatch puts the job's number and the like where a file name has %j."""
    return str(path).replace("%", "%%")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def split_options(text: str) -> Sequence[str]:
    """Options of sbatch as a person types them on one line. Raises InvalidInput for a quote that is left open."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InvalidInput(f"The options of sbatch {one_line(text)!r} cannot be read: {error}.") from error
