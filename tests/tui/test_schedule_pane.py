"""The schedule beside the form: what it draws and says, at any size, and how little it repaints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.tui.monitoring import Repaints, Stage
from training.config.schema import Optimization, TrainingConfig
from training.guide.schedule_preview import preview
from tui.editor.draft import Draft
from tui.editor.panes.schedule_pane import SchedulePane, chart_of, needs_log, word_rows
from tui.widgets.rows import width_of
from tui.widgets.spans import SpanScreen

SIZES = [(30, 4), (30, 6), (36, 8), (44, 12), (60, 30), (12, 6), (9, 3), (30, 1)]
COSINE: dict[str, Any] = {
    "lr_strategy": "Cosine Annealing",
    "early_stopping": True,
    "es_patience": 15,
    "optimization": Optimization(warmup_epochs=10),
}
PLATEAU: dict[str, Any] = {"lr_strategy": "ReduceLROnPlateau", "early_stopping": True}
CASES: list[dict[str, Any]] = [
    {},
    COSINE,
    PLATEAU,
    {"lr_strategy": "Step Decay", "epochs": 9},
    {"lr_strategy": "Exponential Decay", "epochs": 1_000_000},
    {"epochs": 1},
    {"learning_rate": 1e308, "lr_strategy": "ReduceLROnPlateau"},
    {"learning_rate": 1e-300, "epochs": 3, "optimization": Optimization(warmup_epochs=2**62)},
]


def draft(**settings: Any) -> Draft:
    return Draft(TrainingConfig(**settings))


class PaneScreen(SpanScreen[None]):
    DEFAULT_CSS = "PaneScreen SchedulePane { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield SchedulePane()


@asynccontextmanager
async def pane(
    size: tuple[int, int] = (60, 16), no_color: bool = False
) -> AsyncIterator[tuple[Pilot[None], SchedulePane]]:
    screen = PaneScreen()
    async with Stage(screen, no_color).run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, screen.query_one(SchedulePane)


def words(width: int = 60, most: int = 9, **settings: Any) -> str:
    rows = word_rows(preview(TrainingConfig(**settings)), width, most)
    assert all(width_of(row) <= width for row in rows)
    return "\n".join("".join(text for text, _ in row) for row in rows)


def squeezed(text: str) -> str:
    """Without what breaking it into lines changes."""
    return "".join(text.split())


@pytest.mark.parametrize("size", SIZES)
async def test_every_schedule_fits_every_size_and_says_from_where_to_where(size: tuple[int, int]) -> None:
    async with pane(size) as (_, shown):
        for case in CASES:
            shown.show(draft(**case), "learning_rate")
            lines = shown.text.split("\n")
            assert len(lines) <= size[1]
            said = words(**case).split(" · ")[0].split("\n")[0]
            assert squeezed(said)[: size[0] - 3] in squeezed(shown.text)
            assert (size[0] < 30 or size[1] < 4) or "epoch" in shown.text


async def test_the_warm_up_is_shaded_and_the_earliest_stop_marked_where_they_are() -> None:
    async with pane((107, 16)) as (_, shown):
        shown.show(draft(**COSINE), "learning_rate")
        lines = shown.text.split("\n")
        axis = next(line for line in lines if "┝" in line)
        assert (axis.index("┝"), axis.index("┥")) == (7, 17)
        stops = {line.index("┊") for line in lines if "┊" in line[7:] and "stop" not in line}
        assert stops == {7 + 16}
        assert "┊ earliest stop: epoch 16 · ━ warm-up 10 epochs" in lines[-1]
        shades = [style for text, style in shown._rows[3] for _ in text][7:]
        assert {at for at, style in enumerate(shades) if style.startswith("band-")} == set(range(11))


@pytest.mark.parametrize(
    ("settings", "log"),
    [
        ({}, False),
        ({"lr_strategy": "Cosine Annealing"}, False),
        ({"lr_strategy": "Step Decay"}, True),
        ({"lr_strategy": "Exponential Decay", "epochs": 30}, False),
        ({"lr_strategy": "Exponential Decay", "epochs": 100}, True),
        ({"lr_strategy": "ReduceLROnPlateau", "epochs": 20}, False),
        ({"lr_strategy": "ReduceLROnPlateau", "epochs": 100}, True),
        ({"optimization": Optimization(warmup_epochs=50)}, False),
        ({"optimization": Optimization(warmup_epochs=500)}, False),
    ],
)
async def test_the_axis_is_logarithmic_where_a_good_part_of_the_run_would_lie_at_its_bottom(
    settings: dict[str, Any], log: bool
) -> None:
    assert needs_log(preview(TrainingConfig(**settings))) is log
    async with pane() as (_, shown):
        shown.show(draft(**settings), "epochs")
        assert shown.axis is not None
        assert shown.axis.log is log


async def test_a_warm_up_on_a_logarithmic_axis_does_not_stretch_it_to_nothing() -> None:
    chart = chart_of(
        preview(TrainingConfig(lr_strategy="Step Decay", optimization=Optimization(warmup_epochs=3))), log=True
    )
    assert min(chart.curves[0].points.y) == pytest.approx(5e-7)


async def test_it_follows_every_key_and_repaints_nothing_for_what_changes_no_schedule() -> None:
    async with pane() as (_, shown):
        edited = draft(lr_strategy="Cosine Annealing")
        shown.show(edited, "learning_rate")
        repaints = Repaints([shown])
        edited.type("batch_size", "64")
        shown.show(edited, "batch_size")
        assert repaints.regions == []
        assert shown.canvas.plotted > 0
        for text, says in (("0.02", "0.02 → "), ("0.025", "0.025 → ")):
            edited.type("learning_rate", text)
            shown.show(edited, "learning_rate")
            assert says in shown.text
        assert repaints.cells > 0


async def test_another_schedule_is_drawn_even_where_the_last_one_was_never_looked_at() -> None:
    """Specs that come and go may share an address in memory."""
    async with pane() as (pilot, shown):
        edited = draft()
        for rate in ("0.1", "0.2", "0.3", "0.4", "0.5"):
            shown.display = False
            await pilot.pause()
            edited.type("learning_rate", "0.9")
            shown.show(edited, "learning_rate")
            shown.display = True
            await pilot.pause()
            edited.type("learning_rate", rate)
            shown.show(edited, "learning_rate")
            assert f"{rate} throughout" in shown.text


async def test_while_a_field_holds_no_value_the_last_good_schedule_stays_and_says_so() -> None:
    async with pane() as (_, shown):
        edited = draft(epochs=40)
        shown.show(edited, "epochs")
        chart = shown.text.split("\n")[1:8]
        edited.type("epochs", "forty")
        shown.show(edited, "epochs")
        assert "✗ Not valid: epochs. Drawn with the last good value." in shown.text
        assert shown.text.split("\n")[1][7:] == chart[0][7:]
        edited.type("learning_rate", "fast")
        shown.show(edited, "epochs")
        assert "Not valid: learning rate and epochs. Drawn with the last\n  good values." in shown.text
        edited.type("epochs", "41")
        edited.type("learning_rate", "0.1")
        shown.show(edited, "epochs")
        assert "Not valid" not in shown.text


async def test_errors_elsewhere_and_in_fields_that_do_not_count_are_not_the_schedules() -> None:
    async with pane() as (_, shown):
        edited = draft(early_stopping=False)
        edited.type("batch_size", "many")
        edited.type("es_patience", "long")
        shown.show(edited, "batch_size")
        assert "Not valid" not in shown.text


async def test_it_may_be_shown_before_it_has_a_size_and_after_it_was_resized() -> None:
    early = SchedulePane()
    early.show(draft(), "learning_rate")
    assert early.lines(40, 0) == []
    async with pane() as (pilot, shown):
        shown.show(draft(**COSINE), "learning_rate")
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "up to 0.00098 → 1.25e-06" in shown.text


async def test_without_colours_the_two_ways_of_a_plateau_have_markers_of_their_own() -> None:
    async with pane(no_color=True) as (_, shown):
        shown.show(draft(**PLATEAU), "lr_strategy")
        assert "x stalled  • improving" in shown.text


def test_the_words_say_what_the_picture_shows() -> None:
    assert words() == "0.001 throughout"
    assert words(lr_strategy="Step Decay", epochs=9) == "0.001 → 1e-05 · ×0.1 at epochs 4 and 7"
    assert words(**PLATEAU).split("\n") == [
        "improving: 0.001 throughout",
        "stalled: falls from epoch 8 on, to 1e-06",
        "┊ earliest stop: epoch 11",
    ]
    assert words(lr_strategy="ReduceLROnPlateau", epochs=7) == "0.001 throughout: too short to fall"
    assert words(optimization=Optimization(warmup_epochs=1)) == "0.001 throughout · ━ warm-up 1 epoch"
    assert words(epochs=5, optimization=Optimization(warmup_epochs=10)) == "0 → 0.0005 · ━ warm-up the whole run"
    late = words(lr_strategy="Exponential Decay", optimization=Optimization(warmup_epochs=20))
    assert late.startswith("up to 0.000377 → 6.23e-06")


def test_of_words_that_do_not_fit_whole_the_last_are_left_out() -> None:
    assert words(30, 2, **PLATEAU).split("\n") == ["improving: 0.001 throughout", "┊ earliest stop: epoch 11"]
    assert words(30, 1, **PLATEAU) == "improving: 0.001 throughout"
