"""The fix dialog: says everything before it does anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.driving import until
from tests.tui.fakes import FLAT, LR_FIX, FakeRun, StillMachine, faulty_run
from tests.tui.monitoring import SIZES, ChartScreen, Stage
from training.config.fields import value
from training.config.files import load
from training.config.model import Block, Model
from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.devices.choice import Choice
from training.diagnosis.findings import Finding, Fix
from training.errors import RunFailed
from training.runs.correct import Correction, Fate
from training.runs.layout import RunFolder
from training.runs.plan import LaunchPlan
from training.runs.survival import Survival
from tui.app import TraindeckApp
from tui.screens import fix as fix_module
from tui.screens.editor import EditorScreen
from tui.screens.fix import FateChoice, FixScreen
from tui.screens.monitor import MonitorScreen
from tui.widgets.keybar import KeyBar

CPU = LaunchPlan(
    (), Choice("cpu", "CPU", "no GPU was found"), Survival(True, "This run goes on when you log out."), True
)


class Launches:
    """Stands in for the launch of a real process: remembers what was asked for and makes the child's folder."""

    def __init__(self) -> None:
        self.asked: list[tuple[Correction, Fate | None]] = []
        self.fails = ""

    def __call__(self, correction: Correction, fate: Fate | None, plan: LaunchPlan, name: str = "") -> RunFolder:
        self.asked.append((correction, fate))
        if self.fails:
            raise RunFailed(self.fails)
        if fate == "live":
            return correction.parent
        child = FakeRun(
            correction.parent.path.parent,
            f"{correction.parent.id}-fix",
            config=correction.config,
            live=True,
            state="starting",
            parent=correction.parent.id,
            reason=correction.fix.title,
        )
        return child.folder


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Launches:
    found = Launches()
    monkeypatch.setattr(fix_module, "launch_correction", found)
    monkeypatch.setattr(fix_module, "plan", lambda config, base_dir, replacing: CPU)
    return found


class Answer:
    """What the dialog answered."""

    def __init__(self) -> None:
        self.given = False
        self.folder: RunFolder | None = None

    def __call__(self, folder: RunFolder | None) -> None:
        self.given, self.folder = True, folder


@asynccontextmanager
async def dialog(
    folder: RunFolder, finding: Finding = FLAT, index: int = 0, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], FixScreen, Answer]]:
    """The dialog, once it knows what the fix would do."""
    answer, fix = Answer(), FixScreen(folder, finding, index)
    async with Stage(ChartScreen()).run_test(size=size) as pilot:
        pilot.app.push_screen(fix, answer)
        await until(pilot, lambda: fix.query("#fix-advice, .problem, .changes"))
        yield pilot, fix, answer


def text(screen: FixScreen) -> str:
    return "\n".join(str(part.visual) for part in screen.query(Static))


def choices(screen: FixScreen) -> list[tuple[Fate, bool]]:
    return [(choice.fate, choice.has_class("marked")) for choice in screen.query(FateChoice)]


async def test_it_shows_the_change_the_parents_fate_the_start_the_device_and_survival(
    runs_dir: Path, launches: Launches
) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder) as (_, fix, _answer):
        shown = text(fix)
        for part in (
            "Fix: Lower the learning rate: 1 → 0.001",
            FLAT.title,
            LR_FIX.effect,
            "learning_rate  1.0  →  0.001",
            "Stop it with a checkpoint, then start the corrected run (default)",
            "Let it train on beside the corrected run",
            "starts from scratch, on the same split",
            "Device: CPU (no GPU was found).",
            "This run goes on when you log out.",
        ):
            assert part in shown
        assert choices(fix) == [("stop", True), ("beside", False)]
        assert launches.asked == []


@pytest.mark.parametrize("key", ["enter", "y"])
async def test_the_launch_is_of_the_corrected_config_and_answers_the_child(
    runs_dir: Path, launches: Launches, key: str
) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder) as (pilot, _fix, answer):
        await pilot.press(key)
        await until(pilot, lambda: answer.given)
        [(correction, fate)] = launches.asked
        assert (correction.config.learning_rate, fate) == (0.001, "stop")
        assert answer.folder is not None
        assert load(answer.folder.config).learning_rate == 0.001
        assert load(run.folder.config).learning_rate == 1.0


@pytest.mark.parametrize("key", ["escape", "n", "q"])
async def test_leaving_changes_nothing(runs_dir: Path, launches: Launches, key: str) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder) as (pilot, _fix, answer):
        await pilot.press(key)
        await until(pilot, lambda: answer.given)
        assert answer.folder is None
        assert launches.asked == []


@pytest.mark.parametrize("keys", [["down"], ["j", "down", "tab"], ["k"]])
async def test_another_fate_of_the_parent_can_be_chosen(runs_dir: Path, launches: Launches, keys: list[str]) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder) as (pilot, fix, answer):
        await pilot.press(*keys)
        assert choices(fix) == [("stop", False), ("beside", True)]
        await pilot.press("enter")
        await until(pilot, lambda: answer.given)
        assert launches.asked[0][1] == "beside"


async def test_a_click_chooses_a_fate(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder) as (pilot, fix, _answer):
        await pilot.click(list(fix.query(FateChoice))[1])
        assert fix.fate == "beside"


async def test_a_parent_that_is_over_has_no_fate_to_choose(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir)
    run.finish("early stopping")
    async with dialog(run.folder) as (pilot, fix, answer):
        assert choices(fix) == []
        await pilot.press("enter")
        await until(pilot, lambda: answer.given)
        assert launches.asked[0][1] is None


async def test_a_fix_that_can_be_done_live_offers_it_and_stays_with_the_run(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    finding = msgspec.structs.replace(FLAT, fixes=(msgspec.structs.replace(LR_FIX, live=True),))
    async with dialog(run.folder, finding) as (pilot, fix, answer):
        new, bar = list(fix.query(".new-run")), fix.query_one(KeyBar)
        assert len(new) > 1
        assert all(part.display for part in new)
        assert "enter Launch" in "".join(segment.text for segment in bar.render_line(0))
        await pilot.press("down", "down")
        assert fix.fate == "live"
        assert not any(part.display for part in new)
        assert "enter Change" in "".join(segment.text for segment in bar.render_line(0))
        await pilot.press("down")
        assert all(part.display for part in new)
        await pilot.press("up", "enter")
        await until(pilot, lambda: answer.given)
        assert answer.folder == run.folder


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


@pytest.mark.parametrize("size", SIZES)
async def test_everything_can_be_reached_at_every_size(
    runs_dir: Path, launches: Launches, size: tuple[int, int]
) -> None:
    run = faulty_run(runs_dir, live=True)
    async with dialog(run.folder, size=size) as (pilot, fix, _answer):
        body = fix.query_one("#fix-body")
        for _ in range(6):
            await pilot.press("pagedown")
        assert body.scroll_offset.y == body.max_scroll_y
        bar = fix.query_one("KeyBar")
        assert bar.region.bottom <= size[1]
        assert bar.region.height == 1


async def test_after_the_launch_the_monitor_shows_the_child(runs_dir: Path, launches: Launches) -> None:
    run = faulty_run(runs_dir, live=True)
    parent = MonitorScreen(run.folder, StillMachine())
    async with Stage(parent).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: parent.run.fixes)
        await pilot.press("1")
        await until(pilot, lambda: isinstance(pilot.app.screen, FixScreen) and pilot.app.screen.proposal)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, MonitorScreen) and pilot.app.screen is not parent)
        child = pilot.app.screen
        assert isinstance(child, MonitorScreen)
        assert child.folder.id == f"{run.folder.id}-fix"
        await until(pilot, lambda: child.run.view is not None and child.run.view.summary.parent == run.folder.id)


BLOCKS = [msgspec.to_builtins(block) for block in (*Model().blocks, Block(filters=128))]


@pytest.mark.parametrize(
    ("model", "patch", "says"),
    [
        (Model(), {"model.blocks": BLOCKS}, "model.blocks.2  added: filters 128"),
        (Model(), {"model.blocks": BLOCKS[:1]}, "model.blocks.1  removed: filters 64, dropout 0.25"),
        (Model(), {"model.dense_layers.0.dropout": 0.7}, "model.dense_layers.0.dropout  0.5  →  0.7"),
        (Model(kind="vit"), {"model.dropout": 0.2}, "model.dropout  0.1  →  0.2"),
        (Model(kind="transfer", mode="partial"), {"model.mode": "full"}, "model.mode  partial  →  full"),
        (Model(), {"data.augmentation": "light"}, "data.augmentation  none  →  light"),
    ],
)
async def test_every_kind_of_patch_is_shown_value_by_value_and_launched(
    runs_dir: Path, launches: Launches, model: Model, patch: dict[str, Any], says: str
) -> None:
    run = FakeRun(runs_dir, config=TrainingConfig(model=model), live=True)
    finding = msgspec.structs.replace(FLAT, fixes=(Fix(title="Change it", effect="Better.", patch=patch),))
    async with dialog(run.folder, finding) as (pilot, fix, answer):
        assert says in text(fix)
        await pilot.press("enter")
        await until(pilot, lambda: answer.given)
        assert answer.folder is not None
        for key, new in patch.items():
            launched = msgspec.to_builtins(value(load(answer.folder.config), key))
            assert list(launched) == new if isinstance(new, list) else launched == new


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
