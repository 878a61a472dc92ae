"""Where this process is: can jobs be submitted from here, and is it a login node, where training does not belong."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from training.devices.gpus import Nvml, Reading

PING_SECONDS = 5.0


@dataclass(frozen=True)
class Place:
    """`slurm`: runs can be submitted from here. `login_node`: and nothing should train here."""

    slurm: bool
    login_node: bool


def place(environ: Mapping[str, str] = os.environ, reading: Reading | None = None) -> Place:
    """A login node has Slurm's commands and no GPU, and is not itself part of a job."""
    if not _has_cluster(shutil.which("sbatch", path=environ.get("PATH")), environ.get("SLURM_CONF", "")):
        return Place(False, False)
    if environ.get("SLURM_JOB_ID"):
        return Place(True, False)
    reading = Nvml().read(processes=False) if reading is None else reading
    return Place(True, not reading.gpus)


@lru_cache(maxsize=8)
def _has_cluster(sbatch: str | None, _conf: str) -> bool:
    """Whether Slurm is set up here: its commands may be installed on a host that belongs to no cluster.

    A controller that is down or silent is one all the same; submitting then says so.
    """
    if sbatch is None:
        return False
    try:
        done = subprocess.run(
            ["scontrol", "ping"], capture_output=True, text=True, errors="replace", timeout=PING_SECONDS, check=False
        )
    except OSError:
        return False
    except subprocess.TimeoutExpired:
        return True
    return "slurmctld" in done.stdout.lower()
