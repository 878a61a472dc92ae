"""What differs between the config in the editor and another one, line by line to be taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from training.config.patch import replaced
from training.guide.comparison import Difference, compare, without_effect
from training.runs.compared import Placed, beside
from tui import keymap
from tui.editor.compare_rows import detail, lines
from tui.editor.draft import Draft
from tui.screens.compare_pick import pick_other
from tui.screens.editor import EditorScreen
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import Row, between
from tui.widgets.spans import SpanView

HERE = "this config"


class DifferenceList(SpanView):
    """The list; a click on a line marks it."""

    @dataclass
    class Clicked(Message):
        """The line of the view that was clicked."""

        y: int

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked(event.y))


class CompareScreen(Screen[None], inherit_bindings=False):
    """Shows what leads from the other config to the draft's; the other one's values can be taken over."""

    CSS_PATH = "compare.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("compare")
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]

    def __init__(self, draft: Draft, other: Placed, pick: Callable[[CompareScreen], None]) -> None:
        """`pick` asks for another config to compare with and hands it to `show_other`."""
        super().__init__()
        self.draft = draft
        self.other = other
        self.differences: list[Difference] = []
        self.idle: list[str] = []
        self.at = 0
        self.top = 0
        self.said = ""
        """What the last key did."""
        self._pick = pick
        self._taken = 0

    def compose(self) -> ComposeResult:
        yield SpanView(self._title, id="compare-title")
        yield DifferenceList(self._list, id="compare-list")
        yield SpanView(self._detail, id="compare-detail")
        yield KeyBar("compare")

    def on_mount(self) -> None:
        self._compare()

    def show_other(self, other: Placed) -> None:
        """Compare with this one from now on."""
        self.other, self.at, self.top, self.said = other, 0, 0, ""
        self._compare()

    def _compare(self) -> None:
        here = Placed(HERE, self.draft.config, self.draft.base_dir)
        other = beside(self.other, here)
        self.differences, self.idle = compare(other, here.config), without_effect(other, here.config)
        self.at = max(0, min(self.at, len(self.differences) - 1))
        self._show()

    def _show(self) -> None:
        for view in self.query(SpanView):
            view.update_rows()

    @property
    def marked(self) -> Difference | None:
        """The difference under the cursor."""
        return self.differences[self.at] if self.differences else None

    # The three views

    def _title(self, width: int, _: int) -> list[Row]:
        number = len(self.differences)
        count = "1 difference" if number == 1 else f"{number or 'no'} differences"
        wrong = len(self.draft.errors)
        invalid = f"✗ {wrong} {'value is' if wrong == 1 else 'values are'} not valid  " if wrong else ""
        return [between([(f"{self.other.name} → {HERE}", "strong")], [(invalid, "error"), (count, "text")], width)]

    def _list(self, width: int, height: int) -> list[Row]:
        found = lines(self.differences, width, self.at, self.idle)
        marked = [index for index, line in enumerate(found) if line.at == self.at]
        if marked:
            # The heading above the first line of a section comes along.
            first = marked[0] - (marked[0] > 0 and found[marked[0] - 1].at is None)
            self.top = min(marked[0], max(min(self.top, first), marked[-1] + 1 - height))
        self.top = max(0, min(self.top, len(found) - height))
        return [line.row for line in found[self.top : self.top + height]]

    def _detail(self, width: int, _: int) -> list[Row]:
        said: list[Row] = [[(self.said, "accent")]] if self.said else []
        key = keymap.display(keymap.find("compare.take").keys)
        return [*said, *(detail(self.marked, self.other.name, key, width) if self.marked else [])]

    @on(DifferenceList.Clicked)
    def take_click(self, message: DifferenceList.Clicked) -> None:
        view = self.query_one(DifferenceList)
        found = lines(self.differences, view.content_size.width, self.at, self.idle)
        index = self.top + message.y
        at = found[index].at if index < len(found) else None
        if at is not None:
            self.action_move(at - self.at)

    def on_mouse_scroll_down(self) -> None:
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-1)

    # Keys

    def action_move(self, lines: int) -> None:
        self.at = max(0, min(self.at + lines, len(self.differences) - 1))
        self.said = ""
        self._show()

    def action_take(self) -> None:
        """Make the draft as the other config in what the marked line tells of."""
        one = self.marked
        if one is None or not one.patch:
            self.said = "Nothing to take over here." if one is None else "This one has to stay."
            self._show()
            return
        if any(isinstance(new, tuple) for new in one.patch.values()):
            # A list of another length: what was typed into its items has no place any more.
            config = self.draft.config
            for key, new in one.patch.items():
                config = replaced(config, key, new)
            self.draft.replace(config)
        else:
            self.draft.take(dict(one.patch))
        self._taken += 1
        undo = keymap.display(keymap.find("compare.undo").keys)
        self.said = f"{one.label} is as in {self.other.name}; {undo} undoes it."
        self._compare()

    def action_undo(self) -> None:
        if not self._taken:
            self.said = "Nothing was taken over here."
            self._show()
            return
        self._taken -= 1
        self.draft.undo()
        self.said = "Undone."
        self._compare()

    def action_other(self) -> None:
        self._pick(self)

    def action_close(self) -> None:
        self.dismiss()


def open_compare(editor: EditorScreen, other: Placed | None = None) -> None:
    """Show what differs between the editor's draft and another config; without one, ask what to compare with first."""

    def pick(screen: CompareScreen) -> None:
        pick_other(editor.app, editor.draft, screen.show_other)

    def show(chosen: Placed) -> None:
        editor.app.push_screen(CompareScreen(editor.draft, chosen, pick), closed)

    def closed(_: None) -> None:
        editor.show()

    if other is not None:
        show(other)
    else:
        pick_other(editor.app, editor.draft, show)
