"""environment.json: what a run was launched with, so that it can be explained and repeated."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from training.runs import pids
from training.runs.commands import user_name

PACKAGES = ("traindeck", "torch", "torchvision", "msgspec", "PyYAML", "Pillow", "numpy")
DIFF_BYTES = 100_000
VARIABLES = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "SLURM_JOB_ID", "SLURM_JOB_PARTITION", "OMP_NUM_THREADS")


def describe_environment(directory: Path) -> dict[str, Any]:
    """Versions, host, command and the state of the git checkout in `directory`; imports none of the packages."""
    return {
        "schema": 1,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "host": pids.host(),
        "user": user_name(),
        "cores": os.cpu_count(),
        "command": sys.argv,
        "directory": str(directory),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "git": _git(directory),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _git(directory: Path) -> dict[str, Any] | None:
    commit = _ask_git(directory, "rev-parse", "HEAD")
    if commit is None:
        return None
    # The user's own diff tools draw for people.
    diff = _ask_git(directory, "diff", "--no-ext-diff", "--no-color", "HEAD") or ""
    return {"commit": commit.strip(), "diff": diff[:DIFF_BYTES], "diff_cut": len(diff) > DIFF_BYTES}


def _ask_git(directory: Path, *words: str) -> str | None:
    """git's answer; None where there is no git, no checkout, or no answer in time."""
    try:
        done = subprocess.run(
            ["git", "-C", str(directory), "--no-optional-locks", *words],
            capture_output=True,
            timeout=3,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
