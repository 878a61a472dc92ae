"""Runs killed with SIGKILL at many moments and resumed, each compared bit for bit with one that was never killed.

python -m tests.reliability.kill_sweep [--points N] [--seed N]
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.reliability.comparing import differences
from tests.reliability.doomed import Moment, run
from training.runs.layout import RunFolder
from training.runs.summary import Summary

CASES = {
    "adam, dropout, mixup, EMA, plateau": """
optimizer: AdamW
learning_rate: 0.003
lr_strategy: ReduceLROnPlateau
epochs: 4
batch_size: 16
model:
  blocks: [{filters: 4, batch_norm: true, dropout: 0.2}, {filters: 8, batch_norm: true}]
  dense_layers: [{units: 16, dropout: 0.3}]
data: {subset: 20, augmentation: medium, mixup: 0.2, test_fraction: 0.2}
optimization: {warmup_epochs: 1, ema: 0.99, accumulate: 2, grad_clip: 1.0}
runtime: {checkpoint_every: 5 steps, threads: 1}
""",
    "sgd, cosine, early stopping": """
optimizer: SGD with Momentum
learning_rate: 0.05
lr_strategy: Cosine Annealing
class_weights: Auto Class Weights
epochs: 8
batch_size: 32
early_stopping: true
es_patience: 2
model:
  blocks: [{filters: 4, dropout: 0.1}]
  dense_layers: []
data: {subset: 20, sampler: balanced}
runtime: {checkpoint_every: epoch, checkpoint_keep: 2, threads: 1}
""",
    "rmsprop diverging, focal": """
optimizer: RMSprop
learning_rate: 0.3
lr_strategy: Step Decay
class_weights: Focal Loss
epochs: 5
batch_size: 32
model:
  blocks: [{filters: 4, batch_norm: true}]
  dense_layers: []
data: {subset: 20, augmentation: light}
optimization: {monitor: macro_f1}
runtime: {checkpoint_every: 3 steps, threads: 1}
""",
}


@dataclass(frozen=True)
class Result:
    case: str
    moments: tuple[Moment, ...]
    killed: int
    """How many of the moments came."""
    attempts: int
    wrong: tuple[str, ...]


def make_run(path: Path, config: str) -> RunFolder:
    """A folder as the launcher leaves it."""
    folder = RunFolder(path)
    path.mkdir(parents=True)
    folder.config.write_text(config)
    folder.summary.write_bytes(msgspec.json.encode(Summary(id=path.name, name=path.name, created=time.time())))
    return folder


def reference(path: Path, case: str) -> RunFolder:
    """One that was never killed."""
    folder = make_run(path, CASES[case])
    if run(folder) != 0:
        raise AssertionError(folder.console.read_text())
    return folder


def killed_and_resumed(path: Path, case: str, whole: RunFolder, moments: tuple[Moment, ...]) -> Result:
    """An attempt for each moment, and one to the end."""
    folder = make_run(path, CASES[case])
    killed = 0
    for moment in moments:
        status = run(folder, moment)
        killed += status == -9
        if status != -9:
            break
    else:
        status = run(folder)
    summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
    wrong = list(differences(folder, whole)) if status == 0 else [f"ended with {status}", folder.console.read_text()]
    return Result(case, moments, killed, summary.attempt, tuple(wrong))


def draw(rng: random.Random, steps: int) -> tuple[Moment, ...]:
    """One moment to die at, sometimes two or three; half of them inside the writing of a checkpoint."""
    moments = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        kind = rng.choice(("step", "update", "file", "write"))
        number = {"step": steps, "update": steps, "file": 60, "write": 8}[kind]
        moments.append(Moment(kind, rng.randrange(number)))  # type: ignore[arg-type]
    return tuple(moments)


def sweep(folder: Path, points: int, seed: int = 0) -> list[Result]:
    rng = random.Random(seed)
    results = []
    for number, case in enumerate(CASES):
        whole = reference(folder / f"whole-{number}", case)
        steps = msgspec.json.decode(whole.summary.read_bytes(), type=Summary).step
        for point in range(points // len(CASES) + (number < points % len(CASES))):
            moments = draw(rng, steps)
            results.append(killed_and_resumed(folder / f"run-{number}-{point}", case, whole, moments))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    os.environ["TRAINDECK_DEVICE"] = "cpu"
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        results = sweep(Path(folder), arguments.points, arguments.seed)
        seconds = time.monotonic() - began
    print(f"{'case':<38}{'runs':>6}{'kills':>7}{'in a write':>12}{'attempts':>10}{'unequal':>9}")
    for case in CASES:
        own = [result for result in results if result.case == case]
        kinds = Counter(moment.kind for result in own for moment in result.moments[: result.killed])
        print(
            f"{case:<38}{len(own):>6}{sum(result.killed for result in own):>7}{kinds['file'] + kinds['write']:>12}"
            f"{sum(result.attempts for result in own):>10}{sum(bool(result.wrong) for result in own):>9}"
        )
    wrong = [result for result in results if result.wrong]
    for result in wrong:
        print(f"{result.case}, killed at {', '.join(map(str, result.moments))}: {'; '.join(result.wrong[:3])}")
    kills = sum(result.killed for result in results)
    print(f"{kills} kills in {len(results)} runs, {len(wrong)} of them unequal, {seconds:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
