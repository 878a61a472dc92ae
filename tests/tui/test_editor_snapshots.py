"""Pictures of the editor: the three sizes, the views, the themes. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import until
from training.config.presets import preset
from tui.app import TraindeckApp
from tui.editor.draft import Draft
from tui.screens.compare import open_compare
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.theme import THEMES

SIZES = [(120, 40), (80, 24), (40, 12)]
COMMENTED = """\
# a night's run
optimizer: AdamW   # decoupled
learning_rate: 1e-3
epochs: 40
lr_strategy: Cosine Annealing
model:
  kind: custom_cnn
  blocks:
    - {filters: 32, dropout: 0.25}  # the first
    - {filters: 64, dropout: 0.6}
optimization: {warmup_epochs: 5}
"""
Snap = Callable[..., bool]
Show = Callable[[Pilot[Any]], Awaitable[None]]


@pytest.fixture(autouse=True)
def at_a_fixed_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of files and folders are shown: they have to be the same every time."""
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    Path("night.yaml").write_text(COMMENTED)


def app() -> TraindeckApp:
    return TraindeckApp(Path("runs"))


def shown(draft: Callable[[], Draft], *keys: str, view: str = "", at: str = "learning_rate") -> Show:
    """The editor on a draft, with what is known of the digits, the cursor at a field, and keys pressed."""

    async def show(pilot: Pilot[Any]) -> None:
        home = pilot.app.screen
        assert isinstance(home, HomeScreen)
        await until(pilot, lambda: home.seen)
        screen = EditorScreen(draft(), "New config: Small data, custom CNN")
        await pilot.app.push_screen(screen)
        await until(pilot, lambda: screen.gatherer is not None and screen.gatherer.is_mounted)
        if view:
            screen.turn_to(view)
        screen.go(at)
        await pilot.press(*keys)
        await pilot.pause()

    return show


def small_data() -> Draft:
    draft = Draft(preset("small-data").config)
    draft.type("learning_rate", "1.0")
    return draft


def night() -> Draft:
    draft = Draft.open(Path("night.yaml"))
    draft.set("learning_rate", 3e-4)
    draft.add_item("model.blocks.1")
    draft.type("batch_size", "many")
    return draft


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_warning(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(app(), run_before=shown(small_data), terminal_size=size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_typing_in_a_file_with_its_yaml_beside_it(snap_compare: Snap, size: tuple[int, int]) -> None:
    keys = ("1", "minus")
    assert snap_compare(app(), run_before=shown(night, *keys, view="YAML", at="batch_size"), terminal_size=size)


@pytest.mark.parametrize("view", ["Schedule", "Data", "Help"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_view(snap_compare: Snap, view: str, size: tuple[int, int]) -> None:
    assert snap_compare(app(), run_before=shown(night, view=view, at="lr_strategy"), terminal_size=size)


def test_a_block_that_is_unfolded(snap_compare: Snap) -> None:
    show = shown(night, "right", "down", view="YAML", at="model.blocks.1")
    assert snap_compare(app(), run_before=show, terminal_size=(120, 40))


def test_the_field_list(snap_compare: Snap) -> None:
    keys: Sequence[str] = ("slash", *"patience")
    assert snap_compare(app(), run_before=shown(small_data, *keys), terminal_size=(80, 24))


def test_comparing_with_something(snap_compare: Snap) -> None:
    before = shown(night)

    async def show(pilot: Pilot[Any]) -> None:
        await before(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, EditorScreen)
        open_compare(screen)
        await pilot.press(*"balanced", "enter")
        await pilot.pause()

    assert snap_compare(app(), run_before=show, terminal_size=(80, 24))


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
def test_a_theme(snap_compare: Snap, theme: str) -> None:
    themed = app()
    themed.theme = theme
    assert snap_compare(themed, run_before=shown(night, view="YAML"), terminal_size=(120, 40))


def test_without_colours(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(), run_before=shown(night, view="YAML"), terminal_size=(120, 40))
