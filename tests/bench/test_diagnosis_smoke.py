"""The diagnosis bench on a few runs: that it measures what it says. What the rules are worth, it says itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.bench import bench_diagnosis, diagnosis_runs
from tests.bench.diagnosis_fast import FastDiagnosis
from tests.bench.diagnosis_naive import CONTENDERS, Findings, traindeck
from tests.bench.diagnosis_refit import Refit, Search, folds_of, pooled
from tests.bench.diagnosis_runs import LabelledRun, epochs
from tests.bench.diagnosis_scoring import SCORER, score, summary, table, verdicts, wrong
from tests.bench.diagnosis_thresholds import Threshold, put, sources, thresholds

FEW = 24


@pytest.fixture(scope="module")
def runs() -> list[LabelledRun]:
    return diagnosis_runs.load(limit=FEW)


def right(run: LabelledRun) -> Findings:
    """Every true label at its onset."""
    onsets = SCORER.pairs(run.truth["onsets"])
    return [{"label": label, "epoch": epoch, "severity": "warning"} for label, epoch in onsets.items()]


def test_the_truth_scores_one_and_nothing_is_wrong_with_it(runs: list[LabelledRun]) -> None:
    told = score(runs, {run.name: right(run) for run in runs})
    assert (told.macro_f1, told.false_alarms, told.premature, told.delay) == (1.0, 0, 0.0, 0)
    assert not any(wrong(run, right(run)) for run in runs)
    assert "MISSED" not in verdicts(told)


def test_false_alarms_and_premature_findings_are_counted_and_listed(runs: list[LabelledRun]) -> None:
    healthy = next(run for run in runs if run.truth["primary_label"] == "healthy")
    late = next(run for run in runs if (SCORER.pairs(run.truth["earliest"]) or {"": 0}).popitem()[1] > 0)
    early = [finding | {"epoch": 0} for finding in right(late)]
    findings = {run.name: right(run) for run in runs} | {healthy.name: right(late), late.name: early}
    told = score(runs, findings)
    assert told.false_alarms == 1
    assert told.premature > 0
    assert "false" in wrong(healthy, findings[healthy.name])
    assert "premature" in wrong(late, early)


def test_what_is_said_for_information_and_a_label_of_our_own_do_not_count(runs: list[LabelledRun]) -> None:
    said = [
        {"label": "plateau", "epoch": 1, "severity": "info"},
        {"label": "not_learning", "epoch": 1, "severity": "warning"},
    ]
    told = score(runs, {run.name: said for run in runs})
    assert told.false_alarms == 0
    assert told.unmapped == []


def test_all_contenders_are_in_the_table_and_measured_against_the_naive_one(
    runs: list[LabelledRun], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis_runs, "load", lambda _: runs)
    bench_diagnosis.main(["--json", "--ablations"])
    told = json.loads(capsys.readouterr().out)
    assert set(told["contenders"]) == set(CONTENDERS)
    assert set(told["ablations"]) == set(diagnosis_runs.ABLATIONS)
    bench_diagnosis.main(["-v"])
    text = capsys.readouterr().out
    assert all(name in text for name in CONTENDERS)
    assert "1.00×" in text


def test_a_run_of_losses_only_holds_nothing_else(runs: list[LabelledRun]) -> None:
    bare = diagnosis_runs.losses_only(runs[0])
    assert {name for event in epochs(bare) for name in event.metrics} == {"train_loss", "val_loss"}
    assert diagnosis_runs.facts(bare) == bare.config == {}
    assert len(bare.events) == len(epochs(bare)) + 1


def test_validation_every_third_epoch_leaves_the_training_as_it_was(runs: list[LabelledRun]) -> None:
    sparse = epochs(diagnosis_runs.validated_every(3)(runs[0]))
    assert {event.epoch % 3 == 0 for event in sparse if "val_loss" in event.metrics} == {True}
    assert all(
        "train_loss" in event.metrics and ("val_acc" in event.metrics) == (event.epoch % 3 == 0) for event in sparse
    )


def test_every_threshold_can_be_set_wherever_it_is_held_and_is_put_back() -> None:
    known = thresholds(sources())
    assert len({threshold.name for threshold in known}) == len(known) > 50
    before = [getattr(owner, name) for threshold in known for owner, name in threshold.places]
    put(known, {threshold.name: threshold.scaled(threshold.value, 1.2) for threshold in known})
    moved = [getattr(owner, name) for threshold in known for owner, name in threshold.places]
    put(known, {})
    assert all(now != then for now, then in zip(moved, before, strict=True) if then)
    assert [getattr(owner, name) for threshold in known for owner, name in threshold.places] == before


def test_the_quick_way_finds_what_the_diagnosis_finds(runs: list[LabelledRun]) -> None:
    fast = FastDiagnosis(runs)
    off = {threshold.name: threshold.scaled(threshold.value, 1.4) for threshold in fast.thresholds[::8]}
    with fast.installed():
        found = [fast.findings({}, runs)]
        for name, value in off.items():
            found.append(fast.findings({name: value}, runs))
        found.append(fast.findings(off, runs, keep=True))
        found.append(fast.findings({}, runs))
    assert found[0] == found[-1] == {run.name: traindeck(run) for run in runs}
    put(fast.thresholds, off)
    assert found[-2] == {run.name: traindeck(run) for run in runs}
    put(fast.thresholds, {})


def test_runs_of_one_base_are_held_out_together(runs: list[LabelledRun]) -> None:
    parts = folds_of(runs, 4, seed=1)
    assert len(parts) == 4
    assert sorted(base for part in parts for base in part) == sorted({run.base for run in runs})


def test_a_refit_improves_on_its_start_and_knows_nothing_of_what_is_held_out(runs: list[LabelledRun]) -> None:
    bases = folds_of(runs, 4, seed=1)[0]
    others = [replace(run, truth={**runs[0].truth} | {"base": run.base, "file": run.name}) for run in runs]
    blind = [other if run.base in bases else run for run, other in zip(runs, others, strict=True)]
    folds = []
    for seen in (runs, blind):
        search = Search(seen)
        search.thresholds = [t for t in search.thresholds if t.name.startswith(("chance.", "overfitting."))]
        with search.fast.installed():
            folds.append(search.fold(Refit(bases, rounds=1)))
    assert folds[0].values == folds[1].values
    assert folds[0].worth[1] >= folds[0].worth[0]
    held_out = {run.name for run in runs if run.base in bases}
    assert set(folds[0].refitted) == held_out
    told = pooled([run for run in runs if run.name in held_out], [folds[0].refitted])
    assert table("held out", told)
    assert "held out" in summary({"held out": told})


def test_an_unknown_threshold_is_told_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, runs: list[LabelledRun]
) -> None:
    monkeypatch.setattr(diagnosis_runs, "load", lambda _: runs)
    with pytest.raises(SystemExit, match=r"plateau\.SPUN.*"):
        bench_diagnosis.main(["--search", "plateau.SPUN=1"])


def test_a_threshold_near_one_keeps_its_side_and_a_whole_number_stays_one() -> None:
    rise, points, share = (Threshold("", "", value, ()) for value in (1.04, 3, 0.5))
    assert 1 < rise.scaled(1.04, 0.7) < 1.04 < rise.scaled(1.04, 1.4) < 1.1
    assert (points.scaled(3, 1.1), points.scaled(3, 0.7), points.scaled(2, 0.7)) == (4, 2, 2)
    assert share.scaled(0.5, 0.7) == 0.35
