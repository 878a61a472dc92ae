"""What reaches a user who looks elsewhere: the terminal's title, its bell, its notifications, and nothing too often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import home, until
from tests.tui.fakes import FLAT, OVERFIT, FakeRun, learning_run
from tests.tui.monitoring import monitor
from tests.tui.terminal import listen
from training.runs.lifecycle import view
from tui.app import TraindeckApp
from tui.away.bell import Bell
from tui.away.title import POP, PUSH, show_title, title_of, title_of_all
from tui.away.watching import tell_of_runs
from tui.screens.help import HelpScreen
from tui.screens.monitor import MonitorScreen


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return listen(monkeypatch)


def titles(heard: list[str]) -> list[str]:
    return [data.removeprefix(PUSH).removeprefix("\x1b]2;").removesuffix("\x07") for data in heard if "\x1b]2;" in data]


def rings(heard: list[str]) -> list[str]:
    """The notifications with the bell behind them."""
    return [data for data in heard if "\x1b]9;" in data or data == "\x07"]


def settings(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config/traindeck/settings.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


# The title


async def test_the_title_shows_the_progress_and_is_told_only_when_that_changes(
    runs_dir: Path, heard: list[str]
) -> None:
    run = learning_run(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: titles(heard) == ["▶ 40 % digits-adam-0.001 – traindeck"])
        assert heard[0].startswith(PUSH)
        screen.screen.paint()
        screen.screen.paint()
        assert len(titles(heard)) == 1
        run.learn(3)
        await screen.until(lambda: len(titles(heard)) > 1)
        await screen.shows("epoch 15/30")
        assert titles(heard)[-1] == "▶ 50 % digits-adam-0.001 – traindeck"
        run.finish()
        await screen.until(lambda: titles(heard)[-1] == "✓ finished digits-adam-0.001 – traindeck")
        assert sum(data.startswith(PUSH) for data in heard) == 1


async def test_a_finished_run_costs_one_title_and_then_nothing(runs_dir: Path, heard: list[str]) -> None:
    run = learning_run(runs_dir)
    run.finish()
    async with monitor(run.folder) as screen:
        await screen.shows("✓ finished")
        await screen.until(lambda: titles(heard))
        before = len(heard)
        for _ in range(5):
            screen.screen.paint()
        assert heard[before:] == []
        assert len(titles(heard)) == 1
        assert rings(heard) == []


async def test_the_terminal_gets_its_title_back_when_the_app_ends(runs_dir: Path, heard: list[str]) -> None:
    app = TraindeckApp(runs_dir, watch=learning_run(runs_dir).folder)
    async with app.run_test() as pilot:
        await until(pilot, lambda: titles(heard))
        app.exit()
    assert heard[-1] == f"\x1b]2;\x07{POP}"


async def test_an_app_that_set_no_title_takes_none_away(runs_dir: Path, heard: list[str], tmp_path: Path) -> None:
    settings("title: off", tmp_path)
    app = TraindeckApp(runs_dir, watch=learning_run(runs_dir).folder)
    async with app.run_test() as pilot:
        show_title(app, "mine")
        await pilot.pause()
    assert not any("\x1b]2;" in data or POP in data for data in heard)


def test_a_title_names_the_state_and_a_name_cannot_end_the_sequence(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "a", state="failed")
    run.change_summary(name="x\x07\x1b]0;owned\x07" + "y" * 100)
    evil = view(run.folder)
    assert evil is not None
    assert title_of(evil, 0.5) == f"✗ failed x{'y' * 58}… – traindeck"


def test_of_several_runs_the_title_counts_those_that_go_on(runs_dir: Path) -> None:
    names = ("a", "b", "c")
    runs = [view(FakeRun(runs_dir, name, live=name != "c", epoch=15, state="running").folder) for name in names]
    views = [run for run in runs if run is not None]
    assert title_of_all(views[:1]) == "▶ 50 % a – traindeck"
    assert title_of_all(views[:2]) == "▶ 2 runs – traindeck"
    assert title_of_all([]) == "traindeck"


# Bell and notification


async def test_an_end_rings_once_and_says_how_it_went(runs_dir: Path, heard: list[str]) -> None:
    run = learning_run(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.shows("epoch 12/30")
        run.finish("all epochs done")
        await screen.shows("✓ finished")
        await screen.until(lambda: rings(heard))
        (ring,) = rings(heard)
        assert ring.startswith("\x1b]9;✓ digits-adam-0.001 finished: epoch 12 of 30")
        assert ring.endswith("\x07\x07")


async def test_a_critical_finding_rings_once_and_a_warning_or_a_muted_one_does_not(
    runs_dir: Path, heard: list[str]
) -> None:
    run = learning_run(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.shows("epoch 12/30")
        run.find(OVERFIT)
        await screen.shows("Overfitting")
        assert rings(heard) == []
        run.find(FLAT)
        await screen.until(lambda: rings(heard))
        assert rings(heard) == [f"\x1b]9;✗ digits-adam-0.001: {FLAT.title}\x07\x07"]
        run.change_summary(findings=[])
        run.find(FLAT)
        run.learn(1)
        await screen.shows("epoch 13/30")
        assert len(rings(heard)) == 1


async def test_it_rings_while_another_screen_lies_over_the_monitor(runs_dir: Path, heard: list[str]) -> None:
    run = learning_run(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.app.push_screen(HelpScreen("monitor"))
        run.crash(exit_code=None, signal=9)
        await screen.until(lambda: rings(heard))
        assert "crashed: killed by signal 9 (SIGKILL)" in rings(heard)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("bell: off", "\x1b]9;✓ a finished: done\x07"), ("notify: off", "\x07"), ("bell: off\nnotify: off", "")],
)
async def test_bell_and_notification_can_be_switched_off(
    text: str, expected: str, runs_dir: Path, heard: list[str], tmp_path: Path
) -> None:
    settings(text, tmp_path)
    run = FakeRun(runs_dir, "a", live=True)
    async with TraindeckApp(runs_dir).run_test() as pilot:
        bell = Bell(pilot.app)
        look(bell, run)
        run.finish("done")
        look(bell, run)
        (ring,) = rings(heard) or [""]
        assert ring.partition("; epoch")[0].replace(": epoch 0 of 30 after 0 s", ": done") == expected


def look(bell: Bell, run: FakeRun) -> None:
    seen = view(run.folder)
    assert seen is not None
    bell.look([seen])


async def test_what_two_screens_see_rings_once_and_an_older_reading_never(runs_dir: Path, heard: list[str]) -> None:
    run = FakeRun(runs_dir, "a", live=True)
    live = view(run.folder)
    run.finish()
    run.change_summary(updated=run.t + 5)
    over = view(run.folder)
    assert live is not None
    assert over is not None
    async with TraindeckApp(runs_dir).run_test() as pilot:
        bell = Bell(pilot.app)
        for seen in (live, over, over, live, over):
            bell.look([seen])
        assert len(rings(heard)) == 1
        run.change_summary(state="running", updated=run.t + 10, ended=0.0)
        look(bell, run)
        run.change_summary(state="failed", updated=run.t + 20)
        look(bell, run)
        assert len(rings(heard)) == 2


async def test_what_was_over_or_wrong_when_it_was_first_seen_is_no_news(runs_dir: Path, heard: list[str]) -> None:
    run = FakeRun(runs_dir, "a", live=True)
    run.find(FLAT)
    other = FakeRun(runs_dir, "b", state="failed")
    async with TraindeckApp(runs_dir).run_test() as pilot:
        views = [seen for folder in (run.folder, other.folder) if (seen := view(folder))]
        tell_of_runs(pilot.app.screen, views)
        tell_of_runs(pilot.app.screen, views)
        assert rings(heard) == []


async def test_inside_tmux_the_notification_is_passed_through_and_the_bell_is_tmuxs(
    runs_dir: Path, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    run = FakeRun(runs_dir, "a", live=True)
    async with TraindeckApp(runs_dir).run_test() as pilot:
        bell = Bell(pilot.app)
        look(bell, run)
        run.finish()
        look(bell, run)
        (ring,) = rings(heard)
        assert ring.startswith("\x1bPtmux;\x1b\x1b]9;✓ a finished")
        assert ring.endswith("\x07\x1b\\\x07")


async def test_broken_settings_are_said_once_and_cost_nothing_else(
    runs_dir: Path, heard: list[str], tmp_path: Path
) -> None:
    settings("bel: off", tmp_path)
    run = learning_run(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: titles(heard))
        (note,) = screen.app._notifications
        assert "bel: There is no such setting. Did you mean bell?" in note.message


# Home


async def test_home_tells_of_its_runs_and_takes_the_title_over_when_one_comes_back_to_it(
    runs_dir: Path, heard: list[str]
) -> None:
    run = FakeRun(runs_dir, "a", live=True, epoch=15)
    other = FakeRun(runs_dir, "b", live=True)
    async with home(runs_dir) as app:
        await app.until(lambda: titles(heard) == ["▶ 2 runs – traindeck"])
        other.finish()
        await app.until(lambda: rings(heard))
        assert rings(heard)[0].startswith("\x1b]9;✓ b finished")
        await app.until(lambda: titles(heard)[-1] == "▶ 50 % a – traindeck")
        app.app.open_monitor(run.folder)
        await app.until(lambda: isinstance(app.app.screen, MonitorScreen) and app.app.screen.run.view)
        other.change_summary(name="told by nobody")
        await app.press("q")
        await app.until(lambda: app.app.screen is app.home)
        assert len(rings(heard)) == 1
        assert {title.partition(" –")[0] for title in titles(heard)} <= {"▶ 2 runs", "▶ 50 % a", "▶ 0 % a"}
