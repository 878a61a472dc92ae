"""The columns of lists: how they are found, sorted and grouped by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.runs.builders import make_run
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.runs.columns import RunColumns
from training.runs.describe import sections, settings
from training.runs.grouping import by_column, by_seed, in_order, spread_of_losses, spread_of_shares
from training.runs.lifecycle import RunView, view


def a_run(runs_dir: Path, run_id: str, **changes: Any) -> RunView:
    told = {"settings": settings(TrainingConfig()), "sections": {}, "state": "finished", **changes}
    found = view(make_run(runs_dir, run_id, **told))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("lr", "learning_rate"), ("LR", "learning_rate"), ("learning", "learning_rate"), ("bs", "batch_size"),
        ("wd", "weight_decay"), ("grad_clip", "optimization.grad_clip"), ("optimization.ema", "optimization.ema"),
        ("seed", "runtime.seed"), ("aug", "data.augmentation"), ("epoch", "epoch"), ("epochs", "epochs"),
        ("model", "model"), ("model.kind", "model.kind"), ("tags", "tag"), ("val_loss", "val_loss"), ("sta", ""),
        ("device", "device"), ("runtime.device", "runtime.device"), ("", ""),
    ],
)  # fmt: skip
def test_a_column_is_found_by_key_alias_last_part_or_beginning(tmp_path: Path, name: str, key: str) -> None:
    columns = RunColumns([a_run(tmp_path, "a", latest={"val_loss": 1.0, "val_acc": 0.5})])
    if key:
        assert columns.find(name).key == key
    else:
        with pytest.raises(InvalidInput):
            columns.find(name)


def test_every_key_of_the_config_is_a_column(tmp_path: Path) -> None:
    run = a_run(tmp_path, "a", sections={"model.kind": "vit", "data.classes": ["a", "b"]})
    texts = {key: column.text(run) for key, column in RunColumns([run]).by_key.items()}
    assert texts["learning_rate"] == "0.001"
    assert texts["model.depth"] == "6"
    assert texts["model.backbone"] == ""
    assert texts["l2_lambda"] == ""
    assert texts["early_stopping"] in ("yes", "no")
    assert texts["runtime.seed"] == "0"


def test_sections_are_written_as_the_launch_does() -> None:
    changes = {"optimization.grad_clip": 1.0, "model.dense_layers.0.dropout": 0.7, "runtime.seed": 3, "epochs": 7}
    found = sections(apply(TrainingConfig(), changes))
    assert sections(TrainingConfig()) == {}
    assert found.keys() == {"model.dense_layers", "optimization.grad_clip", "runtime.seed"}
    assert found["model.dense_layers"][0]["dropout"] == 0.7
    assert msgspec.json.decode(msgspec.json.encode(found)) == found


def test_runs_come_in_the_order_of_a_column_and_without_a_value_last(tmp_path: Path) -> None:
    runs = [
        a_run(tmp_path, "a", best_val_acc=0.5, best_val_loss=0.5, model="b"),
        a_run(tmp_path, "b"),
        a_run(tmp_path, "c", best_val_acc=0.9, best_val_loss="nan", model="A"),
        a_run(tmp_path, "d", best_val_acc=0.7, best_val_loss="inf", model="c"),
    ]
    columns = RunColumns(runs)

    def order(name: str, reverse: bool = False) -> str:
        return "".join(run.folder.id for run in in_order(runs, columns.find(name), reverse))

    assert (order("acc"), order("acc", True)) == ("cdab", "adcb")
    assert (order("loss"), order("loss", True)) == ("adbc", "dabc")
    assert (order("model"), order("model", True)) == ("cadb", "dacb")
    assert order("name", True) == "dcba"


def test_groups_stand_where_their_first_run_does_and_no_value_comes_last(tmp_path: Path) -> None:
    runs = [
        a_run(tmp_path, "a", model=""),
        a_run(tmp_path, "b", model="ViT", best_val_acc=0.8, best_val_loss=0.1),
        a_run(tmp_path, "c", model="CNN", best_val_acc="nan"),
        a_run(tmp_path, "d", model="ViT", best_val_acc=0.9, best_val_loss=0.3),
    ]
    groups = by_column(runs, RunColumns(runs).find("model"))
    assert [(group.title, [run.folder.id for run in group.runs]) for group in groups] == [
        ("Model ViT", ["b", "d"]), ("Model CNN", ["c"]), ("no Model", ["a"]),
    ]  # fmt: skip
    assert spread_of_shares(groups[0].acc) == "85.0 ± 7.1 %"
    assert spread_of_losses(groups[0].loss) == "0.2 ± 0.14"
    assert spread_of_shares(groups[1].acc) == ""


def test_seeds_group_runs_of_one_key_and_leave_the_others_alone(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, name) for name in "abc"]
    keys = {"a": "same", "b": "", "c": "same"}
    groups = by_seed(runs, lambda run: keys[run.folder.id])
    assert [(group.title, len(group.runs)) for group in groups] == [("seeds of c", 2), ("", 1)]
