"""Starting the processes of a run that has several: torchrun's command line, and where the machines of a run meet.

Standard library only, as the supervisor is. torchrun (torch.distributed.elastic) starts an agent on each machine; the
agents meet at an address of the first one, start a rank for each process, and start all of them anew when one is lost.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from training import files
from training.runs.layout import RunFolder
from training.slurm.script import MARK

MOST_RESTARTS = 3
MEETING_SECONDS = 600
"""How long the agents wait for each other."""
LOOPBACK = "127.0.0.1"
WORLD = "192.0.2.1"
"""An address for examples (RFC 5737): the way there is the way out."""


@dataclass(frozen=True)
class Meeting:
    """Who trains an attempt together, and where they meet."""

    id: str
    host: str
    """Of the first machine, as the others reach it."""
    port: int
    nodes: int
    """Machines."""
    processes: int
    """On each."""

    @property
    def endpoint(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Wanted:
    """What the launcher asked for, in the environment of the supervisor."""

    nodes: int = 1
    processes: int = 1
    endpoint: str = ""
    in_slurm: bool = False

    @property
    def several(self) -> bool:
        return self.nodes * self.processes > 1

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> Wanted:
        return cls(
            nodes=int(environ.get("TRAINDECK_NODES") or 1),
            processes=int(environ.get("TRAINDECK_PROCESSES") or 1),
            endpoint=environ.get("TRAINDECK_ENDPOINT", ""),
            in_slurm=MARK in environ,
        )


def arrange(folder: RunFolder, wanted: Wanted) -> Meeting:
    """Where the machines of the next attempt meet; written into the run folder for the others. Raises OSError."""
    name = f"{folder.id}-{uuid.uuid4().hex[:8]}"
    if wanted.nodes == 1:
        folder.rendezvous.unlink(missing_ok=True)
        return Meeting(name, LOOPBACK, 0, 1, wanted.processes)
    host, _, port = wanted.endpoint.rpartition(":")
    host = host or address_towards(WORLD) or socket.gethostname()
    meeting = Meeting(name, host, int(port or 0) or free_port(host), wanted.nodes, wanted.processes)
    files.replace(folder.rendezvous, json.dumps(asdict(meeting)).encode())
    return meeting


def read_meeting(folder: RunFolder) -> Meeting | None:
    """Where the machines of the run meet; None where that is not known (yet)."""
    try:
        return Meeting(**json.loads(folder.rendezvous.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def command(meeting: Meeting, work: list[str], *, first: bool) -> list[str]:
    """The agent of one machine, whose ranks each run `work`.

    -P keeps the current directory off the path of modules. The first machine is where the agents meet.
    """
    conf = {"is_host": int(first), "join_timeout": MEETING_SECONDS}
    return [
        *(sys.executable, "-P", "-m", "torch.distributed.run"),
        f"--nnodes={meeting.nodes}",
        f"--nproc-per-node={meeting.processes}",
        f"--max-restarts={MOST_RESTARTS}",
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint={meeting.endpoint}",
        f"--rdzv-id={meeting.id}",
        f"--rdzv-conf={','.join(f'{name}={value}' for name, value in conf.items())}",
        f"--local-addr={local_address(meeting, first=first)}",
        "--no-python",
        *work,
    ]


def in_slurm(meeting: Meeting, join: list[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """An agent on each node of this job; `join` starts one."""
    cores = environ.get("SLURM_CPUS_PER_TASK")
    return [
        "srun",
        f"--nodes={meeting.nodes}",
        f"--ntasks={meeting.nodes}",
        "--ntasks-per-node=1",
        *([f"--cpus-per-task={cores}"] if cores else []),
        "--kill-on-bad-exit=1",
        *join,
    ]


def join_in_slurm(run: Path, work: list[str]) -> list[str]:
    """The agent of this node, for `_join`. Raises OSError where the supervisor has written down no place to meet."""
    meeting = read_meeting(RunFolder(run))
    if meeting is None:
        raise OSError(f"{run}: there is no place where the machines of this run meet")
    return command(meeting, work, first=os.environ.get("SLURM_NODEID", "0") == "0")


def environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Of an agent. torchrun would set the threads itself, and say so at length; the ranks choose their own.

    The agent's own store would keep the addresses of ranks that are gone for those that are started after them.
    """
    return {"OMP_NUM_THREADS": "1", **environ, "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}


def local_address(meeting: Meeting, *, first: bool) -> str:
    """The address of this machine that the others reach it by."""
    if meeting.nodes == 1:
        return LOOPBACK
    if not first:
        return address_towards(meeting.host) or LOOPBACK
    own = _resolved(meeting.host)
    # Many a machine knows its own name as a loopback address.
    return own if own and not own.startswith("127.") else address_towards(WORLD) or LOOPBACK


def address_towards(host: str) -> str:
    """Of the interface of this machine on the way to a host; empty where there is no way. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _resolved(name: str) -> str:
    try:
        return socket.gethostbyname(name)
    except OSError:
        return ""


def free_port(host: str) -> int:
    """A port that nobody uses at this moment. Raises OSError where the host is not this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
