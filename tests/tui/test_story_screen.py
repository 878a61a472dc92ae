"""The full story of a finding, and muting it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Static

from tests.tui.fakes import FLAT, OVERFIT, FakeRun, faulty_run
from tests.tui.fixing import CPU, Launches
from tests.tui.monitoring import SIZES, MonitorPilot, monitor
from training.diagnosis.rules import rule_of
from training.runs.muting import read_muted
from tui.screens import fix as fix_module
from tui.screens.fix import FixScreen
from tui.screens.monitor import MonitorScreen
from tui.screens.story import RemedyTitle, StoryScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture
def two(runs_dir: Path) -> FakeRun:
    run = faulty_run(runs_dir, live=True)
    run.find(OVERFIT)
    run.stay_flat(2)
    run.find(msgspec.structs.replace(FLAT, evidence="Train loss 2.31 after 5 epochs."), "changed")
    return run


@asynccontextmanager
async def story(
    run: FakeRun, *keys: str, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[MonitorPilot, StoryScreen]]:
    """The story that these keys open, once it knows the config."""
    async with monitor(run.folder, size) as screen:
        await screen.until(lambda: len(screen.screen.run.findings) == 2)
        await screen.press(*(keys or ("w",)))
        shown = screen.app.screen
        assert isinstance(shown, StoryScreen)
        await screen.until(lambda: any(line.old for remedy in shown.story.remedies for line in remedy.lines))
        await screen.pilot.pause()
        yield screen, shown


def text(screen: StoryScreen) -> str:
    return "\n".join(str(part.visual) for part in screen.query(Static))


async def test_it_tells_everything_in_order(two: FakeRun) -> None:
    async with story(two) as (_, screen):
        shown = text(screen)
        rule = rule_of(FLAT.label)
        assert rule is not None
        parts = (
            f"✗ {FLAT.title}",
            "Critical, high confidence. Since epoch 1; first shown after epoch 3.",
            "Train loss 2.31 after 5 epochs.",
            "* train_loss  o val_loss",
            "┝",
            " ".join(rule.why.split()),
            f"1. {FLAT.causes[0]}",
            FLAT.fixes[0].title,
            FLAT.fixes[0].effect,
            "Starts from scratch.",
            "learning_rate: 1.0 → 0.001",
            FLAT.fixes[2].title,
            "Change this by hand: no setting does it.",
            "Section 11 Common issues",
            f"Epoch 3: opened, critical: {FLAT.evidence}",
            "Epoch 5: changed, critical: Train loss 2.31 after 5 epochs.",
        )
        at = [shown.find(part) for part in parts]
        assert -1 not in at, parts[at.index(-1)]
        assert at == sorted(at)
        assert OVERFIT.title not in shown


@pytest.mark.parametrize("size", SIZES)
async def test_all_of_it_can_be_reached_at_every_size(two: FakeRun, size: tuple[int, int]) -> None:
    async with story(two, size=size) as (screen, shown):
        body = shown.query_one("#story-body")
        for _ in range(30):
            await screen.press("pagedown")
        assert body.scroll_offset.y == body.max_scroll_y
        bar = shown.query_one("KeyBar")
        assert (bar.region.height, bar.region.bottom <= size[1]) == (1, True)
        assert all(part.region.right <= size[0] for part in shown.query(Static))
        await screen.press("escape")
        assert screen.app.screen is screen.screen


async def test_enter_on_a_finding_opens_its_story_and_enter_on_a_fix_there_opens_the_fix(two: FakeRun) -> None:
    async with story(two, "down", "down", "down", "enter") as (screen, shown):
        assert shown.finding.label == OVERFIT.label
        await screen.press("down", "enter")
        fix = screen.app.screen
        assert isinstance(fix, FixScreen)
        assert (fix.finding.label, fix.fix.title) == (OVERFIT.label, OVERFIT.fixes[1].title)
        await screen.press("escape")
        assert screen.app.screen is shown


async def test_the_marked_fix_is_in_sight(two: FakeRun) -> None:
    async with story(two, size=(40, 12)) as (screen, shown):
        for number, title in enumerate(shown.query(RemedyTitle)):
            await screen.press(*(["down"] if number else ["down", "up"]))
            assert title.has_class("marked")
            assert shown.query_one("#story-body").region.contains_region(title.region)


async def test_a_run_launched_from_the_story_is_shown(two: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fix_module, "launch_correction", Launches())
    monkeypatch.setattr(fix_module, "plan", lambda config, base_dir, replacing: CPU)
    async with story(two) as (screen, _):
        await screen.press("enter")
        fix = screen.app.screen
        assert isinstance(fix, FixScreen)
        await screen.until(lambda: fix.proposal)
        await screen.press("enter")
        await screen.until(
            lambda: isinstance(screen.app.screen, MonitorScreen) and screen.app.screen is not screen.screen
        )
        now = screen.app.screen
        assert isinstance(now, MonitorScreen)
        assert now.folder.id == "digits-adam-1-fix"


async def test_a_story_without_curves_has_no_chart(runs_dir: Path) -> None:
    run = faulty_run(runs_dir)
    run.find(msgspec.structs.replace(OVERFIT, curves=("never_logged",)))
    async with story(run, "down", "down", "down", "enter") as (_, shown):
        assert not shown.query_one("#story-chart").display


async def test_m_mutes_the_selected_finding_and_m_on_it_brings_it_back(two: FakeRun) -> None:
    async with monitor(two.folder) as screen:
        await screen.shows("2 findings", "diagnosis")
        await screen.press("m")
        await screen.shows("1 finding, worst first", "diagnosis")
        await screen.shows(f"✗ 1 muted: {FLAT.title[:20]}", "diagnosis")
        assert read_muted(two.folder) == {FLAT.label}
        assert screen.screen.chosen is not None
        assert screen.screen.chosen.label == OVERFIT.label
        await screen.press("down", "down", "down")
        await screen.shows(f"✗▸{FLAT.title[:20]}", "diagnosis")
        await screen.press("m")
        await screen.shows("2 findings", "diagnosis")
        assert read_muted(two.folder) == frozenset()


async def test_where_all_is_muted_m_brings_back_what_was_muted_last(two: FakeRun) -> None:
    async with monitor(two.folder, (100, 24)) as screen:
        await screen.shows("2 findings", "diagnosis")
        await screen.press("m")
        await screen.shows("1 muted", "diagnosis")
        await screen.press("m")
        await screen.shows("2 muted", "diagnosis")
        await screen.shows("m unmute", "diagnosis")
        bar = screen.screen.query_one(KeyBar)
        assert "m Unmute" in "".join(segment.text for segment in bar.render_line(0))
        await screen.press("m")
        await screen.shows("1 muted", "diagnosis")
        assert read_muted(two.folder) == {FLAT.label}
        assert "m Mute" in "".join(segment.text for segment in bar.render_line(0))


async def test_the_story_of_a_muted_finding_says_so_and_offers_to_hear_of_it_again(two: FakeRun) -> None:
    async with story(two) as (screen, shown):
        note, bar = shown.query_one("#story-muted"), shown.query_one(KeyBar)
        assert not note.display
        for muted, word in ((True, "m Unmute"), (False, "m Mute")):
            await screen.press("m")
            await screen.until(lambda: note.display == muted)  # noqa: B023
            assert word in "".join(segment.text for segment in bar.render_line(0))


async def test_what_another_viewer_mutes_is_folded_here_too(two: FakeRun) -> None:
    async with monitor(two.folder) as screen:
        await screen.shows("2 findings", "diagnosis")
        two.folder.muted.write_text(f'{{"labels": ["{OVERFIT.label}"]}}')
        await screen.shows("! 1 muted: Overfitting", "diagnosis")


async def test_a_folder_that_cannot_be_written_is_said(two: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    async with monitor(two.folder) as screen:
        await screen.shows("2 findings", "diagnosis")
        monkeypatch.setattr("training.files.replace", refuse)
        await screen.press("m")
        await screen.until(lambda: any("No space left" in note.message for note in screen.app._notifications))
        assert "2 findings" in screen.text("diagnosis")


async def test_in_a_log_of_another_tool_a_finding_is_muted_for_the_screen_alone(runs_dir: Path) -> None:
    run = faulty_run(runs_dir, kind="foreign")
    run.find(OVERFIT)
    async with monitor(run.folder) as screen:
        await screen.shows("2 findings", "diagnosis")
        await screen.press("m")
        await screen.shows("✗ 1 muted", "diagnosis")
        run.change_summary(epoch=4)
        await screen.until(lambda: screen.screen.run.view and screen.screen.run.view.summary.epoch == 4)
        assert screen.screen.run.muted == {FLAT.label}
        assert not run.folder.muted.exists()
