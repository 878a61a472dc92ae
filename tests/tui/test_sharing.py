"""S in the monitor: a run written as one file, to where the user says."""

from __future__ import annotations

from pathlib import Path

from tests.tui.fakes import FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor
from tui.screens.pick import PickScreen
from tui.screens.prompt import PromptScreen
from tui.widgets.text_input import TextInput


async def asked(screen: MonitorPilot, *keys: str) -> PromptScreen:
    """The question for the place, after the kind was picked."""
    await screen.press("S")
    assert isinstance(screen.app.screen, PickScreen)
    await screen.press(*keys, "enter")
    prompt = screen.app.screen
    assert isinstance(prompt, PromptScreen)
    return prompt


def said(screen: MonitorPilot) -> list[str]:
    return [note.message for note in screen.app._notifications]


def finished(runs_dir: Path) -> FakeRun:
    run = learning_run(runs_dir)
    run.finish()
    return run


async def test_a_page_is_written_where_the_prompt_offers(runs_dir: Path, here: Path) -> None:
    async with monitor(finished(runs_dir).folder) as screen:
        await screen.shows("✓ finished")
        prompt = await asked(screen)
        assert prompt.text == str(here / "digits-adam-0.001.html")
        await screen.press("enter")
        path = here / "digits-adam-0.001.html"
        await screen.until(lambda: said(screen))
        assert said(screen)[0].startswith(f"{path}: ")
        assert path.read_text().startswith("<!DOCTYPE html>")
        assert str(runs_dir) in path.read_text()


async def test_markdown_without_what_is_private_can_be_had_too(runs_dir: Path, here: Path) -> None:
    async with monitor(finished(runs_dir).folder, (40, 12)) as screen:
        await screen.shows("✓ finished")
        prompt = await asked(screen, "down", "down", "down")
        assert "read it before you hand it on" in prompt.detail
        await screen.press("enter")
        await screen.until(lambda: said(screen))
        told = (here / "digits-adam-0.001.md").read_text()
        assert "# digits-adam-0.001" in told
        assert str(runs_dir) not in told


async def test_a_file_that_is_there_is_neither_offered_nor_taken(runs_dir: Path, here: Path) -> None:
    taken = here / "digits-adam-0.001.html"
    taken.write_text("mine")
    async with monitor(finished(runs_dir).folder) as screen:
        await screen.shows("✓ finished")
        prompt = await asked(screen)
        assert prompt.text == str(here / "digits-adam-0.001-2.html")
        prompt.query_one(TextInput).value = str(taken)
        await screen.press("enter")
        assert screen.app.screen is prompt
        assert "is there already. Name another file." in prompt.judge(prompt.text).said
        await screen.press("escape")
        assert taken.read_text() == "mine"
        assert said(screen) == []


async def test_a_run_that_is_gone_by_then_is_said(runs_dir: Path, here: Path) -> None:
    run = finished(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.shows("✓ finished")
        await asked(screen)
        run.folder.summary.unlink()
        await screen.press("enter")
        await screen.until(lambda: said(screen))
        assert said(screen)[0].endswith("holds no run any more.")
        assert not (here / "digits-adam-0.001.html").exists()
