"""The split: stratified, made once, stored, inherited."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.conftest import SMALL, MakeRun
from training.dataset.split import Split, load_or_make, make_split, read_split, write_split
from training.errors import TraindeckError
from training.runs.events import Attempt, End, Log

LABELS = [0] * 100 + [1] * 30 + [2] * 2
IDS = [f"class {label}/{number}.png" for number, label in enumerate(LABELS)]


def split(seed: int = 0, fraction: float = 0.2) -> Split:
    return make_split(IDS, LABELS, fraction=fraction, seed=seed, fingerprint="f")


def test_every_class_gives_the_same_share_and_at_least_one_image() -> None:
    label_of = dict(zip(IDS, LABELS, strict=True))
    made = split()
    assert Counter(label_of[str(sample)] for sample in made.val) == {0: 20, 1: 6, 2: 1}
    assert sorted(made.train + made.val) == sorted(IDS)


@given(counts=st.lists(st.integers(2, 40), min_size=2, max_size=5), fraction=st.floats(0.01, 0.99), seed=st.integers(0))
def test_no_class_is_ever_missing_on_either_side(counts: list[int], fraction: float, seed: int) -> None:
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    made = make_split(range(len(labels)), labels, fraction=fraction, seed=seed, fingerprint="")
    for side in (made.train, made.val):
        assert {labels[int(sample)] for sample in side} == set(range(len(counts)))
    assert not set(made.train) & set(made.val)


def test_the_split_depends_on_the_seed_and_nothing_else() -> None:
    assert split(seed=3) == split(seed=3)
    assert split(seed=3).val != split(seed=4).val


def test_images_that_come_later_move_no_other_across() -> None:
    labels = [0] * 1000
    before = make_split(range(1000), labels, fraction=0.5, seed=0, fingerprint="")
    after = make_split(range(1010), [0] * 1010, fraction=0.5, seed=0, fingerprint="")
    assert len(set(before.val) - set(after.val)) <= 10


def test_a_class_of_one_image_cannot_be_split() -> None:
    with pytest.raises(TraindeckError, match="one sample"):
        make_split([1, 2, 3], [0, 0, 1], fraction=0.2, seed=0, fingerprint="")


def test_a_stored_split_comes_back_with_every_name(tmp_path: Path) -> None:
    made = Split(1, 0.2, "f", ("a b/ü.png", "a b/\udcff.png"), (3, 4))
    write_split(tmp_path / "split.json", made)
    assert read_split(tmp_path / "split.json", "f") == made


def test_a_stored_split_is_used_as_it_is_whatever_the_config_says_now(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    first, stored = load_or_make(path, IDS, LABELS, fraction=0.2, seed=0, fingerprint="f")
    again, found = load_or_make(path, IDS, LABELS, fraction=0.5, seed=9, fingerprint="f")
    assert (again, stored, found) == (first, False, True)


def test_a_split_of_other_data_is_refused(tmp_path: Path) -> None:
    write_split(tmp_path / "split.json", split())
    with pytest.raises(TraindeckError, match="data have changed"):
        read_split(tmp_path / "split.json", "other")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 1}', '{"schema": 99}', "\xff"])
def test_a_damaged_split_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "split.json").write_text(content, encoding="latin-1")
    with pytest.raises(TraindeckError, match=r"split\.json"):
        read_split(tmp_path / "split.json", "f")


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
    write_split(run.folder.split, split())
    assert run.train() == 1
    assert "data have changed" in run.one(End).reason
