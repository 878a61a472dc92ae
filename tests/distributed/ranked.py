"""Functions of the engine on several gloo ranks, each a process of its own that torchrun starts."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from training.engine import setup, worker
from training.engine.evaluation import Evaluation
from training.engine.job import Job
from training.engine.place import Place
from training.engine.ranks import Ranks, join
from training.runs.supervisor import ENTRY


def on_ranks(world: int, do: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What `do(place, *arguments)`, a function of a test module, returns on each rank."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "work").write_bytes(pickle.dumps((do, arguments)))
        command = [
            sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(world), "--rdzv-backend", "c10d",
            "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1", "--rdzv-conf", "is_host=1",
            "-m", "tests.distributed.ranked", folder,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ENTRY.parent, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return [pickle.loads((Path(folder) / f"{rank}").read_bytes()) for rank in range(world)]


@dataclass(frozen=True)
class Trained:
    """What a rank is left with at the end of a run."""

    code: int
    step: int
    weights: str
    """Their checksum."""


def trained(run: Path, *, breaks_at: int | None = None) -> Trained:
    """The worker, to its end, on this rank; from step `breaks_at` on it breaks in the next evaluation."""
    jobs: list[Job] = []
    prepare = setup.prepare

    def keep(*arguments: Any) -> Job:
        job = prepare(*arguments)
        judge = job.judge

        def judge_or_break(*of: Any) -> Evaluation:
            if breaks_at is not None and job.state.step >= breaks_at:
                raise ValueError("this rank breaks")
            return judge(*of)

        object.__setattr__(job, "judge", judge_or_break)
        jobs.append(job)
        return job

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setup, "prepare", keep)
        patch.setattr(setup, "join", _joined)
        code = worker.main(run)
    if breaks_at is not None:
        dist.destroy_process_group()  # as the end of its process would
    state = jobs[0].model.state_dict() if jobs else {}
    digest = hashlib.sha256(repr([value.double().sum().item() for value in state.values()]).encode())
    return Trained(code, jobs[0].state.step if jobs else 0, digest.hexdigest())


@lru_cache
def _joined(place: Place, device: torch.device) -> Ranks:
    """Processes can meet once only; here they train several runs."""
    return join(place, device)


def _main(folder: Path) -> None:
    torch.set_num_threads(1)
    place = Place.here()
    do, arguments = pickle.loads((folder / "work").read_bytes())
    (folder / f"{place.rank}").write_bytes(pickle.dumps(do(place, *arguments)))
    os._exit(0)  # as the worker does: gloo's threads do not outlive what another rank has taken away


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
