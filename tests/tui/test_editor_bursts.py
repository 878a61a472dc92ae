"""Keys that a slow line brings all at once do what they would have done one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from tests.tui.driving import EditorPilot, editor, keys_of, until
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft

FILTERS = "model.blocks.1.filters"
CASES: list[tuple[str, tuple[str, ...]]] = [
    (FILTERS, ("6", "4", "enter", "x")),
    (FILTERS, ("right", "right", "x")),
    (FILTERS, ("6", "4", "enter", "u")),
    ("learning_rate", ("5", "enter", "u")),
    ("learning_rate", ("5", "tab", "u")),
    ("learning_rate", ("5", "tab", "tab", "tab", "tab", "7", "7", "tab", "6", "4", "enter")),
    ("learning_rate", ("5", "tab", "shift+tab", "enter", "end", "0", "enter")),
    ("learning_rate", ("5", "up", "up", "enter")),
    ("learning_rate", ("right", "right", "right", "r")),
    ("learning_rate", ("backspace", "5", "enter", "j", "space", "k")),
    ("optimizer", ("right", "right", "r", "n", "r")),
    ("model.blocks.1", ("enter", "end", "backspace", "backspace", "3", "enter", "K")),
    ("model.blocks.1", ("enter", "ctrl+u", "enter", "x", "u")),
    ("model.blocks.+", ("enter", *keys_of("filters: 8"), "enter", "K", "K")),
    ("data.source", ("right", "j", "d", "a")),
    ("learning_rate", ("slash", *"batch", "enter", "right")),
    ("learning_rate", ("5", "enter", "p", *"tran", "enter")),
    ("learning_rate", ("v", "v", "v", "5", "enter", "v")),
    (
        "learning_rate",
        ("5", "enter", "slash", *"epochs", "enter", *"60", "enter", "slash", *"seed", "enter", "7", "enter"),
    ),
]


@asynccontextmanager
async def at(runs_dir: Path, key: str) -> AsyncIterator[EditorPilot]:
    """An editor with the cursor at that field."""
    async with editor(runs_dir, Draft(TrainingConfig()), (120, 40)) as app:
        app.screen.folds.items.add("model.blocks.1")
        await app.focus(key)
        yield app


def state(app: EditorPilot) -> tuple[Any, ...]:
    """What there is to tell of the editor, and of a dialog over it."""
    now = app.pilot.app.screen
    texts = [field.value for field in now.query(Input)]
    draft = app.draft
    return draft.config, draft.typed, draft.errors, app.screen.form.typing, app.focused, type(now).__name__, texts


def burst(app: EditorPilot, keys: tuple[str, ...]) -> None:
    """All keys as one read of the terminal brings them: none waits for what another does."""
    for key in keys:
        character = key if len(key) == 1 else {"space": " ", "colon": ":"}.get(key)
        app.pilot.app.post_message(events.Key(key, character))


@pytest.mark.parametrize(("key", "keys"), CASES, ids=[f"{key}: {' '.join(keys)}" for key, keys in CASES])
async def test_keys_at_once_do_what_they_do_one_by_one(runs_dir: Path, key: str, keys: tuple[str, ...]) -> None:
    async with at(runs_dir, key) as app:
        await app.press(*keys)
        one_by_one = state(app)
    async with at(runs_dir, key) as app:
        burst(app, keys)
        await until(app.pilot, lambda: state(app) == one_by_one)
        await app.press()
        assert state(app) == one_by_one


async def test_a_dialog_that_is_answered_twice_takes_no_other_screen_with_it(runs_dir: Path) -> None:
    async with at(runs_dir, "optimizer") as app:
        await app.press("slash")
        dialog = app.pilot.app.screen
        dialog.dismiss(None)
        dialog.dismiss(None)
        await app.press()
        assert app.pilot.app.screen is app.screen
