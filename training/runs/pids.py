"""Who a process is, so that a number that the kernel gave to another process is never taken for ours.

Standard library only: the supervisor uses it too.
"""

from __future__ import annotations

import os
import socket
import subprocess
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")


def host() -> str:
    return socket.gethostname()


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Changes with every boot of this machine; where the kernel names none, the time of the boot."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        done = subprocess.run(["sysctl", "-n", "kern.boottime"], capture_output=True, text=True, check=False)
        return done.stdout.strip()


@lru_cache(maxsize=1)
def pid_space() -> str:
    """Names the set of processes that pids of this process mean; differs between containers on one host."""
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def start_mark(pid: int) -> str:
    """When the process started, as the kernel spells it; empty for a process that is gone or a zombie."""
    if not _PROC.is_dir() or not (_PROC / "self/stat").exists():
        return _start_mark_from_ps(pid)
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    # The name in parentheses may hold spaces and parentheses; the fields follow the last one.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZXx" else fields[19]


def _start_mark_from_ps(pid: int) -> str:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    state, _, started = done.stdout.strip().partition(" ")
    return "" if not state or state.startswith("Z") else started.strip()


def is_alive(pid: int, mark: str) -> bool:
    """Whether this very process still runs on this machine."""
    return bool(mark) and start_mark(pid) == mark


def working_on(run: Path) -> list[int]:
    """The processes of this machine that train that run: `_work RUN`, but not the torchrun that starts them."""
    lines = [(pid, words) for pid, words in _command_lines() if words.endswith(f"_work {run}")]
    return [pid for pid, words in lines if "torch.distributed" not in words and "srun " not in words]


def _command_lines() -> list[tuple[int, str]]:
    if not (_PROC / "self/cmdline").exists():
        done = subprocess.run(["ps", "-axwwo", "pid=,command="], capture_output=True, text=True, check=False)
        lines = [line.strip().partition(" ") for line in done.stdout.splitlines()]
        return [(int(pid), words.strip()) for pid, _, words in lines if pid.isdigit()]
    found = []
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:  # it has ended meanwhile
                continue
            found.append((int(folder.name), os.fsdecode(words.replace(b"\0", b" ")).strip()))
    return found
