"""Whether a run is better than another one."""

from __future__ import annotations

import math
import random
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.story.measuring import noisy_run, run_with
from training.story.versus.measured import Measured
from training.story.versus.verdict import judge

PAIRS = 250
FLAT = [0.8] * 12


def share_called_different(pairs: list[tuple[Measured, ...]]) -> float:
    kinds = [judge([a], [b]).kind for a, b in pairs]
    assert set(kinds) <= {"better", "worse", "same"}
    return sum(kind != "same" for kind in kinds) / len(kinds)


@pytest.mark.parametrize("own_images", [False, True])
@pytest.mark.parametrize("monitor", ["val_acc", "val_loss"])
def test_two_runs_of_the_same_kind_are_rarely_called_different(monitor: str, own_images: bool) -> None:
    """Validated on the same images, or each on images of its own, where nobody knows."""
    rng = random.Random(monitor)
    shares = []
    for epochs, n_val, settles in product((3, 5, 10, 40), (100, 2000), (False, True)):
        kind: dict[str, Any] = {"epochs": epochs, "best": 0.9, "n_val": n_val, "settles": settles, "monitor": monitor}
        easy = [None if own_images else rng.gauss(0, 1) for _ in range(PAIRS)]
        pairs = [tuple(noisy_run(rng, **kind, images=images) for _ in range(2)) for images in easy]
        shares.append(share_called_different(pairs))
    assert sum(shares) / len(shares) <= 0.05
    assert max(shares) <= 0.1


def test_a_difference_that_the_validation_can_show_is_found() -> None:
    rng = random.Random(1)
    kinds = [
        judge(
            [noisy_run(rng, epochs=30, best=0.94, n_val=4000)],
            [noisy_run(rng, epochs=30, best=0.88, n_val=4000)],
        ).kind
        for _ in range(100)
    ]
    assert kinds.count("better") >= 95
    assert "worse" not in kinds


def test_seeds_of_one_config_are_rarely_called_different_from_other_seeds_of_it() -> None:
    rng = random.Random(2)

    def group() -> list[Measured]:
        return [noisy_run(rng, epochs=12, best=0.9, n_val=500, seed_std=0.02) for _ in range(4)]

    kinds = [judge(group(), group()).kind for _ in range(PAIRS)]
    assert sum(kind != "same" for kind in kinds) / PAIRS <= 0.05


def test_several_seeds_show_what_the_validation_of_single_runs_cannot() -> None:
    better = [run_with(f"a{n}", val_acc=[0.925 + 0.001 * n] * 8, n_val=500, monitor="val_acc") for n in range(4)]
    worse = [run_with(f"b{n}", val_acc=[0.905 + 0.001 * n] * 8, n_val=500, monitor="val_acc") for n in range(4)]
    assert judge(better[:1], worse[:1]).kind == "same"
    verdict = judge(better, worse)
    assert verdict.kind == "better"
    assert "val_acc 92.7 ± 0.1 % (4) against 90.7 ± 0.1 % (4) at epoch 8" in verdict.sentence


def test_a_verdict_says_its_figures_its_noise_and_since_when() -> None:
    ours = run_with("fix", val_acc=[0.5, 0.6, 0.7, *[0.93] * 17], n_val=1000, monitor="val_acc")
    theirs = run_with("digits", val_acc=[0.5, 0.6, 0.7, *[0.89] * 17], n_val=1000, monitor="val_acc")
    verdict = judge([ours], [theirs])
    assert verdict.sentence == "better: val_acc 93.0 % against 89.0 % at epoch 20, noise ±1.3 %, since epoch 8"
    assert judge([theirs], [ours]).sentence.startswith("worse: val_acc 89.0 % against 93.0 % at epoch 20")


def test_what_is_judged_lies_at_the_last_epoch_that_both_have() -> None:
    parent = run_with("parent", val_loss=[2.31, 2.30, 2.31])
    child = run_with("child", val_loss=[0.9, 0.5, 0.3, 0.2, 0.1, 0.09])
    verdict = judge([child], [parent])
    assert (verdict.kind, verdict.epoch, verdict.since) == ("better", 3, 3)


def test_a_few_epochs_are_too_early_to_tell_and_it_is_said_whose_they_are() -> None:
    young = run_with("young", val_loss=[0.4, 0.3], live=True)
    old = run_with("old", val_loss=[0.9] * 10)
    assert judge([young], [old]).sentence == "too early to tell: young has 2 epochs behind it, 3 are needed"
    assert judge([old], [run_with("short", val_loss=[0.3])]).sentence == (
        "too early to tell: short ended with 1 epoch behind it, 3 are needed"
    )
    assert judge([run_with("none", live=True)], [old]).kind == "early"


def test_epochs_that_do_not_meet_are_too_few() -> None:
    odd = Measured("odd", {"val_loss": run_with(val_loss=[1.0] * 9).epochs["val_loss"]})
    late = Measured("late", {"val_loss": run_with(val_loss=[1.0]).epochs["val_loss"]})
    late.epochs["val_loss"].append(100, 0.5)
    late.epochs["val_loss"].append(101, 0.5)
    assert "they have 1 epoch in common" in judge([odd], [late]).sentence


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"data": "cats"}, {"data": "digits"}, "a is trained on cats, b on digits"),
        ({"n_val": 100}, {"n_val": 200}, "a is validated on 100 images, b on 200"),
        ({"validation": "x"}, {"validation": "y"}, "a is validated on other images than b"),
    ],
)
def test_other_validation_images_are_not_comparable(one: dict[str, str], other: dict[str, str], reason: str) -> None:
    verdict = judge([run_with("a", val_acc=FLAT, **one)], [run_with("b", val_acc=FLAT, **other)])
    assert verdict.sentence == f"not comparable: {reason}"


def test_groups_of_seeds_may_each_have_validated_on_images_of_their_own() -> None:
    def group(level: float) -> list[Measured]:
        return [
            run_with(str(n), val_acc=[level + 0.002 * n] * 6, n_val=400, validation=f"{n}", monitor="val_acc")
            for n in range(3)
        ]

    assert judge(group(0.95), group(0.8)).kind == "better"


def test_what_is_unknown_of_a_log_of_another_tool_is_no_obstacle() -> None:
    foreign = run_with("log.csv", val_acc=[0.5, 0.5, 0.5, 0.5])
    assert judge([run_with("a", val_acc=[0.9] * 4, n_val=100, data="digits")], [foreign]).kind == "better"


def test_losses_of_two_kinds_are_judged_by_the_plain_cross_entropy() -> None:
    focal = run_with("focal", val_loss=[0.01] * 5, val_ce=[0.5] * 5, loss="Focal Loss")
    plain = run_with("plain", val_loss=[0.4] * 5, val_ce=[0.4] * 5, loss="None")
    verdict = judge([focal], [plain])
    assert (verdict.metric, verdict.kind) == ("val_ce", "worse")
    assert "by val_ce since their losses are different measures" in verdict.sentence


def test_without_a_metric_in_common_there_is_no_verdict() -> None:
    verdict = judge([run_with("a", val_loss=FLAT)], [run_with("b", val_acc=FLAT)])
    assert verdict.sentence == "not comparable: they have no validation metric in common"


def test_the_accuracy_is_judged_beside_the_metric_that_decides() -> None:
    ours = run_with("a", val_loss=[0.2] * 6, val_acc=[0.90] * 6, n_val=4000)
    theirs = run_with("b", val_loss=[0.4] * 6, val_acc=[0.90] * 6, n_val=4000)
    verdict = judge([ours], [theirs])
    assert verdict.kind == "better"
    assert verdict.accuracy is not None
    assert verdict.accuracy.kind == "same"
    assert verdict.sentence.endswith("val_acc 90.0 % against 90.0 % at epoch 6, noise ±0.7 %: no measurable difference")


def test_a_run_that_is_no_longer_finite_is_worse_however_good_its_best_was() -> None:
    broken = run_with("broken", val_loss=[0.5, 0.3, 0.2, *[math.nan] * 6])
    sound = run_with("sound", val_loss=[0.5, 0.3, 0.2, *[0.19] * 6])
    assert judge([sound], [broken]).kind == "better"
    assert judge([broken], [sound]).kind == "worse"
    assert judge([broken], [broken]).kind == "same"


def test_seeds_that_have_only_begun_do_not_hold_up_the_others() -> None:
    def seed(name: str, epochs: int, level: float, *, live: bool = False) -> Measured:
        return run_with(name, val_acc=[level] * epochs, n_val=1000, monitor="val_acc", live=live)

    group = [seed("a", 20, 0.95), seed("b", 20, 0.951), seed("c", 4, 0.5, live=True), seed("d", 0, 0.0, live=True)]
    verdict = judge(group, [seed("x", 20, 0.8), seed("y", 20, 0.801)])
    assert (verdict.kind, verdict.epoch) == ("better", 20)
    assert verdict.ours is not None
    assert verdict.ours.n == 2


def test_a_seed_that_broke_down_is_not_averaged_away() -> None:
    group = [run_with("a", val_loss=[0.1] * 6), run_with("b", val_loss=[0.1, 0.1, *[math.inf] * 6])]
    other = [run_with("c", val_loss=[0.9] * 6), run_with("d", val_loss=[0.91] * 6)]
    assert judge(group, other).kind == "same"


def test_overfitting_after_the_same_best_is_no_worse_run() -> None:
    """The weights that are kept are those of the best epoch."""
    overfit = run_with("overfit", val_loss=[0.5, 0.3, 0.2, *[0.2 + 0.1 * n for n in range(9)]])
    stopped = run_with("stopped", val_loss=[0.5, 0.3, 0.2, *[0.2] * 9])
    assert judge([overfit], [stopped]).kind == "same"


curve = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=0, max_size=30)


@settings(deadline=None)
@given(curve, curve, st.sampled_from(["val_acc", "val_loss"]), st.one_of(st.none(), st.integers(1, 10_000)))
def test_a_verdict_turns_round_with_its_sides_and_never_fails(
    a: list[float], b: list[float], metric: str, n_val: int | None
) -> None:
    one, other = (run_with("x", monitor=metric, n_val=n_val, **{metric: values}) for values in (a, b))
    forth, back = judge([one], [other]), judge([other], [one])
    opposite = {"better": "worse", "worse": "better"}
    assert back.kind == opposite.get(forth.kind, forth.kind)
    assert forth.sentence
    assert judge([one], [one]).kind in ("same", "early", "incomparable")


@settings(deadline=None)
@given(st.lists(curve, min_size=1, max_size=4), st.lists(curve, min_size=1, max_size=4))
def test_a_verdict_on_groups_turns_round_with_its_sides_and_never_fails(
    a: list[list[float]], b: list[list[float]]
) -> None:
    ours, theirs = ([run_with("x", val_loss=values) for values in side] for side in (a, b))
    opposite = {"better": "worse", "worse": "better"}
    forth, back = judge(ours, theirs), judge(theirs, ours)
    assert back.kind == opposite.get(forth.kind, forth.kind)
    assert forth.sentence


def test_a_long_history_is_judged_in_a_blink() -> None:
    """It is judged anew after each epoch of a live run."""
    import time

    long = run_with("a", val_loss=[1 / n for n in range(1, 20_001)])
    worse = run_with("b", val_loss=[2 + 1 / n for n in range(1, 20_001)])
    begun = time.process_time()
    assert judge([long], [worse]).since == 20_000 - 500
    assert time.process_time() - begun < 1.0
