"""Home's quiet word on drafts that were left unsaved, and what it says where there are no runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import home
from tests.tui.kept import changed, leave
from tui.editor import keeping
from tui.screens import kept_drafts
from tui.screens.draft_list import LATER
from tui.screens.pick import PickScreen


async def test_drafts_that_nobody_edits_are_counted_behind_the_title(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_drafts, "offer", lambda _: None)  # it might come late, and offer what is left below
    async with home(runs_dir) as app:
        assert "unsaved" not in app.text("#home-title")
        kept = leave(changed(), id="one")
        await app.until(lambda: app.text("#home-title").endswith("  • 1 unsaved draft: D"))
        leave(changed(), id="two")
        await app.until(lambda: app.text("#home-title").endswith("  • 2 unsaved drafts: D"))
        await app.press("D")
        screen = app.app.screen
        assert isinstance(screen, PickScreen)
        assert screen.choices[-2].id == LATER
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.home)
        keeping.discard(kept)
        await app.until(lambda: app.text("#home-title").endswith("  • 1 unsaved draft: D"))


async def test_without_runs_it_tells_of_ones_own_images(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        assert "Press n for a new run, on built-in digits or your own images" in app.text("#home-empty")
