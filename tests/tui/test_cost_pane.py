"""The cost pane: steps, time and memory with their sources, and honest where one is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from tests.runs.test_past_times import past_run
from tests.tui.driving import until
from tests.tui.panels import text, words
from training.config.data import Data
from training.config.model import Model
from training.config.schema import Runtime, TrainingConfig
from training.dataset import preview
from training.errors import InvalidInput
from training.runs import registry
from training.runs.estimates import Estimate
from training.runs.past_times import PastTime, PastTimes
from tui.app import TraindeckApp
from tui.editor.asking import planned_device
from tui.editor.draft import Draft
from tui.editor.gathering import Gatherer
from tui.editor.known import CostKnowledge, CostQuestion, DataKnowledge, Device, Known, data_question
from tui.editor.panes.cost_pane import CostPane, cost_rows
from tui.editor.told import Gathered
from tui.widgets.rows import width_of

GPU = Device("GPU 0 NVIDIA A100", "free, 1 of 1 visible GPUs are", 1, 40_000_000_000)
LARGE = Estimate((3, 224, 224), 11_181_642, 11_181_642, 1_800_000_000, 45_000_000, 45_000_000, 46_000_000, 100_000_000)
PAST = PastTimes((PastTime("digits-adam-0.001", 1_760_000_000.0, 9.0, 1438, 32),))


def known(config: TrainingConfig, estimate: Estimate | None = LARGE, **cost: Any) -> Known:
    """All of it, for the digits."""
    found = Known(DataKnowledge(data_question(config, Path()), preview.digits(config.data), complete=True))
    about = CostQuestion(found.model_question(config), config.runtime.device, 1, "", 32)
    found.cost = CostKnowledge(about, **{"device": GPU, "past": PAST, "estimate": estimate, **cost})
    if estimate is not None:
        found.estimates[about.model] = estimate
    return found


def said(config: TrainingConfig, found: Known | None = None, width: int = 70) -> str:
    return words(cost_rows(found or known(config), config, width, 50))


def test_steps_are_counted_to_the_end_and_to_the_earliest_stop() -> None:
    shown = said(TrainingConfig(early_stopping=True))
    assert "4,500 steps 45 an epoch (1,438 images, 32 a step) × 100 epochs" in shown
    assert "495 at the earliest stop, after epoch 11" in shown
    assert "earliest" not in said(TrainingConfig())


def test_time_names_the_run_that_it_is_from() -> None:
    shown = said(TrainingConfig(early_stopping=True))
    assert "About 15:00 9 s an epoch; 1:39 at the earliest stop" in shown
    assert "From digits-adam-0.001 (2025-10-09" in shown


def test_several_runs_are_a_median_and_other_data_are_scaled() -> None:
    runs = (*PAST.runs, PastTime("older", 0.0, 11.0, 1438, 32), PastTime("oldest", 0.0, 300.0, 1438, 32))
    config = TrainingConfig(data=Data(subset=50.0))
    found = known(config, past=PastTimes(runs, same_step=False))
    shown = said(config, found)
    images = preview.side_sizes(preview.digits(config.data), config.data)["train"]
    assert f"{11 * images / 1438:.2g} s an epoch" in shown
    assert "Median of 3 past runs, the last one digits-adam-0.001" in shown
    assert "scaled by the number of images (1,438 then)" in shown
    assert "they took 32 images a step" in shown


def test_without_a_past_run_time_is_not_guessed() -> None:
    shown = said(TrainingConfig(), known(TrainingConfig(), past=PastTimes()))
    assert "Time: not known; no past run of this model and data on this host (GPU 0 NVIDIA A100)." in shown
    assert "About" not in shown


def test_without_a_device_it_says_why() -> None:
    busy = Device(why="Every visible GPU is in use")
    shown = said(TrainingConfig(), known(TrainingConfig(), device=busy, past=None))
    assert "Time: not known; Every visible GPU is in use." in shown
    assert "of memory for a step" in shown
    assert "Batches of" not in shown


def test_memory_is_said_by_part_with_the_batch_that_fits() -> None:
    shown = said(TrainingConfig())
    assert "11,181,642 parameters for images of 3×224×224 and 10 classes" in shown
    assert "3.4 GB of memory for a step, of 40.0 GB: 8 %" in shown
    assert "█ weights 45 MB · ▓ gradients 45 MB · ▒ optimizer 90 MB · ▞ activations 3.2 GB" in shown
    assert "Batches of up to 256 fit." in shown  # 512 would leave too little room
    assert "On GPU 0 NVIDIA A100" in shown


def test_the_bar_is_to_scale_and_shows_what_is_there_at_all() -> None:
    rows = text(cost_rows(known(TrainingConfig()), TrainingConfig(), 50, 50)).splitlines()
    bar = next(row for row in rows if "·····" in row)
    assert len(bar) == 50
    assert [bar.count(glyph) for glyph in "█▓▒▞"] == [1, 1, 1, 4]


def test_a_step_that_does_not_fit_is_an_error_with_what_would() -> None:
    small = replace(GPU, memory=1_000_000_000)
    shown = said(TrainingConfig(), known(TrainingConfig(), device=small))
    assert "✗ 3.4 GB of memory for a step, of 1.0 GB: 338 %" in shown
    assert "Batches of up to 4 fit." in shown
    none = said(TrainingConfig(), known(TrainingConfig(), device=replace(GPU, memory=100_000_000)))
    assert "✗ No batch fits, not even of one image." in none


def test_of_a_frozen_backbone_it_is_said_what_is_not_counted() -> None:
    frozen = msgspec.structs.replace(LARGE, trained=5130, gradients=20_000, per_image=2048)
    shown = said(TrainingConfig(), known(TrainingConfig(), estimate=frozen))
    assert "11,181,642 parameters, 5,130 of them trained" in shown
    assert "What passes through frozen layers is not counted" in shown
    assert "Batches of" not in shown


def test_an_average_of_the_weights_is_counted_where_there_is_one() -> None:
    config = TrainingConfig()
    averaged = Draft(config)
    averaged.set("optimization.ema", 0.999)
    assert "▚ average 46 MB" in said(averaged.config)
    assert "average" not in said(config)


def test_while_the_model_is_built_the_rest_is_there() -> None:
    config = TrainingConfig()
    shown = said(config, known(config, estimate=None, asking=True))
    assert "4,500 steps" in shown
    assert "… Building the model to measure it." in shown


def test_a_model_that_cannot_be_built_says_why() -> None:
    config = TrainingConfig(model=Model(kind="transfer", backbone="resnet19"))
    error = InvalidInput("resnet19 is not known.", "Did you mean resnet18?")
    shown = said(config, known(config, estimate=None, error=error))
    assert "✗ resnet19 is not known. Did you mean resnet18?" in shown
    other = TrainingConfig(model=Model(kind="transfer", backbone="resnet18"))
    assert "resnet19" not in said(other, known(config, estimate=None, error=error))


def test_without_data_classes_are_a_guess_and_steps_are_not_known() -> None:
    config = TrainingConfig(data=Data(source="folder", path="lost"))
    found = Known(DataKnowledge(data_question(config, Path()), error=InvalidInput("lost: no such folder.")))
    found.estimates[found.model_question(config)] = LARGE
    shown = said(config, found)
    assert "Steps: not known, since the data could not be listed." in shown
    assert "2 classes (a guess, without the data)" in shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (30, 4), (30, 20), (12, 3)])
def test_it_fits_into_any_size(width: int, height: int) -> None:
    config = TrainingConfig(early_stopping=True)
    for found in (Known(), known(config), known(config, estimate=None)):
        rows = cost_rows(found, config, width, height)
        assert 0 < len(rows) <= height
        assert all(width_of(row) <= width for row in rows)


# With a child


class CostScreen(Screen[None]):
    """A gatherer and a pane, as the editor joins them."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield Gatherer()
        yield CostPane()

    def on_mount(self) -> None:
        self.query_one(CostPane).known = self.query_one(Gatherer).known
        self.show()

    @on(Gathered)
    def show(self) -> None:
        self.draft.facts = self.query_one(Gatherer).look(self.draft)
        self.query_one(CostPane).show(self.draft, "model.kind")


async def test_the_model_is_built_once_the_cost_is_shown_and_never_again(tmp_path: Path, runs_dir: Path) -> None:
    config = TrainingConfig(runtime=Runtime(device="cpu"))
    device = planned_device(config)
    past_run(runs_dir, "before", config, device=device.name)
    registry.remember(runs_dir)
    draft = Draft(config)
    app, screen = TraindeckApp(runs_dir), CostScreen(draft)
    async with app.run_test(size=(70, 30)) as pilot:
        await app.push_screen(screen)
        gatherer, pane = screen.query_one(Gatherer), screen.query_one(CostPane)
        await until(pilot, lambda: draft.facts.device == device.name)
        assert draft.facts.device_bytes == device.memory
        assert draft.facts.bytes_per_image is None  # nobody looks at the cost
        gatherer.want_cost(True)
        await until(pilot, lambda: draft.facts.bytes_per_image is not None, seconds=60)
        assert "53,098 parameters" in pane.text
        assert "From before" in pane.text
        fixed = draft.facts.fixed_bytes
        draft.set("optimizer", "SGD with Momentum")
        screen.show()
        assert draft.facts.fixed_bytes is not None
        assert fixed is not None
        assert draft.facts.fixed_bytes < fixed
    kept = json.loads((tmp_path / "state/traindeck/estimates.json").read_bytes())
    assert len(kept) == 1

    again = Draft(config)
    app, screen = TraindeckApp(runs_dir), CostScreen(again)
    async with app.run_test(size=(70, 30)) as pilot:
        await app.push_screen(screen)
        await until(pilot, lambda: again.facts.fixed_bytes == fixed)  # without a look at the cost
