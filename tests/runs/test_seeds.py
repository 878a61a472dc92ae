"""Runs that differ in their seed alone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import make_run
from training.config.files import dump
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.runs.lifecycle import RunView, view
from training.runs.seeds import Spread, seed_key, spread


def run_of(tmp_path: Path, name: str, changes: dict[str, Any], **summary: Any) -> RunView:
    folder = make_run(tmp_path, name, **summary)
    folder.config.write_text(dump(apply(TrainingConfig(), changes)))
    found = view(folder)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"runtime.seed": 7},
        {"runtime.threads": 2, "runtime.checkpoint_every": "10 min"},
        {"l2_lambda": 0.5},  # the weight decay is off
        {"advice.silenced": ["val_noisy"]},
    ],
)
def test_what_changes_nothing_but_chance_leaves_the_key_as_it_is(tmp_path: Path, changes: dict[str, Any]) -> None:
    key = seed_key(run_of(tmp_path, "a", {}))
    assert key
    assert seed_key(run_of(tmp_path, "b", changes)) == key


@pytest.mark.parametrize("changes", [{"learning_rate": 0.01}, {"epochs": 7}, {"runtime.precision": "fp32"}])
def test_what_is_learned_otherwise_has_another_key(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert seed_key(run_of(tmp_path, "a", {})) != seed_key(run_of(tmp_path, "b", changes))


def test_a_run_that_began_with_weights_of_another_is_no_repeat_of_one_from_scratch(tmp_path: Path) -> None:
    scratch = run_of(tmp_path, "a", {}, parent="p")
    child = run_of(tmp_path, "b", {}, parent="p", start_from="best")
    assert seed_key(scratch) != seed_key(child) != ""


def test_a_run_without_a_config_of_ours_has_no_key(tmp_path: Path) -> None:
    assert seed_key(run_of(tmp_path, "reported", {}, kind="reported")) == ""
    unreadable = run_of(tmp_path, "odd", {})
    unreadable.folder.config.write_text("epochs: [")
    assert seed_key(unreadable) == ""
    unreadable.folder.config.unlink()
    assert seed_key(unreadable) == ""


def test_a_config_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    run = run_of(tmp_path, "a", {})
    before = seed_key(run)
    run.folder.config.write_text("epochs: 3\nlearning_rate: 0.25\n")
    assert seed_key(run) not in (before, "")


def test_a_spread_is_that_of_a_sample() -> None:
    assert spread([1.0, 2.0, 3.0]) == Spread(2.0, 1.0, 3)
    assert spread([0.5]) == Spread(0.5, None, 1)
    assert spread([]) is None


def test_values_that_are_not_finite_do_not_count_and_large_ones_do_not_overflow() -> None:
    assert spread([math.nan, 0.5, math.inf]) == Spread(0.5, None, 1)
    large = spread([1e308, 1.5e308])
    assert large is not None
    assert large.std is not None
    assert math.isfinite(large.std)
