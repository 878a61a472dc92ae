"""The YAML view in the app: any size, cheap moves, and large files that wait for a pause in typing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tests.bench.bench_yaml_pane import long_config, rows
from tests.tui.driving import until
from tests.tui.test_yaml_lines import KEYS, MINE
from tui.editor.draft import Draft
from tui.editor.panes import yaml_pane
from tui.editor.panes.yaml_pane import LARGE, YamlPane
from tui.theme import FALLBACKS


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    return Draft.open(path)


class Beside(App[None]):
    """The pane alone."""

    CSS = "YamlPane { height: 1fr; }"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return FALLBACKS

    def compose(self) -> ComposeResult:
        yield YamlPane()


@asynccontextmanager
async def pane(size: tuple[int, int] = (60, 20)) -> AsyncIterator[YamlPane]:
    app = Beside()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app.query_one(YamlPane)


@pytest.mark.parametrize("size", [(30, 4), (40, 12), (120, 40)])
async def test_the_pane_fits_any_size(draft: Draft, size: tuple[int, int]) -> None:
    async with pane(size) as shown:
        for key in KEYS:
            shown.show(draft, key)
            lines = shown.text.split("\n")
            assert len(lines) <= size[1]
            assert lines[0].startswith("mine.yaml")
            assert sum(line.startswith("▸") for line in lines) == 1


def test_a_pane_without_a_size_waits(draft: Draft) -> None:
    shown = YamlPane()
    shown.show(draft, "optimizer")
    assert shown.text == ""


async def test_moving_about_edits_nothing(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pane() as shown:
        shown.show(draft, "optimizer")
        monkeypatch.setattr(yaml_pane, "yaml_text", lambda *_: pytest.fail("the text was made anew"))
        shown.show(draft, "model.depth")
        assert "▸  10   depth: 3" in shown.text


async def test_a_large_file_is_edited_anew_when_typing_pauses(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(long_config(300))
    assert path.stat().st_size > LARGE
    draft = Draft.open(path)
    async with pane() as shown:
        shown.show(draft, "epochs")
        draft.type("epochs", "7")
        shown.show(draft, "epochs")
        assert "epochs: 100" in shown.text
        assert shown.text.split("\n")[0].endswith("… as on disk")
        shown.catch_up()
        assert "epochs: 7" in shown.text
        assert shown.text.split("\n")[0].endswith("1 line changed")
        assert not shown.late


async def test_a_large_file_does_not_wait_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_pane, "PAUSE", 0.001)
    path = tmp_path / "large.yaml"
    path.write_text(long_config(300))
    draft = Draft.open(path)
    app = Beside()
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.query_one(YamlPane)
        shown.show(draft, "epochs")
        draft.type("epochs", "7")
        shown.show(draft, "epochs")
        await until(pilot, lambda: not shown.late)
        assert "epochs: 7" in shown.text


async def test_another_draft_is_shown_at_once(draft: Draft, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(long_config(300))
    async with pane() as shown:
        shown.show(draft, "epochs")
        shown.show(Draft.open(path), "model.blocks.40")
        assert "large.yaml" in shown.text
        assert "# block 40" in shown.text


def test_the_bench_of_the_view_measures() -> None:
    assert all(row.value.median > 0 for row in rows(5))
