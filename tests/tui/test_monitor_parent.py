"""A correction in the monitor: the parent's curves behind its own, and whether it was worth it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun
from tests.tui.monitoring import MonitorPilot, monitor
from tests.tui.overlaying import run_of, seeds_of
from training.runs.events import Epoch, spell_all
from tui.monitor.others import ITSELF, PARENT, SEED, others_of
from tui.monitor.parentage import LABEL, SERIES
from tui.overlay import reading
from tui.screens.choose import ChooseScreen
from tui.screens.overlay import OverlayScreen
from tui.settings import recall


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(reading, "LIVE_SECONDS", 0.02)
    monkeypatch.setattr(reading, "OVER_SECONDS", 0.02)


def corrected(runs_dir: Path, epochs: int = 12, *, live: bool = False) -> FakeRun:
    """A run that corrects a bad one."""
    run_of(runs_dir, "parent", level=1.5, learning_rate=1.0)
    child = run_of(runs_dir, "child", level=0.2, epochs=epochs, live=live)
    child.change_summary(parent="parent", reason="Lower the learning rate: 1 → 0.001")
    return child


def names(app: MonitorPilot) -> list[str]:
    """Of the curves of the first chart."""
    spec = app.screen.charts[0].spec
    return [curve.name for curve in spec.curves] if spec else []


async def test_the_parent_is_drawn_behind_and_the_verdict_is_said(runs_dir: Path) -> None:
    async with monitor(corrected(runs_dir).folder) as app:
        await app.shows("vs parent: ↑ better, val_loss", "status")
        await app.shows("noise ±", "status")
        await app.shows("since epoch 3", "status")
        await app.shows("corrects parent", "status")
        assert names(app)[0] == LABEL
        spec = app.screen.charts[0].spec
        assert spec is not None
        assert spec.curves[0].series == SERIES
        assert "parent" in app.text()


async def test_on_a_small_screen_the_verdict_takes_the_place_of_the_origin(runs_dir: Path) -> None:
    async with monitor(corrected(runs_dir).folder, (80, 24)) as app:
        await app.shows("vs parent: ↑ better, val_loss", "status")
        assert "corrects parent" not in app.text("status")
        assert app.screen.query_one("#status").size.height == 5


async def test_the_smallest_screen_has_room_for_the_curve_alone(runs_dir: Path) -> None:
    async with monitor(corrected(runs_dir).folder, (40, 12)) as app:
        await app.until(lambda: LABEL in names(app))
        assert "vs parent" not in app.text("status")


async def test_o_takes_the_parent_away_for_good_and_brings_it_back(runs_dir: Path) -> None:
    child = corrected(runs_dir)
    async with monitor(child.folder) as app:
        await app.until(lambda: LABEL in names(app))
        await app.press("o")
        assert LABEL not in names(app)
        assert recall("parent_behind", bool, True) is False
    async with monitor(child.folder) as app:
        await app.shows("vs parent: ↑ better", "status")
        assert LABEL not in names(app)
        await app.press("o")
        assert LABEL in names(app)


async def test_a_live_parent_goes_on_behind_its_child(runs_dir: Path) -> None:
    parent = run_of(runs_dir, "parent", level=1.5, learning_rate=1.0, live=True, epochs=4)
    child = run_of(runs_dir, "child", level=0.2, epochs=6, live=True)
    child.change_summary(parent="parent")
    async with monitor(child.folder) as app:
        await app.shows("at epoch 4", "status")
        parent.train_epoch(1.5, 1.5, 0.4, 0.4, 1e-3)
        await app.shows("at epoch 5", "status")


async def test_a_child_that_has_only_begun_is_not_judged(runs_dir: Path) -> None:
    async with monitor(corrected(runs_dir, epochs=2, live=True).folder) as app:
        await app.shows("vs parent: … too early to tell", "status")


async def test_a_parent_that_is_gone_is_not_missed(runs_dir: Path) -> None:
    child = corrected(runs_dir)
    shutil.rmtree(runs_dir / "parent")
    async with monitor(child.folder) as app:
        await app.shows("corrects parent", "status")
        await app.until(lambda: app.screen.parentage is not None and app.screen.parentage.parent.missing)
        assert LABEL not in names(app)
        assert "vs parent" not in app.text("status")
        assert app.screen.check_action("parent", ()) is False


async def test_a_run_without_a_parent_looks_as_ever(runs_dir: Path) -> None:
    async with monitor(run_of(runs_dir, "alone").folder) as app:
        await app.shows("finished", "status")
        assert app.screen.parentage is None
        assert app.screen.check_action("parent", ()) is False


async def test_a_longer_parent_does_not_squeeze_the_chart(runs_dir: Path) -> None:
    parent = run_of(runs_dir, "parent", learning_rate=1.0)
    for epoch in range(13, 90):
        parent.write(Epoch(epoch=epoch, step=45 * epoch, metrics=spell_all({"val_loss": 0.5, "val_acc": 0.8})))
    child = run_of(runs_dir, "child", level=0.2)
    child.change_summary(parent="parent")
    async with monitor(child.folder) as app:
        await app.until(lambda: LABEL in names(app))
        assert app.screen.charts[0].limit == 30


async def test_by_step_and_time_the_parent_lies_where_it_was(runs_dir: Path) -> None:
    async with monitor(corrected(runs_dir).folder) as app:
        await app.until(lambda: LABEL in names(app))
        for unit, reached in (("step", 12 * 45 - 1), ("time", 12 * 9.0)):
            await app.press("t")
            spec = app.screen.charts[0].spec
            assert spec is not None
            assert spec.x_name == unit
            assert spec.curves[0].name == LABEL
            assert spec.curves[0].reached == pytest.approx(reached, abs=0.5)


def test_kin_comes_first_among_the_others(runs_dir: Path) -> None:
    corrected(runs_dir)
    run_of(runs_dir, "stranger", epochs=1, model__kind="vit")
    seeds_of(runs_dir, "child", 1, 0.2, runtime__threads=2)
    from training.runs.layout import RunFolder
    from training.runs.lifecycle import view

    child = view(RunFolder(runs_dir / "child"))
    assert child is not None
    found = [(one.name, one.relation) for one in others_of(child)]
    assert found[:3] == [("parent", PARENT), ("child", ITSELF), ("child-seed-0", SEED)]
    assert ("stranger", "") in found


async def test_the_overlay_is_offered_with_the_kin_chosen(runs_dir: Path) -> None:
    child = corrected(runs_dir)
    run_of(runs_dir, "stranger", epochs=1, model__kind="vit")
    async with monitor(child.folder) as app:
        await app.shows("finished", "status")
        await app.press("O")
        await app.until(lambda: isinstance(app.app.screen, ChooseScreen))
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, OverlayScreen))
        screen = app.app.screen
        assert isinstance(screen, OverlayScreen)
        assert [run.folder.id for run in screen.overlaid.runs] == ["parent", "child"]


async def test_a_run_alone_in_its_folder_says_so(runs_dir: Path) -> None:
    async with monitor(run_of(runs_dir, "alone").folder) as app:
        await app.shows("finished", "status")
        await app.press("O")
        await app.until(lambda: any("no other run" in note.message for note in app.app._notifications))
