"""A contender's process (see tests/bench/turns.py): what it trains, and where its epochs begin and end.

python -m tests.bench.contender KIND CASE WORKSPACE IMAGES [PERCENT]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from tests.bench.cases import Case, in_part, make_case, new_run
from tests.bench.turns import Enough, Laps


def engine(case: Case, workspace: Path, laps: Laps) -> None:
    """The whole worker, as a launch starts it: log, diagnosis, checkpoints, validation and all."""
    from training.engine.process import keep_freed_memory, let_threads_sleep

    let_threads_sleep()  # before torch, which comes with the next line
    keep_freed_memory()
    from training.engine import worker
    from training.engine.control import Stopped
    from training.engine.job import Job

    begin_epoch = Job.begin_epoch

    def begin_next(job: Job) -> None:
        try:
            laps.boundary(len(job.training))
        except Enough:
            raise Stopped("the bench has seen enough") from None
        begin_epoch(job)

    with patch.object(Job, "begin_epoch", begin_next):
        worker.main(new_run(case, workspace).path)


def engine_data(case: Case, workspace: Path, laps: Laps) -> None:
    """The engine's data path alone: the first lap lists, builds the cache, maps it and goes through it once."""
    from training.engine.process import keep_freed_memory, let_threads_sleep

    let_threads_sleep()
    keep_freed_memory()
    import torch

    from training.config import files
    from training.engine.control import Control
    from training.engine.data.batches import Subset
    from training.engine.data.load import load_samples
    from training.engine.data.normalisation import Normalisation
    from training.engine.reporting import Report
    from training.runs.commands import CommandReader

    folder = new_run(case, workspace)
    config = files.load(folder.config)
    report = Report(folder)
    laps.boundary(0)
    samples = load_samples(folder.path, config, None, report, Control(CommandReader(folder.commands), report))
    rows = samples.rows(samples.ids)
    normalisation = Normalisation.measured(samples.store, rows)
    subset = Subset(samples, rows, normalisation, torch.device("cpu"), seed=0, data=config.data, side=64)
    epoch = 1
    while True:
        images = sum(len(batch.labels) for step in subset.steps(epoch, case.batch_size) for batch in step)
        laps.boundary(images)
        epoch += 1


def rival_data(case: Case, workspace: Path, laps: Laps) -> None:
    """The rival's data path alone: the first lap lists the folder and starts the workers."""
    from tests.bench import rivals

    assert case.folder is not None
    laps.boundary(0)
    loader = rivals.folder_loader(case.folder, case.batch_size, training=True)
    while True:
        laps.boundary(sum(len(labels) for _, labels in loader))


def plain(case: Case, workspace: Path, laps: Laps) -> None:
    from tests.bench import rivals

    rivals.plain(case, laps)


def naive(case: Case, workspace: Path, laps: Laps) -> None:
    import sklearn.metrics  # type: ignore[import-not-found, unused-ignore]  # noqa: F401  before torch: it may be missing

    from tests.bench import rivals

    rivals.naive(case, laps)


def lightning(case: Case, workspace: Path, laps: Laps) -> None:
    from tests.bench import with_lightning

    with_lightning.fit(case, workspace, laps)


KINDS: dict[str, Callable[[Case, Path, Laps], None]] = {
    "engine": engine,
    "engine_data": engine_data,
    "rival_data": rival_data,
    "plain": plain,
    "naive": naive,
    "lightning": lightning,
}


def main(kind: str, name: str, workspace: str, images: str, percent: str = "") -> None:
    """With `percent`, that part of the images and a model so small that the images are what it costs."""
    laps = Laps()
    case = make_case(name, Path(workspace), images=int(images))
    with suppress(Enough):
        KINDS[kind](in_part(case, float(percent)) if percent else case, Path(workspace), laps)


if __name__ == "__main__":
    main(*sys.argv[1:])
