"""What runs take on the disk, and pins, as Home shows them."""

from __future__ import annotations

from pathlib import Path

from tests.runs.builders import make_run, weigh
from tests.tui.driving import home
from training.runs import cleaning, store
from training.runs.layout import RunFolder


def over(runs_dir: Path, run_id: str, megabytes: int) -> RunFolder:
    folder = make_run(runs_dir, run_id, state="finished", created=1.0, started=1.0, ended=2.0)
    weigh(folder, "last", megabytes * 1_000_000)
    return folder


async def test_every_run_and_all_together_show_what_they_take(runs_dir: Path) -> None:
    over(runs_dir, "a", 1200)
    over(runs_dir, "b", 200)
    async with home(runs_dir, size=(120, 40)) as app:
        await app.until(lambda: app.cells("a")["size"] == "1.2 GB")
        assert app.cells("b")["size"] == "200 MB"
        assert app.text("#home-title").endswith("2 runs, 1.4 GB")
        assert f" · {app.cells(app.selected)['size']}" in app.text("#home-detail")
        await app.press("slash", "b")
        assert app.text("#home-title").endswith("1 of 2 runs with “b”, 200 MB")


async def test_a_cleaning_shows_within_a_poll(runs_dir: Path) -> None:
    over(runs_dir, "a", 1200)
    async with home(runs_dir, size=(120, 40)) as app:
        await app.until(lambda: app.cells("a")["size"] == "1.2 GB")
        for removal in cleaning.plan(store.list_runs(runs_dir)).removals:
            cleaning.clean(removal)
        await app.until(lambda: app.cells("a")["size"].endswith(" B"))
        assert "weights cleaned" in app.text("#home-detail")
        assert app.text("#home-title").endswith(" B")


async def test_p_pins_the_selected_run_and_takes_the_pin_off_again(runs_dir: Path) -> None:
    folder = over(runs_dir, "a", 1)
    async with home(runs_dir) as app:
        assert app.cells("a")["name"] == "a"
        await app.press("p")
        await app.until(lambda: app.cells("a")["name"] == "◆ a")
        assert folder.pin.exists()
        assert app.said == ["a is pinned: no cleaning removes its weights."]
        assert "a: finished, pinned" in app.text("#home-detail")
        await app.press("p")
        await app.until(lambda: app.cells("a")["name"] == "a")
        assert not folder.pin.exists()


async def test_pinned_runs_are_found_by_that_word(runs_dir: Path) -> None:
    over(runs_dir, "a", 1).pin.touch()
    over(runs_dir, "b", 1)
    async with home(runs_dir) as app:
        await app.press("slash", *"pinned")
        assert app.ids == ["a"]


async def test_a_pin_that_cannot_be_written_says_so(runs_dir: Path) -> None:
    folder = over(runs_dir, "a", 1)
    folder.pin.symlink_to(runs_dir / "no" / "such" / "place")
    async with home(runs_dir) as app:
        await app.press("p")
        await app.until(lambda: app.said)
        assert "cannot be pinned" in app.said[0]


async def test_an_empty_home_has_nothing_to_pin(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("p")
        assert app.said == ["No run is selected."]
