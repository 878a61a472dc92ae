"""A dialog for a path: completion as in a shell, what each entry is, and what was opened before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from training.text import one_line
from tui import keymap
from tui.path_facts import refusal, why_no_data
from tui.paths import Entry, Listed, Listing, Wants, answer_of, is_file, is_folder, place_of, shown_folder
from tui.recent_files import offered_first, remember
from tui.screens.looking import FactsRead, LooksAtPaths
from tui.widgets.keybar import KeyBar
from tui.widgets.path_input import PathInput
from tui.widgets.table import Cell, Column, Row, Table

COLUMNS = (Column("name", "", 18, 0, most=48), Column("what", "", 10, 1, most=200))
RECENT = 5
"""Recent files that are offered; the folder's entries stand below."""
ROWS = 10
TAKING: dict[Wants, str] = {"config": "Open", "new": "Save", "data": "Take"}
"""The footer's word for enter."""
SOUGHT: dict[Wants, str] = {"config": "folder or YAML file", "new": "folder", "data": "folder or .csv file"}


class PathScreen(LooksAtPaths):
    """Answers a path as it was typed (a relative one stays relative), or None.

    For `data` enter takes the folder that is marked, the first line being the one that the text names; → goes into it.
    Elsewhere enter goes into a folder. A config and data have to be there; a new file's folder has to be.
    """

    CSS_PATH = "open_file.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("file")

    def __init__(
        self,
        title: str,
        start: Path | str,
        *,
        wants: Wants = "config",
        must_exist: bool = True,
        base: Path | None = None,
    ) -> None:
        """`start` is the text to begin with; `base` is where relative paths begin, the current folder by default.

        Without `must_exist` a name for a new file is asked for.
        """
        super().__init__()
        self.heading = title
        self.wants: Wants = wants if must_exist else "new"
        self.base = base or Path.cwd()
        self.start = f"{start}/" if isinstance(start, Path) and is_folder(start) else str(start)
        self.listing = Listing(self.base, self.wants)
        self.listed = Listed(())
        self.problem = ""
        """Why what was asked for cannot be done."""
        self._moved = False
        """Whether the mark was put where it is; before, what is typed counts for more."""
        self._held: str | None = None
        """The text that tab put there from the list, which stays as it is meanwhile."""
        self._facts: dict[Path, str] = {}
        self._agreeing: list[str] = []
        """What the text may go on to in its own folder."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.heading, classes="title", markup=False)
            yield PathInput(self.start, select_on_focus=False, id="path")
            yield Static(id="path-note", markup=False)
            yield Table(COLUMNS, id="path-entries", one_click=True)
            yield KeyBar("file", labels={"file.take": TAKING[self.wants]})

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.field.focus()
        self._select_old()
        self.list_entries()

    def _select_old(self) -> None:
        """Typing replaces the value that is there, of a file its name alone; → and end keep it."""
        if not self.start.endswith("/") or self.wants == "data":
            whole = 0 if self.wants == "data" else self.start.rfind("/") + 1
            self.field.selection = Selection(whole, len(self.start))

    def on_resize(self) -> None:
        self.table.styles.height = max(1, min(ROWS, self.size.height - 6))  # frame, title, text, note, keys

    @property
    def field(self) -> PathInput:
        return self.query_one("#path", PathInput)

    @property
    def typed(self) -> str:
        return self.field.value

    @property
    def table(self) -> Table:
        return self.query_one("#path-entries", Table)

    @property
    def marked(self) -> Entry | None:
        return self.listed.entries[self.table.cursor] if self.table.rows else None

    # Showing

    @on(Input.Changed)
    def take_text(self) -> None:
        if self.typed != self._held:
            self.list_entries()

    def list_entries(self) -> None:
        """What the text may go on to, from the top."""
        self._moved, self._held, self.problem = False, None, ""
        self.listed = self.listing.of(self.typed)
        self._agreeing = [entry.text for entry in self.listed.entries if entry.kind == "entry"]
        if self.typed in ("", self.start) and self.wants != "new":
            self.listed = self._with_recent(self.listed)
        self.show()
        self.table.select(self._first())
        self.show_note()

    def _first(self) -> int:
        """The line to mark: the first file where a config is sought and no name is begun, folders standing first."""
        if self.wants != "config" or (self.typed and not self.typed.endswith("/")):
            return 0
        return next((at for at, entry in enumerate(self.listed.entries) if not entry.is_folder), 0)

    def _with_recent(self, listed: Listed) -> Listed:
        """What was opened before comes first, but after the folder that is the answer so far."""
        if not self.start.endswith("/") and self.typed:
            return listed
        before = 1 if self.typed and self.wants == "data" else 0
        return offered_first(listed, self.wants, self.base, RECENT, before)

    def show(self) -> None:
        """The list, with what is known of its entries."""
        self.table.show([self._row(entry) for entry in self.listed.entries])

    def _row(self, entry: Entry) -> Row:
        name = "./" if entry.kind == "here" else Path(entry.text).name + "/" * entry.is_folder
        return Row(f"{entry.kind}:{entry.text}", (Cell(name), Cell(self._said(entry), "muted")))

    def _said(self, entry: Entry) -> str:
        if entry.kind == "recent":
            return f"recent, in {shown_folder(Path(entry.text).parent)}"
        said = self._facts.get(self._place(entry), "")
        return f"this folder: {said}" if entry.kind == "here" else said

    def _place(self, entry: Entry) -> Path:
        return place_of(entry.text, self.base)

    @on(Table.Moved)
    def show_note(self) -> None:
        """Under the text: why something cannot be done, else what is marked."""
        entry = self.marked
        problem = self.problem or self.listed.problem
        note = self.query_one("#path-note", Static)
        note.set_class(bool(problem), "error")
        note.update(f"✗ {problem}" if problem else self._note(entry))
        goes_in = entry is not None and entry.is_folder and self.wants != "data" and not self._counts()
        self.query_one(KeyBar).relabel("file.take", "Go in" if goes_in else TAKING[self.wants])
        self._look()

    def _note(self, entry: Entry | None) -> str:
        if self.wants == "new" and self._counts():
            return "This file is there already." if self._names_a_file() else "A new file."
        if entry is None:
            begun = bool(self.typed) and not self.typed.endswith("/")
            read = " among the entries that were read" if self.listed.partly else ""
            said = f"No {SOUGHT[self.wants]} {'begins so' if begun else 'here'}{read}."
            return "" if self._names_a_file() else said
        said = self._facts.get(self._place(entry), "")
        name = "this folder" if entry.kind == "here" else one_line(Path(entry.text).name or entry.text)
        partly = f"; {len(self.listed.entries)} entries are shown, and there are more" if self.listed.partly else ""
        return f"{name}{': ' * bool(said)}{said}{partly}"

    def _names_a_file(self) -> bool:
        """Whether what is typed counts, and not what is marked."""
        return not self._moved and bool(self.typed) and is_file(place_of(self.typed, self.base))

    def _look(self) -> None:
        """Learn what the entries in sight are, the marked one first."""
        at = self.table.cursor
        entries = [*self.listed.entries[at : at + ROWS], *self.listed.entries[max(0, at - ROWS) : at]]
        places = [self._place(entry) for entry in entries]
        if unknown := [place for place in places if place not in self._facts]:
            self.look(unknown)

    @on(FactsRead)
    def take_facts(self, message: FactsRead) -> None:
        self._facts.update(message.facts)
        self.show()
        self.show_note()

    # Keys and mouse

    def _type(self, text: str) -> None:
        self.field.value = text
        self.field.cursor_position = len(text)

    def action_complete(self, by: int = 1) -> None:
        """As far as all entries agree; where that is nothing more, one after another."""
        if self._held is None:
            common = os.path.commonprefix(self._agreeing)  # noqa: RUF071 - by character is what completion means
            if len(common) > len(self.typed) and not self._moved:
                self._type(common)
                return
        if not self.listed.entries:
            return
        # The folder itself is there already, and so is what is marked once tab has put it there.
        entries = self.listed.entries
        at = self.table.cursor
        if self._held is not None or entries[at].kind == "here" or by < 0:
            at = (at + by) % len(entries)
        self._held = entries[at].text
        self._moved = True
        self.table.select(at)
        self._type(self._held)

    def action_move(self, lines: int) -> None:
        self._moved, self.problem = True, ""
        self.table.move(lines)
        self.show_note()

    @on(PathInput.GoesOn)
    def action_inside(self) -> None:
        """Into the folder that is marked, or the whole name of a file."""
        entry = self.marked
        if entry is None or entry.kind == "here":
            return
        if self._held == entry.text:
            self.list_entries()
        self._type(entry.text)

    @on(Table.Chosen)
    def take_click(self) -> None:
        entry = self.marked
        if entry is None:
            return
        self._moved = True
        if entry.is_folder and entry.kind != "here":
            self.action_inside()
        elif self.wants == "new":
            self._type(entry.text)
        else:
            self._take(entry.text)

    @on(Input.Submitted)
    def action_take(self) -> None:
        """What is typed, where it is whole; else what is marked."""
        entry = self.marked
        if self._counts() or entry is None:
            self._take(self.typed)
        elif self.wants == "data" or not (entry.is_folder or self.wants == "new"):
            self._take(entry.text)
        else:
            self.action_inside()

    def _counts(self) -> bool:
        """Whether enter means the typed text rather than the mark."""
        place = place_of(self.typed, self.base)
        if self.wants == "new":
            return (not self._moved or self.typed == self._held) and bool(self.typed) and not is_folder(place)
        if self.wants == "data":
            return not self._moved and bool(self.typed) and not why_no_data(place)
        return self._names_a_file()

    def _take(self, text: str) -> None:
        place = place_of(text, self.base)
        if problem := refusal(place, self.wants):
            self.problem = problem
            self.show_note()
            return
        if self.wants == "data":
            remember(place)
        self.dismiss(answer_of(text))

    def action_cancel(self) -> None:
        self.dismiss(None)
