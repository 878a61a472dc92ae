"""Whether a run that is launched here goes on after logout, and what to do where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training.runs.commands import user_name
from training.slurm.script import Allocation


@dataclass(frozen=True)
class Survival:
    """`survives` is None where it cannot be told."""

    survives: bool | None
    sentence: str


def survival(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Survival:
    """One line on what ends a run here, judged without waiting for anything slow."""
    if job := environ.get("SLURM_JOB_ID"):
        return Survival(
            False,
            f"This run ends with Slurm job {job}: leaving the allocation or reaching its time limit kills it; "
            "launch from a batch job of the length you need.",
        )
    if _in_container(environ, root):
        return Survival(
            None,
            "This run survives a lost connection, but ends when this container stops; "
            "keep the runs folder on a mounted volume.",
        )
    if sys.platform.startswith("linux") and (root / "run/systemd/system").is_dir() and _kills_user_processes(root):
        return Survival(
            False,
            "This host ends all your processes at logout (systemd's KillUserProcesses); start traindeck as "
            f"`systemd-run --user --scope traindeck` after `loginctl enable-linger {user_name()}`.",
        )
    return Survival(True, "This run goes on when the connection drops or you log out.")


def survival_of_job(allocation: Allocation) -> Survival:
    """The same of a run that Slurm is to start."""
    limit = f"at its time limit ({allocation.time})" if allocation.time else "at its time limit"
    again = (
        "it stops with a checkpoint, and can be resumed"
        if "--no-requeue" in allocation.options
        else "it writes a checkpoint, goes back into the queue and resumes from there"
    )
    return Survival(True, f"This run goes on when you log out; {limit}, or where its nodes are needed, {again}.")


def _in_container(environ: Mapping[str, str], root: Path) -> bool:
    if environ.get("KUBERNETES_SERVICE_HOST") or environ.get("container"):
        return True
    if any((root / mark).exists() for mark in (".dockerenv", "run/.containerenv", "singularity", ".singularity.d")):
        return True
    try:
        groups = (root / "proc/1/cgroup").read_text()
    except OSError:
        return False
    return any(word in groups for word in ("docker", "kubepods", "containerd", "lxc"))


def _kills_user_processes(root: Path) -> bool:
    """logind's own answer; its configuration files where it gives none. A user scope outlives the session."""
    try:
        if "/user@" in (root / "proc/self/cgroup").read_text():
            return not (root / "var/lib/systemd/linger" / user_name()).exists()
        done = subprocess.run(
            ["busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1",
             "org.freedesktop.login1.Manager", "KillUserProcesses"],
            capture_output=True, text=True, timeout=1, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return done.stdout.strip() == "b true"
    except (OSError, subprocess.TimeoutExpired):
        pass
    return _configured_to_kill(root)


def _configured_to_kill(root: Path) -> bool:
    files = [root / "etc/systemd/logind.conf", *sorted((root / "etc/systemd/logind.conf.d").glob("*.conf"))]
    answer = False
    for path in files:
        try:
            lines = path.read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            key, _, value = line.partition("=")
            if key.strip() == "KillUserProcesses":
                answer = value.strip().lower() in ("yes", "true", "1", "on")
    return answer
