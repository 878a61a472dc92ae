"""The data pane: what it says of which data, and that a real folder reaches it through a real child."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from tests.conftest import MakeFolder
from tests.drawing import image
from tests.tui.driving import until
from tests.tui.panels import text, words
from training.config.data import Data
from training.config.model import Model
from training.config.schema import TrainingConfig
from training.dataset import preview
from training.dataset.preview import ClassCount, Extent, Looked, Preview, Unread
from training.errors import InvalidInput
from training.runs import ask
from training.runs.supervisor import ENTRY
from tui.app import TraindeckApp
from tui.editor.draft import Draft
from tui.editor.gathering import Gatherer
from tui.editor.known import DataKnowledge, data_question
from tui.editor.panes.data_pane import DataPane, data_rows
from tui.editor.told import Gathered
from tui.widgets.rows import width_of

SIZES = Looked(7, Extent(20, 22, 24), Extent(30, 30, 30), 5, {"L": 4, "RGB": 3})
CATS = Preview((ClassCount("cat", 90), ClassCount("dog", 30), ClassCount("owl", 6)), looked=SIZES)


def folder(**data: object) -> TrainingConfig:
    return TrainingConfig(data=msgspec.convert({"source": "folder", "path": "pets", **data}, Data))


def knowledge(config: TrainingConfig, found: Preview | None, **changes: object) -> DataKnowledge:
    about = data_question(config, Path("/data"))
    return DataKnowledge(about, found, **{"complete": found is not None, **changes})  # type: ignore[arg-type]


def said(config: TrainingConfig, found: Preview | None, width: int = 60, height: int = 30, **changes: object) -> str:
    return words(data_rows(knowledge(config, found, **changes), config, width, height))


def test_counts_sides_and_the_loss_that_fits_are_said() -> None:
    shown = said(folder(), CATS)
    assert "126 images of 3 classes" in shown
    assert "training 101 · validation 25" in shown
    assert "! Largest class 15 × the smallest: focal loss fits (class_weights: Focal Loss)" in shown
    assert "the config has cross-entropy." in shown


def test_a_loss_that_fits_is_ticked_off() -> None:
    config = msgspec.structs.replace(folder(), class_weights="Focal Loss")
    assert "✓ Largest class 15 × the smallest: focal loss fits, and the config has it." in said(config, CATS)
    fair = Preview((ClassCount("a", 30), ClassCount("b", 10)), looked=SIZES)
    assert "✓ Largest class 3 × the smallest: weighted cross-entropy fits best" in said(folder(), fair)


def test_sizes_say_how_many_images_were_looked_at_and_what_becomes_of_them() -> None:
    shown = said(folder(), CATS)
    assert "Width 20 to 24 (median 22), height 30, 5 sizes, resized to 64×64." in shown
    assert "Pixels: grey 4, RGB 3." in shown
    assert "Looked at 7 of the 126 images." in shown
    pretrained = msgspec.structs.replace(folder(), model=Model(kind="transfer"))
    assert "resized to what the backbone's weights were trained at" in said(pretrained, CATS)


def test_images_that_have_the_size_already_are_not_resized() -> None:
    config = TrainingConfig()
    shown = said(config, preview.digits(config.data))
    assert "Every image is 8×8, grey." in shown
    assert "Looked at" not in shown


def test_the_largest_classes_have_the_longest_bars() -> None:
    rows = text(data_rows(knowledge(folder(), CATS), folder(), 60, 30)).splitlines()
    bars = [row for row in rows if "█" in row]
    assert [row.split()[0] for row in bars] == ["cat", "dog", "owl"]
    lengths = [row.count("█") for row in bars]
    assert lengths[0] == max(lengths)
    assert lengths[1] == round(lengths[0] / 3)


def test_of_many_classes_those_in_between_share_a_line() -> None:
    many = Preview(tuple(ClassCount(f"class{number}", 100 + number) for number in range(40)), looked=SIZES)
    rows = text(data_rows(knowledge(folder(), many), folder(), 60, 14)).splitlines()
    assert len(rows) == 14
    assert rows[-1].startswith("class0 ")
    folded = rows[-2]
    shown = sum("█" in row for row in rows)
    assert folded == f"… {40 - shown} more, 101 to {139 - shown + 1} images each"


def test_before_there_is_a_path_it_says_what_to_do() -> None:
    config = TrainingConfig(data=Data(source="folder"))
    assert "Set data.path to a folder with one subfolder a class" in said(config, None)


def test_a_scan_shows_how_far_it_is() -> None:
    unlooked = msgspec.structs.replace(CATS, looked=None)
    assert "Listing the files." in said(folder(), None)
    half = text(data_rows(knowledge(folder(), unlooked, complete=False, done=60, total=120), folder(), 60, 30))
    line = next(row for row in half.splitlines() if "60 of 120 looked at" in row)
    assert line.count("█") == line.count("░") > 0


def test_an_error_stands_with_its_remedy() -> None:
    shown = said(folder(), None, error=InvalidInput("pets: no such folder.", "Point data.path at one."), complete=False)
    assert shown == "✗ pets: no such folder. Point data.path at one."


def test_what_is_left_out_is_named_and_cannot_play_with_the_terminal() -> None:
    looked = msgspec.structs.replace(SIZES, unread=(Unread("cat/1.png", "an empty\x1b[2J file"),))
    shown = said(folder(), msgspec.structs.replace(CATS, looked=looked, notes=("no image in void",)))
    assert "! no image in void." in shown
    assert "! 1 of these cannot be read and is left out: cat/1.png (an empty file)." in shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (30, 4), (30, 12), (12, 3)])
def test_it_fits_into_any_size(width: int, height: int) -> None:
    wide = Preview((ClassCount("名" * 40, 1_000_000), ClassCount("b", 2)), looked=SIZES)
    for found in (CATS, wide):
        rows = data_rows(knowledge(folder(), found), folder(), width, height)
        assert 0 < len(rows) <= height
        assert all(width_of(row) <= width for row in rows)


# With a child


class Panes(Screen[None]):
    """A gatherer and a pane, as the editor joins them."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield Gatherer()
        yield DataPane()

    def on_mount(self) -> None:
        self.pane.known = self.gatherer.known
        self.show()

    @property
    def gatherer(self) -> Gatherer:
        return self.query_one(Gatherer)

    @property
    def pane(self) -> DataPane:
        return self.query_one(DataPane)

    @on(Gathered)
    def take(self) -> None:
        self.show()

    def show(self) -> None:
        self.draft.facts = self.gatherer.look(self.draft)
        self.pane.show(self.draft, "data.path")


@asynccontextmanager
async def panes(draft: Draft) -> AsyncIterator[tuple[Panes, Pilot[None]]]:
    app, screen = TraindeckApp(draft.base_dir), Panes(draft)
    async with app.run_test(size=(70, 20)) as pilot:
        await app.push_screen(screen)
        yield screen, pilot


async def test_a_folder_of_images_is_looked_at_by_a_child(make_folder: MakeFolder) -> None:
    draft = Draft(folder(path=str(make_folder(cat=24, dog=4))))
    async with panes(draft) as (app, pilot):
        await until(pilot, lambda: app.gatherer.known.data.complete)
        await until(pilot, lambda: "Every image is 12×10, grey, resized to 64×64." in app.pane.text)
        assert "28 images of 2 classes" in app.pane.text
        assert (draft.facts.classes, draft.facts.class_ratio, draft.facts.n_train) == (2, 6.0, 22)
        assert [note.key for note in draft.notes if note.rule == "loss_for_ratio"] == ["class_weights"]


async def test_the_digits_are_known_at_once() -> None:
    draft = Draft(TrainingConfig())
    async with panes(draft) as (app, _):
        assert draft.facts.classes == 10
        assert "1,797 images of 10 classes" in app.pane.text


async def test_another_path_is_asked_about_once_the_typing_pauses(make_folder: MakeFolder, tmp_path: Path) -> None:
    draft = Draft(folder(path=str(tmp_path / "lost")))
    async with panes(draft) as (app, pilot):
        await until(pilot, lambda: "no such folder" in app.pane.text)
        draft.set("data.path", str(make_folder(a=3, b=3)))
        app.show()
        assert draft.facts.classes is None
        assert "no such folder" not in app.pane.text
        await until(pilot, lambda: draft.facts.classes == 2 and app.gatherer.known.data.complete)
        draft.set("data.val_fraction", 0.4)
        app.show()
        assert draft.facts.n_train == 4
        assert app.gatherer.known.data.complete  # nothing had to be asked again


async def test_what_was_answered_once_is_known_at_once(make_folder: MakeFolder) -> None:
    root = str(make_folder(a=3, b=3, c=3))
    draft = Draft(folder(path=root))
    async with panes(draft) as (app, pilot):
        await until(pilot, lambda: draft.facts.classes == 3 and app.gatherer.known.data.complete)
        draft.set("data.classes", ("a", "b"))
        app.show()
        await until(pilot, lambda: draft.facts.classes == 2)
        draft.set("data.classes", None)
        app.show()
        assert draft.facts.classes == 3
        image(3).save(Path(root) / "a" / "more.png")
        app.gatherer.look_again()
        await until(pilot, lambda: "10 images" in app.pane.text)


async def test_a_question_that_nobody_waits_for_is_dropped_with_its_child(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = tmp_path / "deaf.py"
    said = '{"progress": {"done": 1, "total": 2}}'
    deaf.write_text(f"import sys, time\nsys.stdin.readline()\nprint('{said}', flush=True)\ntime.sleep(600)\n")
    monkeypatch.setattr(ask, "ENTRY", deaf)
    draft = Draft(folder(path=str(tmp_path)))
    async with panes(draft) as (app, pilot):
        await until(pilot, lambda: app.gatherer.known.data.done == 1)
        first = app.gatherer._asking["data"]._child
        assert first is not None
        monkeypatch.setattr(ask, "ENTRY", ENTRY)
        draft.set("data.path", str(make_folder(a=3, b=3)))
        app.show()
        await until(pilot, lambda: draft.facts.classes == 2)
        await until(pilot, lambda: first.poll() is not None)


@pytest.mark.parametrize("leave", ["the screen", "the app"])
async def test_leaving_ends_the_child(leave: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = tmp_path / "deaf.py"
    deaf.write_text("import sys, time\nsys.stdin.readline()\ntime.sleep(600)\n")
    monkeypatch.setattr(ask, "ENTRY", deaf)
    async with panes(Draft(folder(path=str(tmp_path)))) as (app, pilot):
        await until(pilot, lambda: app.gatherer._asking and app.gatherer._asking["data"]._child is not None)
        child = app.gatherer._asking["data"]._child
        if leave == "the screen":
            app.app.pop_screen()
            await until(pilot, lambda: child is not None and child.poll() is not None)
    assert child is not None
    assert child.wait(30) != 0
