"""The fix dialog where something stands in the way of a launch: it says what."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.tui.driving import until
from tests.tui.fakes import FLAT, LR_FIX, faulty_run
from tests.tui.fixing import CPU, Launches, dialog, stand_in, text
from training.config.problems import Problem
from training.devices.choice import Choice
from training.diagnosis.findings import Fix
from training.runs.plan import LaunchPlan
from tui.app import TraindeckApp
from tui.screens import fix as fix_module
from tui.screens.editor import EditorScreen
from tui.screens.fix import FixScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Launches:
    return stand_in(monkeypatch)


async def test_a_fix_without_a_setting_is_advice_in_words(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder, index=2) as (pilot, fix, answer):
        assert "Check that the inputs are normalised" in text(fix)
        assert "No setting does this yet" in text(fix)
        await pilot.press("enter")
        assert not answer.given
        assert launches.asked == []


async def test_a_fix_that_changes_nothing_says_so_and_cannot_be_launched(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    same = Fix(title="Learning rate 1", effect="None.", patch={"learning_rate": 1.0})
    async with dialog(run.folder, msgspec.structs.replace(FLAT, fixes=(same,))) as (pilot, fix, _answer):
        assert "changes nothing in this config" in text(fix)
        await pilot.press("enter")
        assert launches.asked == []


async def test_what_stops_a_launch_is_named_and_stops_it(
    runs_dir: Path, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = faulty_run(runs_dir, live=True)
    blocked = LaunchPlan((Problem("No GPU with that UUID.", "runtime.device"),), CPU.device, CPU.survival, True)
    monkeypatch.setattr(fix_module, "plan", lambda config, base_dir, replacing: blocked)
    async with dialog(run.folder) as (pilot, fix, _answer):
        assert "runtime.device: No GPU with that UUID." in text(fix)
        await pilot.press("enter")
        assert launches.asked == []


async def test_a_question_of_the_device_is_asked_before_the_launch(
    runs_dir: Path, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = faulty_run(runs_dir, live=True)
    asking = LaunchPlan(
        (), Choice("cpu", "CPU", "asked for", confirm="Train on the CPU although there is a GPU?"), CPU.survival
    )
    monkeypatch.setattr(fix_module, "plan", lambda config, base_dir, replacing: asking)
    async with dialog(run.folder) as (_pilot, fix, _answer):
        assert "Train on the CPU although there is a GPU? Enter says yes." in text(fix)


async def test_a_launch_that_fails_says_why_and_can_be_tried_again(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    launches.fails = "the disk is full"
    async with dialog(run.folder) as (pilot, fix, answer):
        await pilot.press("enter")
        await until(pilot, lambda: "the disk is full" in text(fix))
        assert not answer.given
        launches.fails = ""
        await pilot.press("enter")
        await until(pilot, lambda: answer.given)


async def test_a_run_without_a_readable_config_says_what_is_wrong(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    run.folder.config.write_text("learning_rate: [")
    async with dialog(run.folder) as (_pilot, fix, _answer):
        assert "config.yaml:1" in text(fix)


async def test_a_run_that_left_no_weights_is_corrected_from_scratch_and_that_is_said(
    runs_dir: Path, launches: Launches
) -> None:
    run = faulty_run(runs_dir)
    run.finish()
    from_best = msgspec.structs.replace(LR_FIX, start_from="best")
    finding = msgspec.structs.replace(FLAT, fixes=(from_best,))
    async with dialog(run.folder, finding) as (pilot, fix, answer):
        assert "This run has no best checkpoint to start from." in text(fix)
        assert "starts from scratch, on the same split" in text(fix)
        await pilot.press("enter")
        await until(pilot, lambda: answer.given)
        assert launches.asked[0][0].fix.start_from == "scratch"
    run.folder.checkpoints.mkdir()
    (run.folder.checkpoints / "best.pt").write_bytes(b"weights")
    async with dialog(run.folder, finding) as (_, fix, _answer):
        assert "starts from this run's best checkpoint" in text(fix)


@pytest.mark.parametrize("kind", ["reported", "wrapped", "foreign"])
async def test_a_run_that_traindeck_did_not_launch_is_told_what_to_set_and_cannot_be_launched(
    runs_dir: Path, launches: Launches, kind: str
) -> None:
    run = faulty_run(runs_dir, kind=kind)
    run.folder.config.unlink()
    async with dialog(run.folder) as (pilot, fix, answer):
        assert "learning_rate  0.001" in text(fix)
        assert "traindeck did not launch this run" in text(fix)
        assert "e Edit" not in "".join(segment.text for segment in fix.query_one(KeyBar).render_line(0))
        await pilot.press("enter", "e")
        assert not answer.given
        assert launches.asked == []


async def test_a_folder_without_a_run_says_so(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir)
    run.folder.summary.unlink()
    async with dialog(run.folder) as (_, fix, _answer):
        assert "there is no run here any more" in text(fix)


async def test_e_opens_a_copy_of_the_config_where_a_fix_is_advice(runs_dir: Path) -> None:
    run = faulty_run(runs_dir, live=True)
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        fix = FixScreen(run.folder, FLAT, 2)
        app.push_screen(fix)
        await until(pilot, lambda: fix.query("#fix-advice"))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EditorScreen))
        editor = app.screen
        assert isinstance(editor, EditorScreen)
        assert editor.draft.config.learning_rate == 1.0
        assert editor.draft.path is None
        assert fix not in app.screen_stack
