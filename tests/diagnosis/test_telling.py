"""When a finding is told, told again and taken back; and the line that sums a run up."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest

from tests.diagnosis.curves import CURVES, RUNS, TEN_CLASSES, labels, recorded, run_epochs
from training.diagnosis.engine import Diagnosis
from training.diagnosis.findings import SEVERITY_ORDER
from training.replay import diagnose_file

RISING = {
    "train_loss": [2.0 * 0.9**epoch for epoch in range(40)],
    "train_acc": [min(0.5 + 0.03 * epoch, 1.0) for epoch in range(40)],
    "val_loss": [1.5 - 0.1 * epoch for epoch in range(6)] + [1.0 + 0.02 * epoch for epoch in range(34)],
    "val_acc": [0.6] * 40,
}


def test_a_lasting_fault_is_told_a_few_times_and_not_every_epoch() -> None:
    _, told = run_epochs(RISING)
    kinds = [change.change for _, change in told]
    assert kinds[0] == "opened"
    assert kinds[1:] == ["changed"] * len(kinds[1:])
    assert len(kinds) <= 8


def test_the_numbers_of_an_open_finding_are_never_older_than_a_quarter_of_the_epochs() -> None:
    _, told = run_epochs(RISING)
    epochs = [epoch for epoch, _ in told]
    for last, following in pairwise([*epochs, 40]):
        assert following - last <= max(2, last / 4 + 1)
    assert all(change.finding.stretch[1] == epoch for epoch, change in told)


def test_ten_times_the_epochs_are_told_a_few_times_more_only() -> None:
    flat = {"train_loss": [2.31 + 0.004 * (epoch % 2) for epoch in range(1000)], "train_acc": [0.1] * 1000}
    counts = []
    for epochs in (100, 1000):
        _, told = run_epochs({name: values[:epochs] for name, values in flat.items()})
        per_label = Counter(change.finding.label for _, change in told)
        counts.append(max(per_label.values()))
    assert counts[0] >= 5
    assert counts[1] - counts[0] <= 11  # log(10) / log(1.25)


def test_a_finding_that_is_told_again_keeps_when_it_began() -> None:
    diagnosis, told = run_epochs(RISING)
    assert {change.finding.since_epoch for _, change in told} == {told[0][1].finding.since_epoch}
    assert diagnosis.open[0].shown_epoch == told[0][0]


def test_the_end_says_the_latest_numbers_once() -> None:
    diagnosis, _ = run_epochs(RISING)
    changes = diagnosis.end("finished", "")
    assert [change.change for change in changes] == ["changed"]
    assert changes[0].finding.stretch[1] == 40
    assert diagnosis.open == [changes[0].finding]
    assert diagnosis.end("finished", "") == []


def test_a_finding_resolves_when_the_evidence_goes_away() -> None:
    val = [*RISING["val_loss"][:20], *([0.8 - 0.02 * epoch for epoch in range(20)])]
    diagnosis, told = run_epochs({**RISING, "val_loss": val, "val_acc": [0.6] * 20 + [0.9] * 20})
    assert [change.change for _, change in told][-1] == "resolved"
    assert diagnosis.open == []


def test_one_good_epoch_does_not_resolve_a_finding() -> None:
    loss = [1.5, 0.4, 0.9, 0.4, 1.0, 0.45, 0.9, 0.4, 1.0, 0.5, 0.9, 0.4, 0.42, 0.9, 0.4, 1.0]
    _, told = run_epochs({"train_loss": loss, "lr": [0.1] * len(loss)})
    assert [change.change for _, change in told if change.finding.label == "oscillation"].count("opened") == 1
    assert "resolved" not in [change.change for _, change in told if change.finding.label == "oscillation"]


@pytest.mark.parametrize("run", RUNS)
def test_findings_do_not_flicker(run: str) -> None:
    opened: dict[str, int] = {}
    for finding in diagnose_file(CURVES / run).shown:
        opened[finding.label] = opened.get(finding.label, 0) + 1
    assert all(times <= 2 for times in opened.values())


@pytest.mark.parametrize("run", RUNS)
def test_changes_tell_a_consistent_story(run: str) -> None:
    opened: set[str] = set()
    for told in diagnose_file(CURVES / run).told:
        label = told.change.finding.label
        assert (label in opened) == (told.change.change != "opened")
        (opened.discard if told.change.change == "resolved" else opened.add)(label)


def test_a_symptom_gives_way_to_the_story_that_explains_it() -> None:
    resolved = [told.change.finding for told in recorded(109).told if told.change.change == "resolved"]
    assert labels(resolved) == ["divergence"]
    assert resolved[0].evidence.endswith("Now told as: Learning rate too high: the net is stuck at chance.")


def test_open_findings_come_worst_first() -> None:
    for number in (16, 60, 98, 109):
        severities = [SEVERITY_ORDER[finding.severity] for finding in recorded(number).open]
        assert severities == sorted(severities, reverse=True)


def test_the_verdict_on_a_healthy_run_gives_its_numbers() -> None:
    assert (
        recorded(28).verdict
        == "Healthy, 30 epochs: train loss 5.0e-5 and falling, val accuracy 99.2 %, gap 0.8 points."
    )


def test_the_verdict_before_the_first_epoch_is_that_there_is_none() -> None:
    diagnosis = Diagnosis(None, TEN_CLASSES)
    diagnosis.epoch(0, {"val_loss": 2.3})
    assert diagnosis.verdict() == "Nothing to judge yet: no epoch is complete."


def test_the_verdict_names_the_worst_finding_and_counts_the_others() -> None:
    verdict = recorded(109).verdict
    assert verdict.startswith("Learning rate too high: the net is stuck at chance, since epoch 1: Train loss")


def test_the_verdict_on_a_log_without_losses_says_so() -> None:
    diagnosis, _ = run_epochs({"fid": [3.0, 2.0]})
    assert diagnosis.verdict().startswith("Nothing to judge: the log holds no loss")


def test_the_verdict_on_a_failed_run_says_that_it_failed() -> None:
    diagnosis, _ = run_epochs({"train_loss": [1.0, 0.5], "val_loss": [1.0, 0.6]})
    diagnosis.end("failed", "out of memory")
    expected = (
        "The run failed, out of memory; no finding in its curves up to epoch 2: train loss 0.500, val loss 0.600."
    )
    assert diagnosis.verdict() == expected


def test_accuracies_in_percent_are_read_as_such() -> None:
    share = {"train_loss": [1.0, 0.5], "train_acc": [0.008, 0.9], "val_acc": [0.009, 0.8]}
    hundred = {**share, "train_acc": [0.8, 90.0], "val_acc": [0.9, 80.0]}
    assert run_epochs(share)[0].verdict() == run_epochs(hundred)[0].verdict()


def test_a_finding_outlasts_epochs_without_validation() -> None:
    diagnosis, _ = run_epochs({"train_loss": [2.0, 1.0], "val_loss": [1.5, math.nan]})
    for epoch in range(3, 8):
        diagnosis.epoch(epoch, {"train_loss": 0.9})
    assert labels(diagnosis.open) == ["nan"]
