"""Comparing a config: with its file, a preset, another file or a past run, by meaning; what is wanted is taken over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.runs.builders import make_run
from tests.tui.driving import EditorPilot, editor, until
from training.config import own_presets
from training.config.fields import value
from training.config.model import Block, Model
from training.config.presets import preset
from training.config.schema import TrainingConfig
from training.guide.comparison import compare
from training.runs.compared import Placed
from tui.app import TraindeckApp
from tui.editor.compare_rows import detail, lines
from tui.editor.draft import Draft
from tui.screens.compare import CompareScreen, DifferenceList
from tui.screens.compare_pick import ComparePick
from tui.screens.editor import EditorScreen
from tui.screens.open_file import PathScreen
from tui.widgets.rows import width_of
from tui.widgets.spans import SpanView

BALANCED, TRANSFER = preset("balanced").config, preset("imbalanced-transfer").config


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(view: SpanView) -> list[str]:
    return view.text.splitlines()


def listed(app: EditorPilot) -> ComparePick:
    screen = app.pilot.app.screen
    assert isinstance(screen, ComparePick)
    return screen


def comparing(app: EditorPilot) -> CompareScreen:
    screen = app.pilot.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


async def compare_with(app: EditorPilot, *words: str) -> CompareScreen:
    """Press c, narrow the list to these words, and take the first line."""
    await app.press("c")
    await until(app.pilot, lambda: listed(app).listed)
    await app.press(*"".join(words), "enter")
    return comparing(app)


@asynccontextmanager
async def compared(
    draft: Draft, other: TrainingConfig, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[TraindeckApp, CompareScreen]]:
    """The screen alone, at any size."""
    app = TraindeckApp(Path("runs"))
    async with app.run_test(size=size) as pilot:
        screen = CompareScreen(draft, Placed("Balanced, medium", other, Path.cwd()), lambda _: None)
        await app.push_screen(screen)
        await until(
            pilot, lambda: screen.has_class("-short") == (size[1] < 20) and screen.query_one(DifferenceList).text
        )
        yield app, screen


# What there is to compare with


async def test_the_list_holds_presets_files_and_every_past_run(runs_dir: Path) -> None:
    own_presets.keep("lungs", "epochs: 3\n")
    for name, created in (("older", 1.0), ("newer", 2.0)):
        make_run(runs_dir, name, state="finished", created=created).config.write_text("epochs: 7\n")
    async with editor(runs_dir) as app:
        await app.press("c")
        await until(app.pilot, lambda: listed(app).listed)
        titles = [choice.title.split(maxsplit=1) for choice in listed(app).choices]
        assert titles[3] == ["guide", "Defaults"]
        assert titles[-4:] == [["own", "lungs"], ["file", "Another file …"], ["run", "newer"], ["run", "older"]]
        await app.press(*"older", "enter")
        screen = comparing(app)
        assert [one.key for one in screen.differences] == ["epochs"]
        assert text(screen.query_one("#compare-title", SpanView))[0].startswith("older → this config")


async def test_a_new_config_is_compared_with_how_it_was_opened_and_a_file_with_what_is_on_disk(
    runs_dir: Path, here: Path
) -> None:
    async with editor(runs_dir, Draft(BALANCED)) as app:
        await app.set("epochs", 50)
        screen = await compare_with(app, "opened")
        assert [(one.old, one.new) for one in screen.differences] == [("100", "50")]
    path = here / "mine.yaml"
    path.write_text("epochs: 3\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        await app.press("c")
        assert "file  mine.yaml on disk" not in [choice.title for choice in listed(app).choices]
        await app.press("escape")
        path.write_text("epochs: 4\n")
        screen = await compare_with(app, "disk")
        assert [(one.old, one.new) for one in screen.differences] == [("4", "3")]


async def test_a_file_is_compared_by_its_path_and_its_own_paths_mean_the_same(runs_dir: Path, here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "other.yaml").write_text("data: {source: folder, path: ../images}\nepochs: 3\n")
    (here / "mine.yaml").write_text("data: {source: folder, path: images}\n")
    async with editor(runs_dir, Draft.open(here / "mine.yaml")) as app:
        await app.press("c")
        await app.press(*"another", "enter")
        assert isinstance(app.pilot.app.screen, PathScreen)
        await app.press(*"sub/oth", "tab", "enter")
        screen = comparing(app)
        assert {one.key: one.old for one in screen.differences}["data.path"] == str(here / "sub" / "../images")
        (here / "sub" / "other.yaml").write_text(f"data: {{source: folder, path: {here}/images}}\n")
        await app.press("c", *"another", "enter", *"sub/oth", "tab", "enter")
        assert not comparing(app).differences


async def test_what_cannot_be_read_is_said_and_nothing_opens(runs_dir: Path) -> None:
    make_run(runs_dir, "foreign", state="finished", created=1.0)
    async with editor(runs_dir) as app:
        await app.press("c")
        await until(app.pilot, lambda: listed(app).listed)
        await app.press(*"foreign", "enter")
        assert app.pilot.app.screen is app.screen
        (note,) = app.pilot.app._notifications
        assert "There is no such file." in note.message


async def test_names_from_files_cannot_steer_the_terminal(runs_dir: Path) -> None:
    folder = make_run(runs_dir, "odd", name="a\x1b[31mb", state="finished", created=1.0)
    folder.config.write_text('model: {kind: transfer, backbone: "re[b]s"}\n')
    async with editor(runs_dir) as app:
        screen = await compare_with(app, "ab")
        assert screen.other.name == "ab"
        assert any("re[b]s" in line for line in text(screen.query_one(DifferenceList)))


# Taking over


async def test_enter_takes_the_others_value_over_and_u_undoes_it(runs_dir: Path) -> None:
    async with editor(runs_dir, Draft(TRANSFER)) as app:
        screen = await compare_with(app, "balanced")
        await app.press("j", "enter")
        assert app.draft.config.learning_rate == 1e-3
        assert "learning_rate" not in [one.key for one in screen.differences]
        assert (
            "Learning rate is as in Balanced, medium; u undoes it."
            in text(screen.query_one("#compare-detail", SpanView))[0]
        )
        await app.press("u")
        assert app.draft.config == TRANSFER
        assert "learning_rate" in [one.key for one in screen.differences]
        await app.press("u")
        assert "Nothing was taken over here." in text(screen.query_one("#compare-detail", SpanView))[0]
        await app.press("k", "enter", "escape")
        assert isinstance(app.pilot.app.screen, EditorScreen)
        assert app.draft.config.optimizer == "Adam"
        assert app.row("optimizer").text == "Adam"


async def test_taking_every_line_over_ends_with_equal_configs(runs_dir: Path) -> None:
    async with editor(runs_dir, Draft(TRANSFER)) as app:
        screen = await compare_with(app, "balanced")
        for _ in range(len(screen.differences)):
            await app.press("enter")
        assert not screen.differences
        assert "✓ No difference that counts." in text(screen.query_one(DifferenceList))[0]
        assert compare(BALANCED, app.draft.config) == []
        await app.press("enter")
        assert "Nothing to take over here." in text(screen.query_one("#compare-detail", SpanView))[0]


async def test_a_block_that_is_gone_here_comes_back_where_it_was(runs_dir: Path) -> None:
    other = TrainingConfig(model=Model(blocks=tuple(Block(filters=filters) for filters in (16, 32, 64))))
    here = TrainingConfig(model=Model(blocks=(other.model.blocks[0], other.model.blocks[2])))
    draft = Draft(here)
    async with compared(draft, other) as (_, screen):
        assert [(one.sign, one.label) for one in screen.differences] == [("−", "Block 2")]
        screen.action_take()
        assert draft.config == other
        screen.action_undo()
        assert draft.config == here


async def test_what_is_typed_elsewhere_stays_when_a_value_is_taken_over(runs_dir: Path) -> None:
    draft = Draft(TRANSFER)
    draft.type("es_patience", "many")
    async with compared(draft, BALANCED) as (_, screen):
        assert "✗ 1 value is not valid" in text(screen.query_one("#compare-title", SpanView))[0]
        screen.action_take()
        assert draft.config.optimizer == "Adam"
        assert draft.typed["es_patience"] == "many"


async def test_c_picks_another_to_compare_with(runs_dir: Path) -> None:
    async with editor(runs_dir, Draft(BALANCED)) as app:
        screen = await compare_with(app, "defaults")
        assert len(screen.differences) == 5
        await app.press("c", *"balanced", "enter")
        assert comparing(app) is screen
        assert not screen.differences
        await app.press("c", "escape")
        assert comparing(app) is screen


# How it looks


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40), (20, 6)])
async def test_every_line_can_be_reached_at_any_size(size: tuple[int, int]) -> None:
    async with compared(Draft(TRANSFER), BALANCED, size) as (_, screen):
        view = screen.query_one(DifferenceList)
        for at, one in enumerate(screen.differences):
            assert screen.at == at
            marked = [line for line in text(view) if line.startswith("▸")]
            assert len(marked) == 1
            assert marked[0].startswith(f"▸ {one.sign} {one.label}"[: size[0] - 1])
            screen.action_move(1)
        assert all(len(line) <= size[0] for line in text(view))
        screen.action_move(-100)
        # Two rows of list have no room for the heading.
        assert text(view)[0] == ("Training" if size[1] > 6 else "▸ ~ Optimizer")


async def test_lines_tell_symbol_values_and_meaning() -> None:
    async with compared(Draft(TRANSFER), BALANCED) as (_, screen):
        found = text(screen.query_one(DifferenceList))
        assert found[0] == "Training"
        assert [" ".join(line.split()) for line in found[2:4]] == [
            "~ Learning rate 0.001 → 0.0001 10× lower",
            "~ Decay strength 0.0001 → 0.01 100× stronger",
        ]
        assert "  + Backbone        resnet18" in found
        assert any(line.startswith("  − Blocks") for line in found)
        assert "Optimization" in found


async def test_a_click_marks_a_line_and_the_wheel_moves_on() -> None:
    async with compared(Draft(TRANSFER), BALANCED) as (app, screen):
        view = screen.query_one(DifferenceList)
        view.post_message(DifferenceList.Clicked(3))
        await until_marked(app, screen, "l2_lambda")
        view.post_message(DifferenceList.Clicked(0))
        screen.on_mouse_scroll_down()
        await until_marked(app, screen, "lr_strategy")


async def until_marked(app: TraindeckApp, screen: CompareScreen, key: str) -> None:
    await until(Pilot(app), lambda: screen.marked is not None and screen.marked.key == key)


def test_keys_without_effect_are_named_once_and_not_listed() -> None:
    idle = ["model.depth", "model.heads"]
    rows = [line.row for line in lines([], 60, 0, idle)]
    assert "".join(text for text, _ in rows[1]) == "No effect in either: model.depth, model.heads"


@pytest.mark.parametrize("width", [12, 20, 39, 71, 72, 100, 200])
def test_no_row_is_wider_than_the_view(width: int) -> None:
    found = compare(preset("cnn").config, preset("vit-fine-tuning").config)
    for line in lines(found, width, 0, ["model.depth"]):
        assert width_of(line.row) <= width
    for one in found:
        assert all(width_of(row) <= width for row in detail(one, "there", "enter", width))


def test_the_detail_says_what_comes_along() -> None:
    found = compare(preset("transfer-partial").config, BALANCED)
    (mode,) = (one for one in found if one.key == "model.unfrozen_stages")
    rows = ["".join(text for text, _ in row) for row in detail(mode, "Transfer", "enter", 200)]
    assert rows == [
        "− only there: model.unfrozen_stages: 1",
        "enter makes it as in Transfer, with model.kind, model.mode.",
    ]
    assert all(value(BALANCED, key) is not None for key in mode.patch)
