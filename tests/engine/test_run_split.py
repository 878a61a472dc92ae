"""Runs and the split that lies in their folder."""

from __future__ import annotations

from tests.engine.conftest import SMALL, MakeRun
from training.dataset.split import make_split, write_split
from training.runs.events import Attempt, End, Log


def test_a_child_trains_on_its_parents_split_with_a_seed_of_its_own(make_run: MakeRun) -> None:
    parent = make_run(name="parent")
    parent.train()
    child = make_run(SMALL + "runtime: {seed: 5}\ndata: {val_fraction: 0.5}\n", "child")
    child.folder.split.write_bytes(parent.folder.split.read_bytes())
    assert child.train() == 0
    assert child.folder.split.read_bytes() == parent.folder.split.read_bytes()
    assert child.one(Attempt).facts["n_val"] == 359
    assert any("the split that was there" in event.message for event in child.of(Log))


def test_a_run_on_a_split_of_other_data_fails_clearly(make_run: MakeRun) -> None:
    run = make_run()
    write_split(run.folder.split, make_split(range(4), [0, 0, 1, 1], fraction=0.5, seed=0, fingerprint="f"))
    assert run.train() == 1
    assert "data have changed" in run.one(End).reason
