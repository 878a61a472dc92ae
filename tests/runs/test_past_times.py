"""How long an epoch took before: which past runs tell it, and which do not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.runs.builders import make_run
from training.config.data import Data
from training.config.files import dump
from training.config.model import Block, DenseLayer, Model
from training.config.patch import replaced
from training.config.schema import TrainingConfig
from training.runs import past_times as module
from training.runs import pids
from training.runs.describe import data_label, model_label
from training.runs.events import Attempt, encode
from training.runs.past_times import PastTime, PastTimes, past_times

CPU = "CPU, 4 cores"
STEPS = 45


def past_run(runs_dir: Path, name: str, config: TrainingConfig, **changes: Any) -> None:
    """A run of ten epochs of nine seconds each, on this host's CPU."""
    host, images = changes.pop("host", pids.host()), changes.pop("images", 1438)
    known = {
        "state": "finished",
        "model": model_label(config),
        "data": data_label(config),
        "device": CPU,
        "epoch": 10,
        "epochs": 10,
        "step": 10 * STEPS,
        "steps": 10 * STEPS,
        "training_seconds": 90.0,
        "updated": 1000.0,
    }
    folder = make_run(runs_dir, name, **{**known, **changes})
    folder.config.write_text(dump(config))
    folder.environment.write_text(json.dumps({"host": host}))
    begun = Attempt(facts={"n_train": images, "batch_size": config.images_per_batch})
    folder.events.write_bytes(encode(begun))


def found(runs_dir: Path, config: TrainingConfig, device: str = CPU, base_dir: Path = Path("/")) -> PastTimes:
    return past_times(config, base_dir, device, 1, [runs_dir])


def test_the_median_of_past_runs_is_what_an_epoch_takes(tmp_path: Path) -> None:
    for name, seconds in (("one", 80.0), ("two", 90.0), ("three", 400.0)):
        past_run(tmp_path, name, TrainingConfig(), training_seconds=seconds)
    times = found(tmp_path, TrainingConfig())
    assert times.epoch_seconds(1438) == 9.0
    assert not times.scaled(1438)


def test_the_newest_run_is_named_first(tmp_path: Path) -> None:
    for name, updated in (("old", 5.0), ("new", 9.0), ("middle", 7.0)):
        past_run(tmp_path, name, TrainingConfig(), updated=updated)
    assert [run.run for run in found(tmp_path, TrainingConfig()).runs] == ["new", "middle", "old"]


def test_a_run_that_was_stopped_counts_the_epochs_that_it_made(tmp_path: Path) -> None:
    past_run(tmp_path, "stopped", TrainingConfig(), state="stopped", epoch=2, step=90, training_seconds=18.0)
    assert found(tmp_path, TrainingConfig()).epoch_seconds(None) == 9.0


def test_without_a_whole_epoch_a_run_tells_nothing(tmp_path: Path) -> None:
    past_run(tmp_path, "early", TrainingConfig(), epoch=0, step=20)
    past_run(tmp_path, "foreign", TrainingConfig(), kind="foreign")
    assert found(tmp_path, TrainingConfig()) == PastTimes()
    assert found(tmp_path / "lost", TrainingConfig()) == PastTimes()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("optimizer", "AdamW"),
        ("learning_rate", 0.1),
        ("epochs", 7),
        ("class_weights", "Focal Loss"),
        ("data.val_fraction", 0.4),
        ("runtime.seed", 3),
        ("model.blocks.0.dropout", 0.4),
        ("model.dense_layers.0.dropout", 0.1),
    ],
)
def test_what_changes_no_time_is_no_other_run(tmp_path: Path, key: str, value: Any) -> None:
    past_run(tmp_path, "before", TrainingConfig())
    assert len(found(tmp_path, replaced(TrainingConfig(), key, value)).runs) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model.blocks.0.kernel_size", 5),
        ("model.blocks.0.dropout", 0.0),
        ("data.image_size", 16),
        ("data.augmentation", "strong"),
        ("data.color", "rgb"),
        ("runtime.precision", "bf16"),
        ("runtime.compile", True),
    ],
)
def test_another_model_or_other_images_are_another_time(tmp_path: Path, key: str, value: Any) -> None:
    past_run(tmp_path, "before", TrainingConfig())
    assert found(tmp_path, replaced(TrainingConfig(), key, value)).runs == ()


def test_a_run_on_another_device_or_host_does_not_count(tmp_path: Path) -> None:
    past_run(tmp_path, "gpu", TrainingConfig(), device="GPU 3 NVIDIA H100 80GB HBM3")
    past_run(tmp_path, "elsewhere", TrainingConfig(), host="another-host")
    past_run(tmp_path, "two", TrainingConfig(), processes=2)
    assert found(tmp_path, TrainingConfig()).runs == ()
    assert [run.run for run in found(tmp_path, TrainingConfig(), "GPU 0 NVIDIA H100 80GB HBM3").runs] == ["gpu"]
    assert found(tmp_path, TrainingConfig(), "GPU 0 NVIDIA A100").runs == ()


def test_folders_of_the_same_name_are_told_apart_by_their_path(tmp_path: Path) -> None:
    before = TrainingConfig(data=Data(source="folder", path="/a/pets"))
    past_run(tmp_path, "pets", before)
    now = TrainingConfig(data=Data(source="folder", path="pets"))
    assert len(found(tmp_path, now, base_dir=Path("/a")).runs) == 1
    assert found(tmp_path, now, base_dir=Path("/b")).runs == ()


def test_runs_with_steps_of_the_same_size_are_preferred(tmp_path: Path) -> None:
    past_run(tmp_path, "same", TrainingConfig(), training_seconds=90.0)
    past_run(tmp_path, "other", TrainingConfig(batch_size=128), training_seconds=40.0)
    assert [run.run for run in found(tmp_path, TrainingConfig()).runs] == ["same"]
    third = found(tmp_path, TrainingConfig(batch_size=64))
    assert (len(third.runs), third.same_step) == (2, False)


def test_a_subset_is_scaled_by_its_images() -> None:
    times = PastTimes((PastTime("run", 0.0, 10.0, 1000, 32),))
    assert times.epoch_seconds(500) == 5.0
    assert times.scaled(500)
    assert times.epoch_seconds(1005) == 10.0  # a few images more or fewer are the same data
    assert times.epoch_seconds(None) == 10.0
    assert PastTimes().epoch_seconds(500) is None


def test_only_the_newest_runs_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEWEST", 3)
    for number in range(6):
        past_run(tmp_path, f"run{number}", TrainingConfig(), updated=float(number))
        os.utime(tmp_path / f"run{number}", (number, number))
    assert [run.run for run in found(tmp_path, TrainingConfig()).runs] == ["run5", "run4", "run3"]


def test_damaged_folders_are_passed_over(tmp_path: Path) -> None:
    for name, spoilt in (("a", "config.yaml"), ("b", "environment.json"), ("c", "events.jsonl"), ("d", "summary.json")):
        past_run(tmp_path, name, TrainingConfig())
        (tmp_path / name / spoilt).write_text("[")
    past_run(tmp_path, "whole", TrainingConfig())
    (tmp_path / "file").write_text("")
    assert [run.run for run in found(tmp_path, TrainingConfig()).runs] == ["whole"]


def test_models_are_compared_by_all_their_layers(tmp_path: Path) -> None:
    model = Model(blocks=(Block(filters=8),), dense_layers=(DenseLayer(units=4),))
    past_run(tmp_path, "small", TrainingConfig(model=model))
    assert len(found(tmp_path, TrainingConfig(model=model)).runs) == 1
    deeper = msgspec.structs.replace(model, blocks=(Block(filters=8, pooling="none"),))
    assert found(tmp_path, TrainingConfig(model=deeper)).runs == ()
