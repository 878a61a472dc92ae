"""Splits that keep groups whole: one patient's, video's or sample's images stay on one side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.dataset.listing import Side
from training.dataset.split import SampleId, Split, make_split
from training.errors import TraindeckError


@dataclass(frozen=True)
class Grouped:
    """Samples of groups, each group of one class."""

    labels: dict[SampleId, int]
    groups: dict[SampleId, str]

    def split(self, seed: int = 0, fraction: float = 0.25, test: float = 0.0, order: int | None = None) -> Split:
        ids = list(self.labels)
        if order is not None:
            Random(order).shuffle(ids)
        return make_split(
            ids,
            [self.labels[sample] for sample in ids],
            fraction=fraction,
            test_fraction=test,
            seed=seed,
            fingerprint="",
            groups=self.groups,
        )

    def counts(self, side: tuple[SampleId, ...]) -> Counter[int]:
        return Counter(self.labels[sample] for sample in side)


def grouped(sizes: list[list[int]]) -> Grouped:
    """By class, the number of images of each of its groups."""
    rows = [
        (f"{label}/{group}/{n}", label, f"{label}-{group}")
        for label, of_class in enumerate(sizes)
        for group, size in enumerate(of_class)
        for n in range(size)
    ]
    return Grouped({row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})


SIZES = st.lists(st.lists(st.integers(1, 9), min_size=3, max_size=12), min_size=2, max_size=4)


@settings(max_examples=40)
@given(sizes=SIZES, seed=st.integers(0, 99), fraction=st.floats(0.05, 0.6), test=st.sampled_from([0.0, 0.2]))
def test_sides_are_complete_share_no_group_and_hold_every_class(
    sizes: list[list[int]], seed: int, fraction: float, test: float
) -> None:
    data = grouped(sizes)
    made = data.split(seed, fraction, test)
    sides = (made.train, made.val, made.test) if test else (made.train, made.val)
    assert sorted(map(str, sum(sides, ()))) == sorted(map(str, data.labels))
    on = [{data.groups[sample] for sample in side} for side in sides]
    assert sum(map(len, on)) == len(set.union(*on))
    for side in sides:
        assert set(data.counts(side)) == set(range(len(sizes)))


@settings(max_examples=40)
@given(sizes=SIZES, seed=st.integers(0, 99), fraction=st.floats(0.05, 0.5))
def test_each_class_misses_its_share_by_half_its_largest_group_at_most(
    sizes: list[list[int]], seed: int, fraction: float
) -> None:
    """Unless one group alone is held out, or left: there each side's need of one decides."""
    data = grouped(sizes)
    made = data.split(seed, fraction)
    held_out = data.counts(made.val)
    for label, of_class in enumerate(sizes):
        groups = {data.groups[sample] for sample in made.val if data.labels[sample] == label}
        bound = max(of_class) / 2 if 1 < len(groups) < len(of_class) - 1 else max(of_class)
        assert abs(held_out[label] - fraction * sum(of_class)) <= bound + 0.5


@settings(max_examples=20)
@given(sizes=SIZES, seed=st.integers(0, 99), order=st.integers(0, 99))
def test_neither_order_nor_another_class_moves_a_group_across(sizes: list[list[int]], seed: int, order: int) -> None:
    made = grouped(sizes).split(seed, test=0.2)
    more = grouped([*sizes, [4, 4, 4, 4]]).split(seed, test=0.2, order=order)
    known = set(grouped(sizes).labels)
    for before, after in ((made.train, more.train), (made.val, more.val), (made.test, more.test)):
        assert set(before) == set(after) & known


def test_many_small_groups_come_as_close_as_single_images() -> None:
    data = grouped([[2] * 100, [3] * 40])
    assert data.counts(data.split(fraction=0.2).val) == {0: 40, 1: 24}


def test_a_group_of_several_classes_stays_whole() -> None:
    labels: dict[SampleId, int] = {f"{patient}/{n}": n % 3 for patient in range(30) for n in range(6)}
    data = Grouped(labels, {sample: str(sample).partition("/")[0] for sample in labels})
    made = data.split(fraction=0.2)
    assert data.counts(made.val) == {0: 12, 1: 12, 2: 12}
    assert not {data.groups[s] for s in made.val} & {data.groups[s] for s in made.train}


def test_groups_that_hold_each_other_back_are_split_where_there_is_a_way() -> None:
    """Classes a to c of the groups 1-2, 2-3 and 3-4: only 1 and 3 against 2 and 4 has every class on both sides."""
    pairs = [("1", 0), ("2", 0), ("2", 1), ("3", 1), ("3", 2), ("4", 2)]
    data = Grouped(
        {f"{group}{label}": label for group, label in pairs}, {f"{group}{label}": group for group, label in pairs}
    )
    for seed in range(20):
        made = data.split(seed, fraction=0.5)
        assert {data.groups[sample] for sample in made.val} in ({"1", "3"}, {"2", "4"})


def test_a_class_of_one_group_is_refused_with_the_remedy() -> None:
    ids = ["a1", "a2", "b1", "b2"]
    groups: dict[SampleId, str] = {"a1": "p", "a2": "q", "b1": "r", "b2": "r"}
    with pytest.raises(TraindeckError, match=r"Class dog has images of one group only.*data\.groups finer"):
        make_split(ids, [0, 0, 1, 1], fraction=0.2, seed=0, fingerprint="", groups=groups, classes=["cat", "dog"])


def test_classes_that_cannot_all_be_on_both_sides_are_refused() -> None:
    """Three groups, each two of which share a class: two of them are on one side, whatever is tried."""
    pairs = [("1", 0), ("2", 0), ("2", 1), ("3", 1), ("3", 2), ("1", 2)]
    data = Grouped(
        {f"{group}{label}": label for group, label in pairs}, {f"{group}{label}": group for group, label in pairs}
    )
    with pytest.raises(TraindeckError, match=r"No split was found that has class number \d on every side"):
        data.split()


def test_only_training_groups_are_split_where_a_side_is_ready_made() -> None:
    ids = [f"{patient}/{n}" for patient in range(10) for n in range(4)]
    groups: dict[SampleId, str] = {sample: sample[0] for sample in ids}
    sides: dict[SampleId, Side] = {sample: "test" if sample[0] in "01" else "train" for sample in ids}
    labels = [int(sample[-1]) % 2 for sample in ids]
    made = make_split(ids, labels, fraction=0.25, seed=0, fingerprint="", sides=sides, groups=groups)
    assert {groups[sample] for sample in made.test} == {"0", "1"}
    assert len({groups[sample] for sample in made.val}) == 2
    assert not {groups[sample] for sample in made.val} & {groups[sample] for sample in made.train}
