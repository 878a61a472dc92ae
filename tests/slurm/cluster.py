"""A real Slurm of two nodes on this machine: munge, a controller and two daemons, all of it under one folder."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.waiting import wait_until

NODES = ("n1", "n2")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun")
CONF = """\
ClusterName=loop
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.sock,cred_expire=5
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmctldPidFile={folder}/ctl/slurmctld.pid
SlurmctldLogFile={folder}/ctl/slurmctld.log
StateSaveLocation={folder}/ctl
SlurmdPidFile={folder}/%n/slurmd.pid
SlurmdLogFile={folder}/%n/slurmd.log
SlurmdSpoolDir={folder}/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=5
JobRequeue=1
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=8000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=8000
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=high Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


def why_not() -> str:
    """Why no Slurm can be started here; empty where one can."""
    if os.getuid() != 0:
        return "only root can start a Slurm"
    missing = [name for name in PROGRAMS if _program(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@dataclass
class Cluster:
    """The daemons of one Slurm."""

    folder: Path
    daemons: dict[str, int] = field(default_factory=dict)
    """Their pids by name: munged, slurmctld and the nodes."""

    @property
    def conf(self) -> Path:
        return self.folder / "slurm.conf"

    def start(self) -> None:
        for name in ("ctl", "munge", *NODES):
            (self.folder / name).mkdir(parents=True)
        ports = _free_ports(3)
        self.conf.write_text(CONF.format(host=socket.gethostname(), folder=self.folder, ports=ports))
        munge = self.folder / "munge"
        key = munge / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        files = (f"--{what}={munge / name}" for what, name in _MUNGE_FILES.items())
        # --force: the folders of tests are closed to other users, which munged takes for a mistake.
        self._start("munged", munge / "munged.pid", _named("munged"), "--force", *files)
        self._start("slurmctld", self.folder / "ctl/slurmctld.pid", _named("slurmctld"), "-f", str(self.conf))
        for node in NODES:
            self.start_node(node)
        wait_until(lambda: self.ask("sinfo", "-h", "-o", "%D %t").strip() == "2 idle", 30, "two idle nodes")

    def start_node(self, node: str) -> None:
        self._start(node, self.folder / node / "slurmd.pid", _named("slurmd"), "-f", str(self.conf), "-N", node)

    def lose_node(self, node: str) -> None:
        """Everything on the node dies at once, and the controller is told that it is gone."""
        jobs = self.ask("squeue", "-h", "-w", node, "-o", "%i").split()
        daemon = self.daemons.pop(node)
        doomed = [daemon, *(pid for job in jobs for pid in _steps_of(job))]
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        (self.folder / node / "slurmd.pid").unlink()
        self.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=lost")

    def ask(self, *command: str) -> str:
        environment = {**os.environ, "SLURM_CONF": str(self.conf)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
        return done.stdout

    def stop(self) -> None:
        self.ask("scancel", f"--user={os.getuid()}")
        with suppress(AssertionError):
            wait_until(lambda: not self.ask("squeue", "-h").strip(), 20)
        for name in (*NODES, "slurmctld", "munged"):
            if pid := self.daemons.pop(name, 0):
                _end(pid)

    def _start(self, name: str, pid_file: Path, program: str, *options: str) -> None:
        environment = {**os.environ, "SLURM_CONF": str(self.conf)}
        subprocess.run([program, *options], env=environment, check=True, capture_output=True, timeout=30)
        self.daemons[name] = wait_until(lambda: _pid_in(pid_file), 20, name)


_MUNGE_FILES = {
    "key-file": "munge.key",
    "socket": "munge.sock",
    "pid-file": "munged.pid",
    "log-file": "munged.log",
    "seed-file": "munge.seed",
}


def _pid_in(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return None


def _named(name: str) -> str:
    program = _program(name)
    assert program is not None
    return program


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _steps_of(job: str) -> list[int]:
    """The processes of a job, and those of Slurm that watch over it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            watches = (folder / "cmdline").read_bytes().startswith(f"slurmstepd: [{job}.".encode())
            if watches or f"SLURM_JOB_ID={job}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    with suppress(AssertionError):
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10)
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
