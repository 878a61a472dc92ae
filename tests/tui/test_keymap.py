"""The key table: no key that never arrives, no id twice, and an action behind every row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from tui import keymap
from tui.app import TraindeckApp
from tui.screens.choose import ChooseScreen
from tui.screens.compare import CompareScreen
from tui.screens.confirm import Answer, ConfirmScreen
from tui.screens.copy_text import CopyScreen
from tui.screens.editor import EditorScreen
from tui.screens.fix import FixScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.launch import LaunchScreen
from tui.screens.monitor import MonitorScreen
from tui.screens.open_file import PathScreen
from tui.screens.overlay import OverlayScreen
from tui.screens.pick import PickScreen
from tui.screens.prompt import PromptScreen
from tui.screens.resume import ResumeScreen
from tui.screens.story import StoryScreen
from tui.widgets.chart import Chart
from tui.widgets.form import Form
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Table
from tui.widgets.text_input import TextInput

OWNERS: dict[str, type[DOMNode]] = {
    "app": TraindeckApp,
    "home": HomeScreen,
    "editor": EditorScreen,
    "form": Form,
    "typing": Form,
    "compare": CompareScreen,
    "launch": LaunchScreen,
    "resume": ResumeScreen,
    "confirm": ConfirmScreen,
    "pick": PickScreen,
    "file": PathScreen,
    "help": HelpScreen,
    "monitor": MonitorScreen,
    "overlay": OverlayScreen,
    "prompt": PromptScreen,
    "choose": ChooseScreen,
    "copy": CopyScreen,
    "fix": FixScreen,
    "story": StoryScreen,
}
WIDGETS: tuple[type[Widget], ...] = (Answer, Chart, Form, KeyBar, Table, TextInput)


def inherited(owner: type[DOMNode]) -> Iterator[str]:
    """Every key that Textual would bind for the class, its bases included where it takes theirs."""
    yield from owner._merge_bindings().key_to_bindings


def actions(owner: type[Any], action: str) -> bool:
    return hasattr(owner, f"action_{action.partition('(')[0]}")


@pytest.mark.parametrize("owner", [*OWNERS.values(), *WIDGETS], ids=lambda owner: owner.__name__)
def test_no_key_is_one_that_tmux_screen_or_a_terminal_keeps(owner: type[DOMNode]) -> None:
    assert not set(inherited(owner)) & keymap.RESERVED


def test_the_walk_would_see_what_textual_itself_binds() -> None:
    assert "ctrl+q" in set(inherited(App))
    assert "tab" in set(inherited(Screen))


def test_ids_are_unique_and_carry_their_screen() -> None:
    ids = [key.id for key in keymap.TABLE]
    assert len(ids) == len(set(ids))
    assert all(key.id.startswith(f"{key.screen}.") for key in keymap.TABLE)


def test_every_row_belongs_to_a_screen_that_has_its_action() -> None:
    for key in keymap.TABLE:
        assert actions(OWNERS[key.screen], key.action), key


@pytest.mark.parametrize(("name", "owner"), OWNERS.items(), ids=list(OWNERS))
def test_a_screen_declares_its_rows_of_the_table(name: str, owner: type[DOMNode]) -> None:
    declared = {binding.id for binding in owner.BINDINGS if isinstance(binding, Binding)}
    assert declared >= {key.id for key in keymap.of(name)}
    # Typing is a mode of the form: its rows come second there.
    assert keymap.screen_of(owner.BINDINGS) == ("form" if name == "typing" else name)


@pytest.mark.parametrize("name", OWNERS)
def test_no_key_means_two_things_on_one_screen(name: str) -> None:
    rows = [*keymap.of(name), *(keymap.of("app") if name not in keymap.DIALOGS | {"app"} else [])]
    keys = [key for row in rows for key in row.keys.split(",")]
    assert sorted(keys) == sorted(set(keys))


def test_arrow_keys_and_vim_keys_both_move_in_lists() -> None:
    for arrow, letter in (("down", "j"), ("up", "k")):
        for screen in ("home", "editor", "monitor", "help"):
            assert any({arrow, letter} <= set(key.keys.split(",")) for key in keymap.of(screen)), (screen, arrow)


def test_every_row_says_what_it_does() -> None:
    for key in keymap.TABLE:
        assert key.description
        assert key.help, key


def test_keys_are_named_as_a_person_reads_them() -> None:
    assert keymap.find("app.help").names == "? f1"
    assert keymap.find("editor.recommended").names == "r f2 ^r"
    assert keymap.find("home.down").names == "↓ j"
