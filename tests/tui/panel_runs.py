"""Runs that have something to say in each panel: classes that are confused, GPUs, a config, a long console."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.tui.fakes import FakeRun
from training.config.schema import TrainingConfig
from training.devices.gpus import Gpu, GpuProcess
from training.devices.load import HardwareReading
from training.runs.events import Classes

ANIMALS = ["cat", "dog", "horse", "ship", "truck"]
CONFUSED = [[40, 8, 2, 0, 0], [12, 35, 3, 0, 0], [1, 2, 47, 0, 0], [0, 0, 0, 50, 0], [0, 0, 0, 50, 0]]
"""Nobody is ever taken for a truck."""
TEXT = """\
# The learning rate was found by hand.
optimizer: AdamW
learning_rate: 0.01  # ten times the default
epochs: 30
model:
  blocks:
    - {filters: 32}
    - {filters: 64, dropout: 0.1}
"""
ENVIRONMENT = {
    "schema": 1,
    "python": "3.11.7",
    "platform": "Linux-6.1.0-x86_64-with-glibc2.36",
    "packages": {"traindeck": "0.7", "torch": "2.9.1+cu130", "torchvision": "0.24.1+cu130", "Pillow": "12.0.0"},
    "host": "node17",
    "user": "alice",
    "cores": 64,
    "command": ["traindeck", "train", "animals.yaml"],
    "directory": "/home/alice/animals",
    "variables": {"CUDA_VISIBLE_DEVICES": "1", "SLURM_JOB_ID": "4711"},
    "git": {"commit": "0123456789abcdef0123456789abcdef01234567", "diff": "+" * 2048, "diff_cut": False},
    "device": {"kind": "cuda", "name": "GPU 1 NVIDIA H100", "uuid": "GPU-111", "uuids": ["GPU-111"], "reason": "free"},
    "processes": 1,
    "machines": 1,
    "driver": "590.48.01",
    "survives_logout": "The run goes on after logout.",
    "seed": 42,
    "threads": "auto",
}


def report_of(counts: Sequence[Sequence[int]], epoch: int, side: Any = "val") -> Classes:
    """What the worker makes of a confusion matrix: rows are the true classes."""
    size = range(len(counts))
    said = [sum(counts[true][one] for true in size) for one in size]
    precision = [counts[one][one] / said[one] if said[one] else 0.0 for one in size]
    recall = [counts[one][one] / sum(counts[one]) if sum(counts[one]) else 0.0 for one in size]
    f1 = [2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(precision, recall, strict=True)]
    return Classes(
        epoch=epoch,
        step=45 * epoch,
        side=side,
        precision=precision,
        recall=recall,
        f1=f1,
        support=[sum(row) for row in counts],
        confusion=[(true, one, counts[true][one]) for true in size for one in size if counts[true][one]],
    )


def animals(runs_dir: Path, *, epochs: int = 5, **options: Any) -> FakeRun:
    """A run that confuses cats with dogs and ships with trucks."""
    over = {} if options.get("live") else {"state": "finished"}
    run = FakeRun(runs_dir, "animals", **{**over, **options})
    run.begin(classes=ANIMALS, device="GPU 1 NVIDIA H100", class_ratio=1.0)
    run.learn(epochs)
    run.write(report_of(CONFUSED, epochs))
    return run


def with_papers(run: FakeRun, text: str = TEXT, **environment: Any) -> FakeRun:
    """With a config that a person wrote, and an environment of another day."""
    run.folder.config.write_text(text)
    run.folder.environment.write_text(json.dumps({**ENVIRONMENT, **environment}))
    return run


def many_classes(runs_dir: Path, number: int = 1000) -> FakeRun:
    """A run of so many classes, each taken for the next one a few times."""
    run = FakeRun(runs_dir, "imagenet", config=TrainingConfig(epochs=30), state="finished")
    run.begin(classes=[f"class {at:04}" for at in range(number)])
    run.learn(1)
    wrong = [(at * 7) % 40 for at in range(number)]
    run.write(
        Classes(
            epoch=1,
            step=45,
            precision=[1 - lost / 50 for lost in wrong],
            recall=[1 - lost / 50 for lost in wrong],
            f1=[1 - lost / 50 for lost in wrong],
            support=[50] * number,
            confusion=[
                pair
                for at, lost in enumerate(wrong)
                for pair in ((at, at, 50 - lost), (at, (at + 1) % number, lost))
                if pair[2]
            ],
        )
    )
    return run


def worker_of(run: FakeRun) -> int:
    """The pid of the run's worker, which is that of the test."""
    return int(json.loads(run.folder.process.read_bytes())["worker"]["pid"])


def h100(index: int, load: int | None, used: float, *processes: GpuProcess, **changes: Any) -> Gpu:
    """`used` in GB."""
    figures = {"power": 412.3, "power_limit": 700.0, "temperature": 61, **changes}
    return Gpu(
        index,
        f"GPU-{index}{index}{index}",
        "NVIDIA H100 80GB HBM3",
        85_520_809_984,
        int(used * 1e9),
        load,
        processes=processes,
        **figures,
    )


class Server:
    """A machine with GPUs, read again and again; the load of the second goes up and down."""

    def __init__(self, *processes: GpuProcess, gpus: int = 3, error: str = "") -> None:
        self.processes = processes
        self.gpus = gpus
        self.error = error
        self.reads = 0

    def read(self) -> HardwareReading:
        load = (self.reads * 37) % 101
        self.reads += 1
        bob = GpuProcess(77, "bob", "python", 11 * 10**9)
        found = [h100(0, 3, 0.5), h100(1, load, 12.1, *self.processes), h100(2, 99, 40.0, bob)][: self.gpus]
        return HardwareReading(87.0, 64, 105 * 10**9, 540 * 10**9, tuple(found), self.error)


def long_console(run: FakeRun, lines: int = 20_000) -> None:
    """Lines of which each hundredth is a warning, and the tenth from the end an error."""
    with run.folder.console.open("w") as console:
        for line in range(lines):
            word = "Error: disk full" if line == lines - 10 else "warning" if line % 100 == 0 else "step"
            console.write(f"{word} {line}: loss {2.3 / (1 + line):.6f} and more words to make a line of it\n")
