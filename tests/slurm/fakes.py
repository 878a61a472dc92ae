"""Slurm's commands as small scripts: each writes down how it was called, and answers what the test has put there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from training.slurm.place import _has_cluster
from training.slurm.queue import QUEUE

PING = "Slurmctld(primary) at login is UP"


@dataclass
class FakeSlurm:
    """A folder of commands that comes first on PATH."""

    bin: Path

    def answers(self, command: str, output: str = "", *, error: str = "", code: int = 0, only: str = "") -> None:
        """What the command says from now on; with `only`, where it is called with that word first."""
        name = f"{command}-{only}" if only else command
        for suffix, text in (("out", output), ("err", error), ("code", str(code))):
            (self.bin / f"{name}.{suffix}").write_text(text)
        script = self.bin / command
        script.write_text(
            "#!/bin/sh\n"
            'me="$0"\n'
            'echo "$*" >> "$me.calls"\n'
            '[ -e "$me-$1.code" ] && me="$me-$1"\n'
            'cat "$me.out"; cat "$me.err" >&2; exit "$(cat "$me.code")"\n'
        )
        script.chmod(0o755)
        QUEUE.forget()

    def queue(self, *lines: str) -> None:
        """squeue's lines: id|state|time|nodes|reason."""
        self.answers("squeue", "".join(f"{line}\n" for line in lines))

    def calls(self, command: str) -> list[str]:
        try:
            return (self.bin / f"{command}.calls").read_text().splitlines()
        except FileNotFoundError:
            return []


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    """A cluster that takes job 7 and says that it waits for room."""
    (tmp_path / "bin").mkdir()
    fake = FakeSlurm(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{fake.bin}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("SLURM_JOB_ID", "SLURM_CONF"):
        monkeypatch.delenv(name, raising=False)
    fake.answers("sbatch", "7\n")
    fake.answers("scancel")
    fake.answers("scontrol")
    fake.answers("scontrol", f"{PING}\n", only="ping")
    fake.queue("7|PENDING|0:00||Resources")
    _has_cluster.cache_clear()
    return fake
