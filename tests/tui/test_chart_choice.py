"""Which charts are shown, in which order: chosen once, for all runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fakes import FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor
from training.story.charts import group_of, in_order
from tui import settings
from tui.monitor.chart_choice import ChartChoice, chosen, hidden, shown
from tui.screens.choose import ChooseScreen

RUN = ("lr", "acc", "loss", "temperature", "gpu", "images_per_s", "grad_norm", "macro_f1")
DEFAULT = ["loss", "acc", "lr", "macro_f1", "grad_norm", "images_per_s", "gpu", "temperature"]
groups = st.lists(st.sampled_from([*RUN, "ce", "ape", "zebra"]), unique=True)


# The choice


def test_without_a_choice_charts_stand_in_their_default_order() -> None:
    assert shown(RUN, ChartChoice()) == DEFAULT
    assert hidden(RUN, ChartChoice()) == []


def test_the_metrics_of_all_gpus_share_a_chart() -> None:
    names = ("gpu_util", "gpu_memory", "gpu1_util", "gpu12_memory", "gpu_price")
    assert [group_of(name) for name in names] == [*["gpu"] * 4, "gpu_price"]


def test_what_was_chosen_is_shown_in_that_order_and_the_rest_is_hidden() -> None:
    choice = chosen(RUN, ["lr", "loss", "gpu"], ChartChoice())
    assert shown(RUN, choice) == ["lr", "loss", "gpu"]
    assert hidden(RUN, choice) == ["acc", "macro_f1", "grad_norm", "images_per_s", "temperature"]


def test_a_chart_never_seen_before_appears_behind_its_neighbour_of_the_default_order() -> None:
    choice = chosen(("loss", "acc", "lr"), ["lr", "acc", "loss"], ChartChoice())
    assert shown(("loss", "acc", "lr", "macro_f1", "ape"), choice) == ["lr", "macro_f1", "ape", "acc", "loss"]
    assert shown(("acc", "lr", "loss"), chosen(("acc", "lr"), ["lr", "acc"], ChartChoice())) == ["loss", "lr", "acc"]


def test_a_choice_about_one_run_leaves_what_was_chosen_about_others() -> None:
    first = chosen(("loss", "ape", "acc"), ["acc", "ape"], ChartChoice())
    second = chosen(("acc", "lr"), ["lr"], first)
    assert shown(("loss", "ape", "acc", "lr"), second) == ["ape", "lr"]
    assert chosen(("acc", "lr"), ["lr", "acc"], second).hidden == ("loss",)


def test_where_all_that_a_run_has_is_hidden_all_is_shown() -> None:
    choice = chosen(RUN, ["lr"], ChartChoice())
    assert shown(("acc", "loss"), choice) == ["loss", "acc"]


@given(groups, groups, st.data())
def test_what_is_wanted_is_what_is_shown_whatever_was_chosen_before(
    run: list[str], other: list[str], data: st.DataObject
) -> None:
    def some_of(them: list[str]) -> list[str]:
        return data.draw(st.permutations(them))[: data.draw(st.integers(1, len(them)))] if them else []

    before = chosen(other, some_of(other), ChartChoice())
    wanted = some_of(run)
    after = chosen(run, wanted, before)
    assert shown(run, after) == wanted
    assert sorted([*shown(run, after), *hidden(run, after)]) == sorted(run)
    assert not set(after.order) & set(after.hidden)
    apart = [group for group in before.hidden if group not in run]
    assert [group for group in after.hidden if group not in run] == apart


@given(groups, groups, groups)
def test_no_remembered_choice_loses_or_doubles_a_chart(run: list[str], order: list[str], out: list[str]) -> None:
    seen = shown(run, ChartChoice((*order, *order), tuple(out)))
    assert len(seen) == len(set(seen))
    assert set(seen) == (set(run) - set(out) or set(run))
    assert in_order(run) == shown(run, ChartChoice())


# In the monitor


@pytest.fixture
def learning(runs_dir: Path) -> FakeRun:
    return learning_run(runs_dir)


def titles(screen: MonitorPilot) -> list[str]:
    """Of the charts in sight, from above."""
    charts = [chart for chart in screen.screen.charts if chart.is_on_screen and chart.spec is not None]
    return [chart.spec.title for chart in charts if chart.spec]


async def test_v_hides_and_reorders_charts_and_the_next_monitor_remembers(learning: FakeRun) -> None:
    async with monitor(learning.folder, (140, 40)) as screen:
        await screen.shows("epoch 12/30")
        assert titles(screen) == ["Loss", "Accuracy", "Learning rate"]
        await screen.press("v")
        dialog = screen.app.screen
        assert isinstance(dialog, ChooseScreen)
        assert [option.id for option in dialog.options][:3] == ["loss", "acc", "lr"]
        await screen.press("space", "j", "j", "K", "enter")
        assert titles(screen)[:2] == ["Learning rate", "Accuracy"]
        assert "Loss" not in titles(screen)
    async with monitor(learning.folder, (140, 40)) as screen:
        await screen.until(lambda: titles(screen)[:2] == ["Learning rate", "Accuracy"])
        await screen.press("v", "0", "enter")
        assert titles(screen) == ["Loss", "Accuracy", "Learning rate"]


async def test_hiding_every_chart_is_refused_with_a_word(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("v")
        dialog = screen.app.screen
        assert isinstance(dialog, ChooseScreen)
        for _ in dialog.options:
            await screen.press("space", "j")
        await screen.press("enter")
        assert screen.app.screen is dialog
        assert "One chart has to stay." in str(dialog.query_one("#choose-said").render())
        await screen.press("escape")
        assert titles(screen)[0] == "Loss"


async def test_escape_leaves_the_charts_and_what_is_remembered_as_they_were(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        before = titles(screen)
        await screen.press("v", "space", "escape")
        assert titles(screen) == before
    assert settings.recall("charts", ChartChoice, ChartChoice()) == ChartChoice()


@pytest.mark.parametrize("spelled", ['{"charts": 3}', '{"charts": {"order": "loss"}}', "{"])
async def test_settings_that_make_no_sense_only_cost_the_memory(learning: FakeRun, spelled: str) -> None:
    path = settings.settings_path()
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(spelled)
    async with monitor(learning.folder, (140, 40)) as screen:
        await screen.shows("epoch 12/30")
        assert titles(screen) == ["Loss", "Accuracy", "Learning rate"]
