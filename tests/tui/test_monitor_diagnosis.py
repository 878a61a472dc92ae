"""The diagnosis panel of the monitor: findings, their fixes, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.tui.fakes import FLAT, OVERFIT, FakeRun, faulty_run
from tests.tui.panels import learning, text, words
from tests.tui.test_monitor_model import monitored
from training.runs.events import Epoch
from tui.monitor.choice import Choice
from tui.monitor.diagnosis import diagnosis_rows, fix_hint
from tui.monitor.model import WARNINGS, Monitored
from tui.widgets.rows import width_of


@pytest.fixture
def running(tmp_path: Path) -> Monitored:
    return learning(tmp_path)


@pytest.fixture
def diverged(tmp_path: Path) -> Monitored:
    return monitored(faulty_run(tmp_path, live=True))


def test_the_diagnosis_tells_what_since_when_on_what_evidence_why_and_what_to_do(diverged: Monitored) -> None:
    shown = words(diagnosis_rows(diverged, 60, 40, Choice(FLAT.label, 0)))
    for part in (
        "✗ The training loss does not fall: learning rate too high · critical · since epoch 1",
        FLAT.evidence,
        *FLAT.causes,
        "▸1 Lower the learning rate: 1 → 0.001",
        "2 Clip gradients at norm 1",
        FLAT.fixes[0].effect,
    ):
        assert part in shown


def test_the_diagnosis_fits_beside_a_chart_at_80_by_24(diverged: Monitored) -> None:
    rows = diagnosis_rows(diverged, 43, 17, None)
    assert len(rows) <= 17
    shown = words(rows)
    for part in (FLAT.title, FLAT.evidence, "since epoch 1", *(fix.title for fix in FLAT.fixes)):
        assert part in shown


def test_the_worst_finding_is_first_and_all_fixes_keep_a_key_at_80_by_24(diverged: Monitored) -> None:
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    rows = diagnosis_rows(diverged, 43, 17, None)
    shown = text(rows)
    assert shown.index("The training loss does not fall") < shown.index("Overfitting")
    for number, (_, fix) in enumerate(diverged.fixes, 1):
        assert f"{number}  {fix.title[:20]}" in shown
    assert "more lines" not in shown


def test_a_diagnosis_that_does_not_fit_scrolls_to_the_selected_fix(diverged: Monitored) -> None:
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    for number, (finding, fix) in enumerate(diverged.fixes, 1):
        rows = diagnosis_rows(diverged, 38, 8, Choice(finding.label, finding.fixes.index(fix)))
        assert len(rows) == 8
        assert f"▸{number}  {fix.title[:15]}" in text(rows)
    for finding in diverged.findings:
        assert f"▸{finding.title[:20]}" in text(diagnosis_rows(diverged, 38, 8, Choice(finding.label)))


def test_where_little_fits_the_heading_stays_and_the_evidence_is_cut(diverged: Monitored) -> None:
    evidence = " ".join(f"fact {number}" for number in range(60))
    diverged.curves.findings[FLAT.label] = msgspec.structs.replace(FLAT, evidence=evidence)
    for height in (6, 8, 10):
        for place in range(3):
            shown = text(diagnosis_rows(diverged, 43, height, Choice(FLAT.label, place)))
            assert "✗ The training loss does not fall" in shown
            assert f"▸{place + 1}  {FLAT.fixes[place].title[:20]}" in shown
            assert "fact 59" not in shown


def test_the_heading_stays_above_what_is_scrolled(diverged: Monitored) -> None:
    many = tuple(msgspec.structs.replace(FLAT.fixes[0], title=f"Change number {n}") for n in range(9))
    diverged.curves.findings[FLAT.label] = msgspec.structs.replace(FLAT, fixes=many)
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    rows = diagnosis_rows(diverged, 43, 8, Choice(FLAT.label, 8))
    assert text(rows[1:2]).startswith("✗ The training loss does not fall")
    assert "▸9  Change number 8" in text(rows)
    scrolled = diagnosis_rows(diverged, 43, 8, Choice(FLAT.label, 8), scrolled=99)
    assert text(scrolled[1:]).startswith(("! Overfitting", "✗ The training"))
    assert "Stop early: patience 10" in text(scrolled)


def test_titles_are_cut_with_an_ellipsis_and_that_of_the_selected_fix_is_whole(diverged: Monitored) -> None:
    title = "Lower the learning rate of the whole net by a thousand: 1.0 → 0.001"
    fixes = tuple(msgspec.structs.replace(FLAT.fixes[0], title=f"{title}{n}") for n in range(3))
    diverged.curves.findings[FLAT.label] = msgspec.structs.replace(FLAT, fixes=fixes)
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    rows = diagnosis_rows(diverged, 43, 12, Choice(FLAT.label, 1))
    assert f"{title}1" in words(rows)
    cut = [line for line in text(rows).splitlines() if line.startswith("  ") and "Lower the learning" in line]
    assert len(cut) == 2
    assert all(line.endswith("…") for line in cut)


def test_the_selected_finding_shows_its_evidence_where_there_is_room_for_one(diverged: Monitored) -> None:
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    first = words(diagnosis_rows(diverged, 43, 20, Choice(FLAT.label, 1)))
    assert (FLAT.evidence in first, OVERFIT.evidence in first) == (True, False)
    for selected in (Choice(OVERFIT.label), Choice(OVERFIT.label, 1)):
        second = words(diagnosis_rows(diverged, 43, 20, selected))
        assert (FLAT.evidence in second, OVERFIT.evidence in second) == (False, True)


def test_a_healthy_run_says_so(running: Monitored) -> None:
    assert "✓ Healthy so far: no finding in 12 epochs." in words(diagnosis_rows(running, 40, 10, None))
    assert "best validation loss was 3 epochs ago" in words(diagnosis_rows(running, 40, 10, None))


@pytest.mark.parametrize(
    ("facts", "val_loss", "val_acc", "healthy"),
    [
        ({}, 2.3, 0.1, True),
        ({"classes": 10}, 2.3, 0.1, False),
        ({"classes": 10}, 1.9, 0.11, False),
        ({"classes": 10}, 1.9, 10.0, False),
        ({"classes": 10}, 1.9, 0.3, True),
        ({"chance_loss": 2.3}, 2.25, 0.3, False),
    ],
)
def test_a_run_that_still_guesses_is_not_called_healthy(
    tmp_path: Path, facts: dict[str, Any], val_loss: float, val_acc: float, healthy: bool
) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin(**facts)
    run.train_epoch(2.29, val_loss, 0.1, val_acc, 1e-3)
    shown = words(diagnosis_rows(monitored(run), 60, 10, None))
    assert ("Healthy so far" in shown) == healthy
    assert ("No finding in 1 epoch, and no better than guessing." in shown) != healthy


def test_a_run_with_findings_that_are_only_worth_knowing_is_healthy(diverged: Monitored) -> None:
    diverged.curves.findings[FLAT.label] = msgspec.structs.replace(FLAT, severity="info")
    shown = words(diagnosis_rows(diverged, 60, 30, None))
    assert "nothing serious in 3 epochs" in shown
    assert shown.index("Healthy") < shown.index(FLAT.title)


def test_a_warning_stands_on_one_line_under_the_findings_with_the_number_of_all(diverged: Monitored) -> None:
    diverged.warnings = ["the GPU is shared", f"2 images cannot be read: {'x' * 80}"]
    rows = diagnosis_rows(diverged, 43, 17, None)
    assert len(rows) <= 17
    assert text(rows[-1:]).startswith("! 2 images cannot be read: xx")
    assert text(rows[-1:]).endswith("… · 2 warnings")
    assert text([fix_hint(diverged, 40)]).startswith("✗ The training loss")


def test_a_warning_stands_under_the_word_that_a_run_is_healthy(running: Monitored) -> None:
    running.warnings = ["2 images cannot be read"]
    assert words(diagnosis_rows(running, 40, 10, None)).endswith("! 2 images cannot be read")
    assert text([fix_hint(running, 40)]).strip() == "! 2 images cannot be read"


def test_warnings_without_end_are_not_counted_to_the_last(running: Monitored) -> None:
    running.warnings = [f"loss is nan at step {n}" for n in range(WARNINGS)]
    assert words(diagnosis_rows(running, 60, 10, None)).endswith(f" · {WARNINGS}+ warnings")


def test_before_the_first_epoch_nothing_is_judged(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    assert "begins after the first epoch" in words(diagnosis_rows(monitored(run), 40, 10, None))


def test_small_screens_get_one_line_with_the_worst_finding_and_its_keys(diverged: Monitored) -> None:
    row = fix_hint(diverged, 40)
    assert width_of(row) == 40
    assert text([row]).startswith("✗ The training loss does not")
    assert text([row]).endswith("… 1…3 fixes")
    diverged.curves.findings[FLAT.label] = msgspec.structs.replace(FLAT, fixes=FLAT.fixes[:1])
    assert text([fix_hint(diverged, 40)]).endswith("… 1 fix")


def test_findings_are_ranked_by_severity_then_confidence_then_the_latest(running: Monitored) -> None:
    def found(label: str, severity: Any, confidence: float, shown: int) -> None:
        running.curves.findings[label] = msgspec.structs.replace(
            OVERFIT, label=label, title=label, severity=severity, confidence=confidence, shown_epoch=shown, fixes=()
        )

    found("old", "warning", 0.6, 3)
    found("late", "warning", 0.6, 9)
    found("sure", "warning", 0.9, 2)
    found("worst", "critical", 0.5, 1)
    found("known", "info", 1.0, 12)
    assert [finding.label for finding in running.findings] == ["worst", "sure", "late", "old", "known"]
    shown = text(diagnosis_rows(running, 60, 40, None))
    assert shown.index("worst ·") < shown.index("sure ·") < shown.index("late ·") < shown.index("old ·")


def test_muted_findings_are_one_line_that_names_the_worst(diverged: Monitored) -> None:
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    diverged.muted = frozenset({FLAT.label})
    rows = diagnosis_rows(diverged, 60, 30, Choice(OVERFIT.label, 0))
    assert "1 finding, worst first" in text(rows)
    assert text(rows).endswith("… · ↓ m unmute")
    assert text(rows[-1:]).startswith("✗ 1 muted: The training loss does not fall")
    assert FLAT.evidence[:20] not in text(rows)
    assert [fix.title for _, fix in diverged.fixes] == [fix.title for fix in OVERFIT.fixes]
    diverged.muted |= {OVERFIT.label}
    rows = diagnosis_rows(diverged, 60, 30, None)
    assert "No finding but what is muted in 3 epochs." in text(rows)
    assert "✗ 2 muted: The training loss does not fall" in text(rows)
    assert "Healthy" not in text(rows)
    assert text(rows).endswith("… · m unmute")
    unfolded = text(diagnosis_rows(diverged, 60, 30, Choice(OVERFIT.label)))
    assert "!▸Overfitting" in unfolded
    assert "✗ The training loss" in unfolded


def test_a_muted_finding_stays_in_sight_where_little_fits(diverged: Monitored) -> None:
    diverged.curves.findings[OVERFIT.label] = OVERFIT
    diverged.muted = frozenset({FLAT.label})
    diverged.warnings = ["the GPU is shared"]
    assert "✗ 1 muted" in text(diagnosis_rows(diverged, 43, 6, Choice(OVERFIT.label, 0)))
    diverged.muted |= {OVERFIT.label}
    diverged.warnings = []
    assert text([fix_hint(diverged, 40)]).startswith("✗ 2 muted: The training")


def test_what_was_resolved_is_said_where_there_is_room(tmp_path: Path) -> None:
    run = faulty_run(tmp_path, live=True)
    run.find(OVERFIT)
    run.stay_flat(2)
    run.find(OVERFIT, "resolved")
    found = monitored(run)
    line = "✓ resolved: Overfitting: the validation loss rises while the training loss falls, epoch 5"
    assert line in text(diagnosis_rows(found, 100, 40, None))
    assert "resolved: Overfitting" not in text(diagnosis_rows(found, 43, 9, None))
    run.find(FLAT, "resolved")
    shown = text(diagnosis_rows(monitored(run), 60, 20, None))
    assert "Healthy so far" in shown
    assert "resolved: The training loss" in shown
    run.find(OVERFIT)
    assert "resolved: Overfitting" not in text(diagnosis_rows(monitored(run), 100, 40, None))


def test_a_finding_that_another_one_tells_was_not_resolved(tmp_path: Path) -> None:
    run = faulty_run(tmp_path, live=True)
    run.find(msgspec.structs.replace(FLAT, evidence="It is flat. Now told as: The loss is not a number."), "resolved")
    run.find(OVERFIT)
    assert monitored(run).resolved == []


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"train_loss": ["nan", "nan", "nan"]}, "The loss is not a number since epoch 1."),
        ({"train_loss": [2.0, "inf", "nan"], "val_loss": [2.0, 1.0, 0.9]}, "The loss is not a number since epoch 2."),
        ({"train_loss": [2.0, 1.0, 0.9], "val_loss": ["nan", 2.0, "nan"]},
         "The validation loss is not a number since epoch 3."),
    ],
)  # fmt: skip
def test_a_run_whose_loss_is_not_a_number_is_never_called_healthy(
    tmp_path: Path, metrics: dict[str, list[Any]], said: str
) -> None:
    run = FakeRun(tmp_path, state="finished")
    run.write(*(
        Epoch(epoch=at + 1, step=10 * (at + 1), metrics={name: values[at] for name, values in metrics.items()})
        for at in range(3)
    ))  # fmt: skip
    shown = words(diagnosis_rows(monitored(run), 60, 10, None))
    assert f"✗ {said}" in shown
    assert "Healthy" not in shown
