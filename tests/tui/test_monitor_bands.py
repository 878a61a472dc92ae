"""The stretch of the selected finding in the charts of the curves that show it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.tui.fakes import FLAT, OVERFIT, FakeRun, faulty_run
from tests.tui.monitoring import monitor
from tests.tui.test_monitor_model import monitored
from training.diagnosis.findings import Finding
from training.runs.events import Attempt, Epoch, Step
from tui.monitor.book import ChartBook
from tui.monitor.model import Monitored

VAL = msgspec.structs.replace(OVERFIT, stretch=(9, 14), curves=("val_loss",))


@pytest.fixture
def run(tmp_path: Path) -> Monitored:
    fake = FakeRun(tmp_path, live=True)
    fake.begin()
    fake.learn(14, overfit_from=9)
    return monitored(fake)


def bands(run: Monitored, finding: Finding | None) -> dict[str, tuple[float, float] | None]:
    book = ChartBook(run.curves, marked=finding)
    return {spec.title: spec.band for spec in book.specs()}


def test_it_is_marked_in_the_charts_of_its_curves_alone(run: Monitored) -> None:
    marked = bands(run, VAL)
    assert marked["Loss"] == (8.0, 14.0)
    assert marked["Accuracy"] is None
    assert marked["Learning rate"] is None
    both = msgspec.structs.replace(VAL, curves=("val_acc", "val_loss"))
    assert bands(run, both)["Accuracy"] == (8.0, 14.0)
    assert set(bands(run, None).values()) == {None}


def test_an_open_finding_is_marked_up_to_now_and_a_resolved_one_as_it_was_told(tmp_path: Path) -> None:
    fake = FakeRun(tmp_path, live=True)
    fake.begin()
    fake.learn(14, overfit_from=9)
    fake.find(VAL)
    fake.learn(6, overfit_from=9)
    assert bands(monitored(fake), VAL)["Loss"] == (8.0, 20.0)
    fake.find(VAL, "resolved")
    assert bands(monitored(fake), VAL)["Loss"] == (8.0, 14.0)


def test_a_log_that_names_no_curves_is_marked_by_those_of_the_rule(run: Monitored) -> None:
    assert bands(run, FLAT)["Loss"] == (0.0, 3.0)


@pytest.mark.parametrize(
    ("stretch", "band", "label"), [((5, 5), (4.0, 5.0), "epoch 5"), ((0, 0), (0.0, 1.0), "epoch 1")]
)
def test_a_stretch_of_one_epoch_has_the_width_of_one(
    run: Monitored, stretch: tuple[int, int], band: tuple[float, float], label: str
) -> None:
    book = ChartBook(run.curves, marked=msgspec.structs.replace(VAL, stretch=stretch))
    assert (book.specs()[0].band, book.specs()[0].band_label) == (band, label)


def test_where_the_axis_counts_steps_it_lies_at_the_steps_of_its_epochs(tmp_path: Path) -> None:
    fake = FakeRun(tmp_path, live=True)
    fake.write(Attempt(run="a", epochs=0, steps_per_epoch=0))
    for step in range(100):
        fake.write(Step(step=step, epoch=step // 10 + 1, metrics={"train_loss": 1.0}))
        if step % 10 == 9:
            fake.write(Epoch(epoch=step // 10 + 1, step=step + 1, metrics={}))
    finding = msgspec.structs.replace(VAL, stretch=(3, 5), curves=("train_loss",))
    book = ChartBook(monitored(fake).curves, marked=finding)
    assert book.specs()[0].x_name == "step"
    assert book.specs()[0].band == (19.0, 49.0)


def test_an_epoch_that_has_not_ended_reaches_as_far_as_its_steps(run: Monitored) -> None:
    assert run.curves.steps_after(0) == 0
    assert run.curves.steps_after(2) == 90
    assert run.curves.steps_after(99) == run.curves.step


async def test_selecting_another_finding_moves_the_mark(runs_dir: Path) -> None:
    fake = faulty_run(runs_dir, epochs=14, live=True)
    fake.find(VAL)
    async with monitor(fake.folder) as screen:
        await screen.shows("2 findings", "diagnosis")
        await screen.shows("━ epochs 1–14", "chart0")
        assert "━" not in screen.text("chart1")
        await screen.press("down", "down", "down")
        await screen.shows("━ epochs 9–14", "chart0")
        await screen.press("up")
        await screen.shows("━ epochs 1–14", "chart0")


async def test_selecting_a_finding_whose_chart_is_out_of_sight_brings_it_up(runs_dir: Path) -> None:
    fake = faulty_run(runs_dir, epochs=14, live=True)
    fake.find(msgspec.structs.replace(VAL, curves=("val_acc",)))
    async with monitor(fake.folder, (40, 12)) as screen:
        await screen.shows("━", "chart0")
        assert screen.text("chart0").startswith("Loss")
        await screen.press("down", "down", "down")
        assert screen.text("chart0").startswith("Accuracy")
        assert "┝" in screen.text("chart0")
