"""The config editor: the form, what the guide says while you type, views beside it, and the ways out."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from tui import keymap
from tui.editor.about import notes_on, silenced_on
from tui.editor.draft import Draft
from tui.editor.panes.side import VIEWS, Side
from tui.editor.rows import SECTION, Folds, row_of, rows, section_of
from tui.editor.title import TitleBar
from tui.editor.upkeep import Upkeep
from tui.screens.editor_files import OpensFiles
from tui.screens.editor_knowledge import KnowsData
from tui.screens.editor_launching import LaunchesDraft
from tui.screens.editor_values import SetsValues
from tui.widgets.form import Form
from tui.widgets.form_deeds import Began, Chosen, Deed, Edited, Ended, Folded, Moved, Stepped
from tui.widgets.keybar import KeyBar
from tui.widgets.type_ahead import TypeAhead

WIDE, TALL = 100, 20
"""From here on the views stand beside the form, and the help keeps its place above them."""


class EditorScreen(SetsValues, KnowsData, LaunchesDraft, OpensFiles, TypeAhead[None], inherit_bindings=False):
    """Edits one draft; the form is the only thing with the focus, so every key has one meaning."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("editor")
    AUTO_FOCUS = "#form"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]

    def __init__(self, draft: Draft, title: str = "") -> None:
        super().__init__()
        self.draft = draft
        self.heading = title
        self.folds = Folds.quiet(draft)
        self.upkeep = Upkeep(self)
        self.said = ""
        """What the last key did, where the form does not show it; the panel beside the form says it."""
        self._said_at = ""
        """The row at which it was said: it goes with the cursor's next move."""

    def compose(self) -> ComposeResult:
        yield TitleBar(self, id="editor-title")
        with Container(id="editor-body"):
            yield Form(self.hear, id="form")
            yield Side(id="side", mounted=self.view_mounted)
        yield KeyBar("editor", help_key="f1")

    def on_mount(self) -> None:
        self.show()
        self.call_after_refresh(self.begin_gathering)

    def on_screen_suspend(self) -> None:
        """What comes over the form is not to be typed into it, and the next key here is a command again."""
        self.form.end()

    def on_screen_resume(self) -> None:
        # A dialog may have closed only to make way for another one, or for leaving.
        if self.is_current:
            self.look_again_where_wrong()
            self.show()

    def on_resize(self) -> None:
        if not self.side.view_chosen:
            self._turn(VIEWS[1 if self.size.width >= WIDE and self.size.height >= TALL else 0])

    def _turn(self, view: str) -> None:
        self.side.turn(view)
        self.view_turned(view)

    # Showing

    def show(self) -> None:
        """Everything from the draft again; the form paints only what changed."""
        self.look_at_data()
        self.form.show(rows(self.draft, self.folds))
        self.side.show_about(self.draft, self.form.row, self.said, typing=self.form.typing)
        self.query_one(TitleBar).update_rows()
        # What was typed and the hint on it are painted before a view is worked out.
        self.call_after_refresh(self.show_view)
        self.upkeep.look()

    def show_view(self) -> None:
        # It was asked for before a run was launched, and the monitor has taken the editor's place since.
        if self.is_current:
            self.side.show_view(self.draft, self.form.row)

    def say(self, sentence: str) -> None:
        """Answer a key, until the next one: on the panel, where it covers nothing and follows to no other screen."""
        self.said = sentence
        self._said_at = self.form.row.key if self.form.row is not None else ""
        self.show()

    def go(self, key: str) -> None:
        """Put the cursor on the row of a key, unfolded."""
        self.folds.show(key)
        self.show()
        # What is wrong with a list as a whole stands at the row that adds to it.
        inside = (f"{key}.+", f"{key}.0") if key in self.draft.errors else (f"{key}.0", f"{key}.+")
        places = (key, *inside, row_of(key))
        self.form.go(next((place for place in places if self.form.index_of(place) is not None), key))

    def forget_kept(self) -> None:
        """The draft is kept elsewhere from now on."""
        self.upkeep.forget()

    # What the form tells

    def hear(self, deed: Deed) -> None:
        """What the user did in the form."""
        match deed:
            case Edited():
                self.draft.type(deed.key, deed.text)
                self.say("")
            case Stepped():
                self.step(deed)
            case Began():
                row = self.form.row
                steps = row is not None and row.kind == "number"
                self.query_one(KeyBar).turn("typing", without=() if steps else ("typing.up", "typing.down"))
                self.say("")
            case Ended():
                self.query_one(KeyBar).turn("editor")
                self.say(self.draft.leave(deed.key))
            case Moved():
                self._take_move(deed)
            case Folded():
                self._take_fold(deed)
            case Chosen():
                self.action_choose()

    def _take_fold(self, deed: Folded) -> None:
        self.form.go(deed.key)
        self.folds.set(deed.key, deed.unfolded)
        self.say("")

    def _take_move(self, deed: Moved) -> None:
        """What was said of the row that was left goes, but for what leaving it did."""
        if deed.ended:
            self._said_at = deed.key
        elif deed.key != self._said_at:
            self.said = ""
        self.show()

    # Moving, hints, history

    def action_move(self, lines: int) -> None:
        self.form.move(lines)

    def action_section(self, sections: int) -> None:
        self.form.move_section(sections)

    def action_end(self, index: int) -> None:
        self.form.go(self.form.rows[index or 1].key)

    def action_fold_all(self) -> None:
        """All sections but the one with the cursor, or none."""
        row = self.form.row
        here = section_of(row.key) if row is not None else ""
        names = {row.key.removeprefix(SECTION) for row in self.form.rows if row.kind == "section"}
        self.folds.sections = set() if self.folds.sections else names - {here}
        self.show()

    def action_recommended(self) -> None:
        row = self.form.row
        if row is None:
            return
        note = next((note for note in notes_on(self.draft, row) if note.patch), None)
        if note is None:
            next_key = keymap.find("editor.next_problem").names
            self.say(f"No value is recommended for this field; {next_key} goes to the next one with a hint.")
            return
        self.draft.take(note.patch)
        self.say("")

    def action_silence(self) -> None:
        """Silence the worst hint of the row for this config; where all are, show one again."""
        row = self.form.row
        if row is None:
            return
        notes = (*notes_on(self.draft, row), *silenced_on(self.draft, row))
        rule = next((note.rule for note in notes if note.rule), "")
        if not rule:
            self.say("There is no hint on this field to silence.")
            return
        self.draft.silence(rule)
        now = "is silenced for this config" if rule in self.draft.config.advice.silenced else "is shown again"
        self.say(f"The hint {rule} {now}.")

    def action_problem(self, by: int) -> None:
        """To the next row with something to say, or the one before; folded ones unfold."""
        self.folds.sections -= {section_of(note.key) for note in self.draft.notes}
        self.show()
        found = [index for index, row in enumerate(self.form.rows) if row.note]
        if not found:
            self.say("No errors and no hints.")
            return
        if not self.side.shows_help:
            self.turn_to(VIEWS[0])
        later = [index for index in found if (index - self.form.at) * by > 0]
        self.form.go(self.form.rows[(later or found)[0 if by > 0 else -1]].key)

    def action_default(self) -> None:
        row = self.form.row
        if row is not None and row.kind != "section":
            self.say(self.draft.set_default(row.key))

    def action_undo(self) -> None:
        self._travel(self.draft.undo(), "Nothing is left to undo.")

    def action_redo(self) -> None:
        self._travel(self.draft.redo(), "Nothing is left to do again.")

    def _travel(self, key: str | None, otherwise: str) -> None:
        self.say(otherwise if key is None else "")
        if key:
            self.go(key)

    # Views and the field list

    def action_view(self, by: int) -> None:
        side = self.side
        self.turn_to(VIEWS[(VIEWS.index(side.view) + by) % len(VIEWS)])

    def turn_to(self, view: str) -> None:
        """Show a view beside the form."""
        self.side.view_chosen = True
        self.look_again_where_wrong()
        self._turn(view)
        self.show()

    def action_scroll(self, rows: int) -> None:
        self.side.about.scroll(rows)

    def action_search(self) -> None:
        from tui.screens.field_list import find_field

        find_field(self)
