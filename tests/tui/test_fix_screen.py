"""The fix dialog: says everything before it does anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.tui.driving import until
from tests.tui.fakes import FLAT, LR_FIX, FakeRun, StillMachine, faulty_run
from tests.tui.fixing import Launches, choices, dialog, stand_in, text
from tests.tui.monitoring import SIZES, Stage
from training.config.fields import value
from training.config.files import load
from training.config.model import Block, Model
from training.config.schema import TrainingConfig
from training.diagnosis.findings import Fix
from tui.screens.fix import FateChoice, FixScreen
from tui.screens.monitor import MonitorScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Launches:
    return stand_in(monkeypatch)


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
