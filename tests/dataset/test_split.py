"""The split: stratified, made once, stored, inherited."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.dataset.listing import Side
from training.dataset.split import SampleId, Split, load_or_make, make_split, read_split, write_split
from training.errors import TraindeckError

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
    with pytest.raises(TraindeckError, match="Class number 1 has one image"):
        make_split([1, 2, 3], [0, 0, 1], fraction=0.2, seed=0, fingerprint="")


def test_a_class_that_is_too_small_is_named_with_the_remedy() -> None:
    with pytest.raises(TraindeckError, match=r"^Class dog has 2 images; training, validation and test need one each\."):
        make_split(
            range(5), [0, 0, 0, 1, 1], fraction=0.2, test_fraction=0.1, seed=0, fingerprint="", classes=["cat", "dog"]
        )


def test_a_split_is_the_one_that_this_seed_always_gave() -> None:
    ids = ["a/1", "a/2", "a/3", "a/4", "a/5", "b/1", "b/2", "b/3"]
    made = make_split(ids, [0] * 5 + [1] * 3, fraction=0.4, seed=7, fingerprint="")
    assert (made.val, made.test) == (("a/3", "a/5", "b/2"), ())


def test_the_test_share_is_held_out_of_every_class_and_stays_whatever_is_validated() -> None:
    label_of = dict(zip(IDS, LABELS, strict=True))
    ids, labels = IDS[:130], LABELS[:130]
    made = make_split(ids, labels, fraction=0.2, test_fraction=0.1, seed=0, fingerprint="")
    assert Counter(label_of[str(sample)] for sample in made.test) == {0: 10, 1: 3}
    assert Counter(label_of[str(sample)] for sample in made.val) == {0: 20, 1: 6}
    assert sorted(made.train + made.val + made.test) == sorted(ids)
    assert make_split(ids, labels, fraction=0.5, test_fraction=0.1, seed=0, fingerprint="").test == made.test


# Ready-made sides

READY: dict[SampleId, Side] = {f"train/{n}": "train" for n in range(20)}
VAL: dict[SampleId, Side] = {f"val/{n}": "val" for n in range(4)}
TEST: dict[SampleId, Side] = {f"test/{n}": "test" for n in range(6)}


def ready(sides: dict[SampleId, Side], test_fraction: float = 0.0) -> Split:
    labels = [n % 2 for n in range(len(sides))]
    return make_split(
        list(sides), labels, fraction=0.2, test_fraction=test_fraction, seed=0, fingerprint="", sides=sides
    )


def test_ready_made_sides_are_kept() -> None:
    made = ready(READY | VAL | TEST)
    assert [set(side) for side in (made.train, made.val, made.test)] == [set(READY), set(VAL), set(TEST)]
    assert ready(READY | VAL | TEST, test_fraction=0.5) == made


def test_a_side_that_is_missing_is_split_off_the_training_images() -> None:
    no_val = ready(READY | TEST)
    assert (len(no_val.val), set(no_val.test)) == (4, set(TEST))
    assert set(no_val.train + no_val.val) == set(READY)
    no_test = ready(READY | VAL, test_fraction=0.1)
    assert (set(no_test.val), len(no_test.test)) == (set(VAL), 2)
    assert ready(READY | VAL).test == ()


def test_a_class_without_an_image_to_train_on_is_refused() -> None:
    sides: dict[SampleId, Side] = {1: "train", 2: "val", 3: "val"}
    with pytest.raises(TraindeckError, match="Class dog has no image to train on"):
        make_split([1, 2, 3], [0, 0, 1], fraction=0.2, seed=0, fingerprint="", sides=sides, classes=["cat", "dog"])


# Storing


def test_a_stored_split_comes_back_with_every_name(tmp_path: Path) -> None:
    made = Split(1, 0.2, "f", ("a b/ü.png", "a b/\udcff.png"), (3, 4), ("t",))
    write_split(tmp_path / "split.json", made)
    assert read_split(tmp_path / "split.json", "f") == made


def test_a_stored_split_of_before_there_was_a_test_side_is_read(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text(
        '{"schema":1,"seed":0,"fraction":0.2,"fingerprint":"f","train":[1,2],"val":[3]}'
    )
    assert read_split(tmp_path / "split.json", "f") == Split(0, 0.2, "f", (1, 2), (3,), ())


def test_a_stored_split_is_used_as_it_is_whatever_the_config_says_now(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    first, stored = load_or_make(path, "f", lambda: make_split(IDS, LABELS, fraction=0.2, seed=0, fingerprint="f"))
    again, found = load_or_make(path, "f", lambda: make_split(IDS, LABELS, fraction=0.5, seed=9, fingerprint="f"))
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
