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
    assert (
        verdict.sentence
        == "better: val_acc 93.0 % against 89.0 % at epoch 20 (medians of 5), noise ±1.3 %, since epoch 8"
    )
    assert judge([theirs], [ours]).sentence.startswith("worse: val_acc 89.0 % against 93.0 % at epoch 20")


def test_what_is_judged_lies_at_the_last_epoch_that_both_have() -> None:
    parent = run_with("parent", val_acc=[0.11, 0.10, 0.11], n_val=500, monitor="val_acc")
    child = run_with("child", val_acc=[0.60, 0.61, 0.62, 0.9, 0.95, 0.96], n_val=500, monitor="val_acc")
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


def test_what_is_unknown_of_a_log_of_another_tool_is_no_obstacle_but_for_the_size_of_its_validation() -> None:
    ours = run_with("a", val_acc=[0.9] * 4, n_val=100, data="digits")
    assert judge([ours], [run_with("log.csv", val_acc=[0.5] * 4, n_val=100)]).kind == "better"
    assert judge([ours], [run_with("log.csv", val_acc=[0.5] * 4)]).sentence == (
        "cannot be told: val_acc 90.0 % against 50.0 % at epoch 4 (medians of 4), noise ±3.1 %; "
        "one run each, and the size of the validation set is not known"
    )


def wandering(rng: random.Random, epochs: int, within: float, kept: float, seeds: float) -> list[float]:
    """A loss that comes to a plateau of its own, and strays from it for as many epochs as `kept` says."""
    level, stray, values = 0.3 + rng.gauss(0, seeds), 0.0, []
    for epoch in range(epochs):
        stray = kept * stray + math.sqrt(1 - kept * kept) * rng.gauss(0, within)
        values.append(level + 0.5 * math.exp(-epoch / 6) + stray)
    return values


@pytest.mark.parametrize("n_val", [None, 360, 10_000])
@pytest.mark.parametrize("kept", [0.0, 0.9, 0.98])
def test_epochs_that_follow_each_other_closely_are_no_evidence(kept: float, n_val: int | None) -> None:
    """Nor are plateaus that differ from seed to seed by far more than from epoch to epoch."""
    rng = random.Random(3)
    accuracy: dict[str, Any] = {} if n_val is None else {"val_acc": [0.93 if n_val > 1000 else 0.985] * 60}

    def run() -> Measured:
        loss = wandering(rng, 60, 0.001, kept, 0.006)
        return run_with(val_loss=loss, n_val=n_val, validation="v", **accuracy)

    kinds = [judge([run()], [run()]).kind for _ in range(PAIRS)]
    assert sum(kind in ("better", "worse") for kind in kinds) / PAIRS <= 0.05


def test_a_loss_without_an_accuracy_says_nothing_of_single_runs() -> None:
    a, b = (run_with("x", val_loss=[level] * 6, n_val=1000) for level in (0.1, 0.2))
    verdict = judge([a], [b])
    assert verdict.kind == "unclear"
    assert verdict.sentence.endswith("; one run each, and how far val_loss varies by chance is not known")


def test_an_accuracy_in_percent_is_no_share_of_images() -> None:
    a, b = (run_with("x", val_acc=[level] * 6, n_val=1000, monitor="val_acc") for level in (91.0, 88.0))
    verdict = judge([a], [b])
    assert verdict.kind == "unclear"
    assert "val_acc 91 against 88 at epoch 6" in verdict.sentence


def test_a_seed_that_was_run_twice_is_one_seed() -> None:
    def seed(number: int | None, loss: float) -> Measured:
        return run_with(
            "x", val_loss=[0.6, 0.5, *[loss] * 5], val_acc=[0.9] * 7, n_val=360, seed=number, validation="v"
        )

    for seeds in ((4, 4), (None, None)):
        ours, theirs = ([seed(number, loss) for number in seeds] for loss in (0.4199, 0.42))
        verdict = judge(ours, theirs)
        assert verdict.kind == "same"
        assert verdict.ours is not None
        assert verdict.ours.n == 1


def test_losses_of_seeds_that_agree_exactly_still_have_some_noise() -> None:
    def seeds(loss: float, **more: Any) -> list[Measured]:
        return [run_with("x", val_loss=[0.6, 0.5, *[loss] * 5], seed=number, **more) for number in range(2)]

    verdict = judge(seeds(0.4199), seeds(0.42))
    assert verdict.kind == "same"
    assert verdict.noise > 0
    known = {"val_acc": [0.9] * 7, "n_val": 360}
    assert judge(seeds(0.418, **known), seeds(0.42, **known)).kind == "same"
    assert judge(seeds(0.2, **known), seeds(0.42, **known)).kind == "better"


def test_losses_of_two_kinds_are_judged_by_the_plain_cross_entropy() -> None:
    known = {"n_val": 5000, "val_acc": [0.9] * 5}
    focal = run_with("focal", val_loss=[0.01] * 5, val_ce=[0.5] * 5, loss="Focal Loss", **known)
    plain = run_with("plain", val_loss=[0.4] * 5, val_ce=[0.4] * 5, loss="None", **known)
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
    assert verdict.sentence.endswith("; val_acc 90.0 % against 90.0 %, noise ±0.7 %: no measurable difference")


def test_a_sentence_says_nothing_twice() -> None:
    a, b = (run_with("x", val_loss=[level] * 6, val_acc=[0.9] * 6, n_val=1000) for level in (0.30, 0.31))
    assert judge([a], [b]).sentence == (
        "no measurable difference: val_loss 0.3 against 0.31 at epoch 6 (medians of 5), noise ±0.043; "
        "val_acc 90.0 % against 90.0 %, noise ±1.3 %"
    )
    c, d = (run_with("x", val_loss=[level] * 6, val_acc=[1 - level] * 6) for level in (0.3, 0.5))
    assert judge([c], [d]).sentence.count("one run each") == 1


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


def test_a_seed_that_broke_down_is_said_and_makes_a_side_worse() -> None:
    sound = [1, 0.8, 0.6, 0.5, 0.4, 0.35, 0.31, 0.30]
    ours = [run_with("a", val_loss=sound, seed=0), run_with("b", val_loss=[1, 0.8, 0.6, *[math.nan] * 5], seed=1)]
    theirs = [run_with("c", val_loss=sound, seed=0), run_with("d", val_loss=[y + 0.01 for y in sound], seed=1)]
    verdict = judge(ours, theirs)
    assert verdict.kind == "worse"
    assert verdict.sentence.endswith("; 1 of 2 seeds is no longer finite")
    back = judge(theirs, ours)
    assert back.kind == "better"
    assert back.sentence.endswith("; 1 of 2 seeds of the baseline is no longer finite")


def test_a_seed_that_broke_down_is_not_averaged_away_where_the_others_are_better() -> None:
    group = [run_with("a", val_loss=[0.1] * 6), run_with("b", val_loss=[0.1, 0.1, *[math.inf] * 6])]
    other = [run_with("c", val_loss=[0.9] * 6), run_with("d", val_loss=[0.91] * 6)]
    verdict = judge(group, other)
    assert verdict.kind == "unclear"
    assert verdict.sentence.endswith("; 1 of 2 seeds is no longer finite")


def test_a_seed_that_broke_down_early_holds_up_no_other() -> None:
    def seed(number: int, epochs: int, last: float) -> Measured:
        return run_with("x", val_loss=[*[0.5] * (epochs - 1), last], seed=number)

    broken = run_with("x", val_loss=[0.9, math.nan], seed=2)
    verdict = judge([seed(0, 20, 0.5), seed(1, 20, 0.5), broken], [seed(0, 20, 0.5), seed(1, 20, 0.5)])
    assert (verdict.kind, verdict.epoch) == ("worse", 20)
    assert "1 of 3 seeds is no longer finite" in verdict.sentence


def test_a_metric_of_which_more_is_better_under_another_name() -> None:
    a, b = (run_with("x", val_auc=[level] * 6, n_val=4000, monitor="val_auc") for level in (0.95, 0.65))
    assert judge([a], [b]).kind == "better"


def test_a_metric_of_which_nobody_knows_what_is_better_differs() -> None:
    def seeds(level: float) -> list[Measured]:
        return [run_with("x", val_mystery=[level + 0.01 * n] * 6, seed=n, monitor="val_mystery") for n in range(3)]

    verdict = judge(seeds(5.0), seeds(9.0))
    assert verdict.kind == "differs"
    assert verdict.sentence.startswith("differs: val_mystery 5.01 ± 0.01 (3) against 9.01 ± 0.01 (3) at epoch 6")
    assert judge(seeds(5.0), seeds(5.0)).kind == "same"


def forked(at: int, own: list[float], name: str = "fork") -> Measured:
    shared = [0.5 + 0.02 * epoch for epoch in range(at)]
    return run_with(name, val_acc=[*shared, *own], n_val=2000, monitor="val_acc", forked_at=at)


def test_a_fork_is_judged_by_what_came_after_it() -> None:
    parent = run_with("parent", val_acc=[0.5 + 0.02 * epoch for epoch in range(20)][:10] + [0.7] * 4, n_val=2000)
    fork = forked(10, [0.8] * 4)
    verdict = judge([fork], [parent])
    assert (verdict.kind, verdict.epoch, verdict.since) == ("better", 14, 13)
    assert judge([parent], [fork]).kind == "worse"
    few = judge([forked(10, [0.8] * 2)], [parent])
    assert few.sentence == "too early to tell: they have 2 epochs in common after the 10 that they share, 3 are needed"
    none = judge([forked(10, [])], [parent])
    assert none.sentence == "too early to tell: both share epochs 1–10"


def test_forks_of_one_run_share_what_the_earlier_of_them_took() -> None:
    early, late = forked(5, [0.8] * 9, "early"), forked(8, [0.6] * 6, "late")
    verdict = judge([late], [early])
    assert (verdict.kind, verdict.since) == ("worse", 8)
    stranger = run_with("stranger", val_acc=[0.3] * 14, n_val=2000, monitor="val_acc")
    assert judge([late], [stranger]).since == 3


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

    known = {"n_val": 100_000, "monitor": "val_acc"}
    long = run_with("a", val_acc=[0.9 - 0.1 / n for n in range(1, 20_001)], **known)
    worse = run_with("b", val_acc=[0.8 - 0.1 / n for n in range(1, 20_001)], **known)
    begun = time.process_time()
    assert judge([long], [worse]).since == 20_000 - 500
    assert time.process_time() - begun < 1.0
