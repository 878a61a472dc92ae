"""Changing the running job from the monitor: the menu, what a value comes to, and what the worker answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.tui.driving import text_of
from tests.tui.fakes import STEPS_PER_EPOCH, FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor
from tests.tui.test_monitor_commands import commands
from training.config.schema import Optimization
from training.runs.events import Acknowledged, Override
from training.runs.lifecycle import view
from training.runs.log import read_all
from tui.monitor.knobs import Knobs
from tui.monitor.model import Monitored, News
from tui.screens.confirm import ConfirmScreen
from tui.screens.pick import PickScreen
from tui.screens.prompt import PromptScreen

SIZES = [(120, 40), (80, 24), (40, 12)]


@pytest.fixture
def learning(runs_dir: Path) -> FakeRun:
    return learning_run(runs_dir)


async def opened(screen: MonitorPilot) -> PickScreen:
    """The menu."""
    await screen.shows("epoch 12/30")
    await screen.press("a")
    await screen.until(lambda: isinstance(screen.app.screen, PickScreen))
    menu = screen.app.screen
    assert isinstance(menu, PickScreen)
    return menu


async def asked(screen: MonitorPilot, letter: str) -> PromptScreen:
    """The question behind the line of the menu that begins with that letter."""
    await opened(screen)
    await screen.press(letter, "enter")
    await screen.until(lambda: isinstance(screen.app.screen, PromptScreen))
    prompt = screen.app.screen
    assert isinstance(prompt, PromptScreen)
    return prompt


async def typed(screen: MonitorPilot, text: str) -> str:
    """What the question says of a text."""
    await screen.press("ctrl+u", *text)
    return text_of(screen.app, "#prompt-said")


async def test_the_menu_says_how_everything_stands(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        menu = await opened(screen)
    assert [(choice.id, choice.detail) for choice in menu.choices] == [
        ("rate", "0.001 now"), ("epochs", "30 in all, 12 done"), ("patience", "no early stopping"),
        ("checkpoint", "last.pt, where training is"), ("after", "epoch 13, validated, with a checkpoint"),
        ("pause", "after the current step"), ("stop", "after the current step, with a checkpoint"),
    ]  # fmt: skip


@pytest.mark.parametrize(("keys", "sent"), [("y", [{"rate": 1e30}]), ("n", []), ("enter", [])])
async def test_a_rate_that_seems_mistyped_is_asked_about_and_enter_alone_leaves_it(
    learning: FakeRun, keys: str, sent: list[dict[str, float]]
) -> None:
    async with monitor(learning.folder) as screen:
        await asked(screen, "l")
        await typed(screen, "1e30")
        await screen.press("enter")
        await screen.until(lambda: isinstance(screen.app.screen, ConfirmScreen))
        assert "×1e+33 of 0.001" in text_of(screen.app, "#confirm-detail")
        question = screen.app.screen
        assert isinstance(question, ConfirmScreen)
        await screen.until(lambda: question.is_painted)
        await screen.press(keys)
        await screen.until(lambda: screen.app.screen is screen.screen)
        if sent:
            await screen.until(lambda: commands(learning))
        assert [command["args"] for command in commands(learning)] == sent


@pytest.mark.parametrize("size", SIZES)
async def test_a_rate_is_asked_for_shown_against_the_old_one_and_acknowledged(
    learning: FakeRun, size: tuple[int, int]
) -> None:
    async with monitor(learning.folder, size) as screen:
        await asked(screen, "l")
        assert await typed(screen, "3e-4") == "0.001 → 0.0003 (×0.3)."
        await screen.press("enter")
        await screen.until(lambda: commands(learning))
        [sent] = commands(learning)
        assert (sent["command"], sent["args"]) == ("set_lr", {"rate": 0.0003})
        if size[0] >= 80:
            await screen.shows("new learning rate asked for, waiting for the worker", "status")
        said = "the learning rate is 0.0003 from step 541 on"
        learning.write(Acknowledged(id=sent["id"], command="set_lr", ok=True, message=said))
        await screen.until(lambda: screen.screen.run.answer == (f"✓ {said}", True))
        if size[0] >= 120:
            await screen.shows(f"✓ {said}", "status")


async def test_what_is_no_rate_is_not_taken(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        prompt = await asked(screen, "l")
        assert await typed(screen, "0") == "✗ 0.0 is out of range. Write a number greater than 0."
        await screen.press("enter")
        assert screen.app.screen is prompt
        await screen.press("escape")
        assert commands(learning) == []


async def test_new_epochs_are_asked_for_and_the_plan_follows_the_answer(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await asked(screen, "e")
        assert (await typed(screen, "60")).startswith("Ends with epoch 60, 47 after this one")
        await screen.press("enter")
        await screen.until(lambda: commands(learning))
        assert commands(learning)[0]["args"] == {"epochs": 60}
        assert "epoch 12/30" in screen.text("status")
        learning.write(Override(setting="epochs", value=60.0, step=540, epoch=13))
        await screen.shows("epoch 12/60", "status")
        await screen.shows(f"step 540/{60 * STEPS_PER_EPOCH}", "status")


async def test_fewer_epochs_than_have_begun_are_not_taken(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await asked(screen, "e")
        assert await typed(screen, "12") == "✗ Epoch 13 has begun: 13 is the least."
        assert (await typed(screen, "13")).startswith("Ends after this epoch, 13")
        assert await typed(screen, "30") == "As planned."


async def test_a_patience_is_asked_for(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await opened(screen)
        await screen.press("down", "down", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, PromptScreen))
        assert await typed(screen, "5") == "Stops after 5 more epochs without a better validation loss."
        assert await typed(screen, "0") == "No early stopping."
        await screen.press("enter")
        await screen.until(lambda: commands(learning))
        assert commands(learning)[0]["args"] == {"patience": 0}


async def test_a_stop_after_the_epoch_asks_first_and_can_be_withdrawn(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await opened(screen)
        await screen.press(*"stop a", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, ConfirmScreen))
        question = screen.app.screen
        assert isinstance(question, ConfirmScreen)
        assert question.question == f"Stop {learning.folder.id} after epoch 13?"
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.screen)
        assert commands(learning) == []  # Enter alone says no
        await opened(screen)
        await screen.press(*"stop a", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, ConfirmScreen))
        await screen.press("y")
        await screen.until(lambda: commands(learning))
        assert commands(learning)[0]["command"] == "stop_after_epoch"
        learning.write(Override(setting="stop_after_epoch", value=13.0, step=541, epoch=13))
        learning.change_summary(message="stopping after epoch 13")
        await screen.shows("stopping after epoch 13", "status")
        menu = await opened(screen)
        assert "withdraw" in [choice.id for choice in menu.choices]
        await screen.press("t", "enter")
        await screen.until(lambda: len(commands(learning)) == 2)
        assert commands(learning)[1]["args"] == {"off": True}


async def test_stop_now_asks_as_the_key_does(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await opened(screen)
        await screen.press(*"stop n", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, ConfirmScreen))
        assert commands(learning) == []


async def test_a_paused_run_is_told_to_go_on(learning: FakeRun) -> None:
    learning.change_summary(state="paused")
    async with monitor(learning.folder) as screen:
        menu = await opened(screen)
        assert [choice.id for choice in menu.choices][5] == "resume"
        await screen.press("g", "enter")
        await screen.until(lambda: commands(learning))
        assert commands(learning)[0]["command"] == "resume"


async def test_a_key_writes_a_checkpoint(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("K")
        await screen.shows("checkpoint asked for, waiting for the worker", "status")
        assert [command["command"] for command in commands(learning)] == ["checkpoint"]


async def test_a_run_that_ends_before_it_answers_says_so(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("K")
        await screen.shows("waiting for the worker", "status")
        learning.finish()
        await screen.shows("the run ended before it answered", "status")


@pytest.mark.parametrize("kind", ["reported", "foreign"])
async def test_a_run_of_somebody_else_is_offered_nothing(runs_dir: Path, kind: str) -> None:
    run = FakeRun(runs_dir, live=True, kind=kind)
    run.begin()
    run.learn(1)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.view is not None)
        for action in ("control", "checkpoint", "fork"):
            assert screen.screen.check_action(action, ()) is False
        await screen.press("a", "K", "e")
        assert screen.app.screen is screen.screen
        assert commands(run) == []


async def test_a_run_that_is_over_can_be_forked_and_nothing_else(learning: FakeRun) -> None:
    learning.finish()
    async with monitor(learning.folder) as screen:
        await screen.shows("✓ finished")
        possible = [name for name in ("control", "checkpoint", "fork") if screen.screen.check_action(name, ())]
        assert possible == ["fork"]


async def test_a_config_that_cannot_be_read_says_so(learning: FakeRun) -> None:
    learning.folder.config.write_text("epochs: [")
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("a")
        await screen.until(lambda: screen.app._notifications)
        assert screen.app.screen is screen.screen


# What a value comes to


def knobs(run: FakeRun, **config: Any) -> Knobs:
    monitored = Monitored(run.folder)
    monitored.take(News(events=read_all(run.folder.events), view=view(run.folder)))
    return Knobs(monitored, msgspec.structs.replace(run.config, **config))


def test_a_rate_outside_of_its_range_has_the_guides_word_on_the_run_that_it_makes(learning: FakeRun) -> None:
    said = knobs(learning).judge_rate("0.2").said
    assert said.startswith("0.001 → 0.2 (×200). ! As the LR of the whole run, 0.2 is above the usual ")
    # After it was halved once, the same rate is that of a run that began at half of it.
    learning.write(Override(setting="lr_factor", value=0.5, step=540, epoch=13))
    assert "0.1 is above" in knobs(learning).judge_rate("0.2").said


def test_in_the_warm_up_the_rate_is_the_one_that_it_rises_to(learning: FakeRun) -> None:
    warm = Optimization(warmup_epochs=24)
    assert knobs(learning, optimization=warm).rate == pytest.approx(0.002)


def test_a_patience_that_is_over_already_ends_with_the_epoch(learning: FakeRun) -> None:
    learning.train_epoch(0.1, 5.0, 0.9, 0.5, 1e-3)
    learning.train_epoch(0.1, 5.0, 0.9, 0.5, 1e-3)
    assert knobs(learning).judge_patience("2").said.startswith("2 epochs were waited already: it stops")
    assert knobs(learning).judge_patience("none").said == "No early stopping."
    assert not knobs(learning).judge_patience("-1").ok


def test_what_a_command_has_set_is_what_stands_in_the_menu(learning: FakeRun) -> None:
    learning.write(Override(setting="early_stopping_patience", value=7.0, step=540, epoch=13))
    assert knobs(learning).patience == 7
    assert knobs(learning, early_stopping=True, es_patience=4).patience == 7


def test_a_stop_that_was_asked_of_an_earlier_attempt_is_none_of_this_one(learning: FakeRun) -> None:
    place = learning.checkpoint("last")
    learning.write(Override(setting="stop_after_epoch", value=13.0, step=540, epoch=13))
    assert knobs(learning).stops_after == 13
    learning.go_on(place)
    assert knobs(learning).stops_after == 0
