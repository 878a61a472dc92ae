"""Marks on Home, and what is done to the marked runs at once: tags, archive, delete, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from tests.runs.builders import add_process, beat, make_run
from tests.tui.driving import HomePilot, home, keys_of
from training.runs.labels import change_labels, read_labels
from training.runs.layout import RunFolder
from tui.screens import home_rows, overlay
from tui.screens.confirm import ConfirmScreen
from tui.screens.prompt import PromptScreen


@pytest.fixture
def three(runs_dir: Path) -> Path:
    """Runs a, b and c from top to bottom."""
    for number, name in enumerate("cba"):
        make_run(runs_dir, name, state="finished", created=100.0 + number, started=100.0, ended=160.0, epoch=10)
    return runs_dir


def marks(app: HomePilot) -> dict[str, str]:
    return {row.key: row.mark for row in app.home.table.rows}


async def fill(app: HomePilot, text: str) -> None:
    """Type into the prompt in place of what stands there, and take it."""
    assert isinstance(app.app.screen, PromptScreen)
    await app.press("end", "ctrl+u", *keys_of(text), "enter")


async def test_space_marks_a_run_and_goes_on_to_the_next(three: Path) -> None:
    async with home(three) as app:
        await app.press("space", "space")
        assert marks(app) == {"a": home_rows.MARK, "b": home_rows.MARK, "c": ""}
        assert app.selected == "c"
        assert "3 runs, 2 marked" in app.text("#home-title")
        await app.press("k", "space")
        assert marks(app)["b"] == ""
        await app.press("u")
        assert set(marks(app).values()) == {""}
        assert "marked" not in app.text("#home-title")


async def test_marks_stay_while_runs_are_filtered_out_or_read_again(three: Path) -> None:
    async with home(three) as app:
        await app.press("space", "slash", "c")
        assert app.ids == ["c"]
        assert "1 marked (1 not shown)" in app.text("#home-title")
        change_labels(RunFolder(three / "b"), add=["changed"])
        await app.press("escape")
        await app.until(lambda: app.home.by_id["b"].labels.tags)
        assert marks(app)["a"] == home_rows.MARK


async def test_the_mark_of_a_run_that_is_gone_is_gone(three: Path) -> None:
    async with home(three) as app:
        await app.press("space")
        RunFolder(three / "a").summary.unlink()
        await app.until(lambda: app.ids == ["b", "c"])
        assert app.home.marked == set()


async def test_tags_of_one_run_are_written_anew(three: Path) -> None:
    change_labels(RunFolder(three / "a"), tags=["old"])
    async with home(three, size=(120, 40)) as app:
        await app.press("t")
        assert isinstance(app.app.screen, PromptScreen)
        assert app.app.screen.value == "old"
        await fill(app, "new paper")
        await app.until(lambda: read_labels(RunFolder(three / "a")).tags == ("new", "paper"))
        await app.until(lambda: "tags: new paper" in app.text("#home-detail"))


async def test_tags_of_several_runs_are_added_and_taken_away(three: Path) -> None:
    change_labels(RunFolder(three / "a"), tags=["old", "own"])
    async with home(three) as app:
        await app.press("space", "space", "t")
        await fill(app, "new -old")
        await app.until(lambda: read_labels(RunFolder(three / "b")).tags == ("new",))
        assert read_labels(RunFolder(three / "a")).tags == ("own", "new")
        assert not RunFolder(three / "c").labels.exists()


async def test_a_note_is_kept_and_found(three: Path) -> None:
    async with home(three) as app:
        await app.press("N")
        await fill(app, "the good one")
        await app.until(lambda: "the good one" in app.text("#home-detail"))
        await app.press("slash", *"note", "colon", *"good")
        assert app.ids == ["a"]


async def test_archived_runs_are_counted_but_not_shown(three: Path) -> None:
    async with home(three) as app:
        await app.press("space", "space", "a")
        await app.until(lambda: app.ids == ["c"])
        assert "1 run, 2 marked (2 not shown)" in app.text("#home-title")
        assert app.text("#home-title").endswith("2 archived")
        await app.press("u", "A")
        assert app.ids == ["a", "b", "c"]
        assert app.cells("a")["name"] == f"{home_rows.ARCHIVED} a"
        await app.press("home", "a")
        await app.until(lambda: not read_labels(RunFolder(three / "a")).archived)
        await app.press("A")
        await app.until(lambda: app.ids == ["a", "c"])


async def test_a_filter_on_the_archive_shows_it(three: Path) -> None:
    change_labels(RunFolder(three / "b"), archived=True)
    async with home(three) as app:
        assert app.ids == ["a", "c"]
        await app.press("slash", *keys_of("archived:yes"))
        assert app.ids == ["b"]


async def test_a_home_whose_runs_are_all_archived_says_so(three: Path) -> None:
    for name in "abc":
        change_labels(RunFolder(three / name), archived=True)
    async with home(three) as app:
        assert app.text("#home-unmatched") == "3 runs here, all of them archived; A shows them."
        await app.press("slash", "b")
        assert app.text("#home-unmatched") == "No run matches but 1 archived; A shows them, esc ends the search."
        await app.press("escape", "A")
        assert len(app.ids) == 3


async def test_a_live_run_is_not_archived(three: Path) -> None:
    live = make_run(three, "live")
    add_process(live)
    beat(live, 0.0)
    async with home(three) as app:
        await app.press("a")
        assert app.said == ["live: what goes on is not archived."]
        await app.press("space", "space", "a")
        await app.until(lambda: read_labels(RunFolder(three / "a")).archived)
        assert not live.labels.exists()


async def test_deleting_marked_runs_asks_with_their_number(three: Path) -> None:
    async with home(three) as app:
        await app.press("space", "space", "d")
        screen = app.app.screen
        assert isinstance(screen, ConfirmScreen)
        assert screen.question == "Delete 2 runs?"
        assert screen.detail.startswith("a, b: their configs")
        await app.press("y")
        await app.until(lambda: app.ids == ["c"])
        assert app.home.marked == set()


async def test_marked_runs_are_not_deleted_while_one_of_them_is_live(three: Path) -> None:
    live = make_run(three, "live")
    add_process(live)
    beat(live, 0.0)
    async with home(three) as app:
        await app.press("space", "space", "d")
        assert not isinstance(app.app.screen, ConfirmScreen)
        assert app.said == ["live is running: stop it before deleting it."]
    assert (three / "a").exists()


async def test_labels_that_cannot_be_written_say_why(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("training.files.replace", refuse)
    async with home(three) as app:
        await app.press("space", "space", "a")
        await app.until(lambda: app.said)
        assert "its labels cannot be written: Permission denied." in app.said[0]
        assert app.said[0].endswith("And 1 more could not be changed.")


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        (("space", "down", "space", "c"), ["a", "c"]),
        (("c",), ["c", "a"]),
        (("down", "c"), []),
        (("end", "space", "c"), []),
    ],
)
async def test_compare_overlays_the_marked_runs_or_the_selected_one_after_its_parent(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], ids: list[str]
) -> None:
    opened: list[list[str]] = []

    class Overlay(Screen[None]):
        def __init__(self, folders: list[RunFolder]) -> None:
            super().__init__()
            opened.append([folder.id for folder in folders])

    monkeypatch.setattr(overlay, "OverlayScreen", Overlay)
    for number, name in enumerate("cba"):
        parent = "c" if name == "a" else ""
        make_run(runs_dir, name, state="finished", created=100.0 + number, parent=parent)
    async with home(runs_dir) as app:
        await app.press(*keys)
        assert app.said == ([] if ids else ["Mark at least two runs with space, then c."])
    assert opened == ([ids] if ids else [])
