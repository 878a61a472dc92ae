"""The same global batch and seed train the same on two processes as on one, with each loss, batch norm and MixUp.

Dropout alone differs, since each process draws for its own images.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from tests.distributed.ranked import Trained, on_ranks, trained
from tests.engine.conftest import Run
from training.engine.place import Place
from training.runs.events import Attempt, Classes, Epoch, FinalTest, Log, Step
from training.runs.layout import RunFolder
from training.runs.summary import Summary

NORM = "model: {blocks: [{filters: 4, batch_norm: true, dropout: 0.0}], dense_layers: []}"
PLAIN = NORM.replace("true", "false")
VARIANTS = {
    "cross-entropy": f"batch_size: 128\n{PLAIN}",
    "weighted": f"batch_size: 128\nclass_weights: Auto Class Weights\n{PLAIN}",
    "focal": f"batch_size: 128\nclass_weights: Focal Loss\n{PLAIN}",
    "norm": f"batch_size: 101\nclass_weights: Auto Class Weights\n{NORM}\noptimization: {{grad_clip: 1.0}}",
    "mixup": f"batch_size: 48\n{NORM}\ndata: {{mixup: 0.4, augmentation: light}}\noptimization: {{accumulate: 3}}",
    "average": f"batch_size: 128\noptimizer: SGD with Momentum\n{NORM}\noptimization: {{ema: 0.9}}\n"
    "data: {test_fraction: 0.1}",
}


def train_all(place: Place, runs: list[Path]) -> list[Trained]:
    return [trained(run) for run in runs]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Run, Run, list[Trained]]]:
    """Of each variant the run on one process and on two, and what the two ranks were left with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINDECK_DEVICE", "cpu")
        root = tmp_path_factory.mktemp("pairs")
        alone, together = ({name: made(root / f"{name}-{count}", text) for name, text in VARIANTS.items()}
                           for count in (1, 2))  # fmt: skip
        for run in alone.values():
            assert run.train() == 0
        ranks = on_ranks(2, train_all, [run.folder.path for run in together.values()])
    return {name: (alone[name], together[name], [rank[n] for rank in ranks]) for n, name in enumerate(VARIANTS)}


def made(path: Path, config: str) -> Run:
    """A run folder, for a fixture of a whole module."""
    path.mkdir()
    run = Run(RunFolder(path))
    run.folder.config.write_text(f"epochs: 2\nlearning_rate: 0.003\n{config}\n")
    run.folder.summary.write_bytes(msgspec.json.encode(Summary(id=path.name, name=path.name, created=time.time())))
    return run


@pytest.mark.parametrize("name", VARIANTS)
def test_two_processes_train_as_one(name: str, pairs: dict[str, tuple[Run, Run, list[Trained]]]) -> None:
    alone, together, ranks = pairs[name]
    assert [rank.code for rank in ranks] == [0, 0]
    assert together.one(Attempt).steps_per_epoch == alone.one(Attempt).steps_per_epoch
    for kind, metric in (
        (Step, "train_loss"), (Step, "grad_norm"), (Epoch, "train_loss"), (Epoch, "train_acc"), (Epoch, "val_loss"),
        (Epoch, "val_ce"), (Epoch, "val_acc"), (Epoch, "macro_f1"), (Epoch, "grad_norm_first"),
        (Epoch, "grad_norm_last"), (Epoch, "val_recall_min"), (Epoch, "dead_relu"),
    ):  # fmt: skip
        ours, theirs = together.metric(kind, metric), alone.metric(kind, metric)
        assert ours == pytest.approx(theirs, rel=5e-3, abs=1e-4), metric
    assert together.of(Classes)[-1].support == alone.of(Classes)[-1].support


def test_the_ranks_end_with_the_same_weights_and_only_the_first_writes(
    pairs: dict[str, tuple[Run, Run, list[Trained]]],
) -> None:
    for _, together, (first, second) in pairs.values():
        assert (first.step, first.weights) == (second.step, second.weights)
        steps = [event.step for event in together.of(Step)]
        assert steps == list(range(first.step))
        assert together.one(Attempt).facts["processes"] == together.summary.processes == 2


def test_the_test_split_is_shared_out_too(pairs: dict[str, tuple[Run, Run, list[Trained]]]) -> None:
    alone, together, _ = pairs["average"]
    ours, theirs = together.one(FinalTest).metrics, alone.one(FinalTest).metrics
    assert ours == pytest.approx(theirs, rel=5e-3)


def test_it_is_said_that_batch_norm_is_synchronised(pairs: dict[str, tuple[Run, Run, list[Trained]]]) -> None:
    for name, (_, together, _) in pairs.items():
        said = [event for event in together.of(Log) if event.message.startswith("Batch norm: ")]
        assert bool(said) == (NORM in VARIANTS[name])


def test_the_checkpoint_of_two_processes_has_the_names_of_one(
    pairs: dict[str, tuple[Run, Run, list[Trained]]],
) -> None:
    alone, together, _ = pairs["norm"]
    ours, theirs = together.checkpoint("last"), alone.checkpoint("last")
    assert list(ours["model"]) == list(theirs["model"])
    assert (ours["exactness"]["processes"], theirs["exactness"]["processes"]) == (2, 1)
    assert len(ours["random_of_others"]) == 1
