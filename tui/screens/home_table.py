"""Home's table: which runs it shows, in which columns, order and groups, and what is said around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Horizontal
from textual.widgets import Static
from textual.worker import get_current_worker

from training.errors import InvalidInput
from training.runs.columns import RunColumn, RunColumns
from training.runs.grouping import SEEDS, Group, by_column, by_seed, in_order
from training.runs.lifecycle import RunView
from training.runs.query import Query, parse
from training.runs.seeds import seed_key
from tui.home import arrangement, words
from tui.home.arrangement import DEFAULT_COLUMNS
from tui.home.hint import key_hint
from tui.home.listing import GROUP, Rows, group_detail
from tui.home.messages import SeedsRead
from tui.home.table_columns import table_columns
from tui.screens import home_rows
from tui.screens.home_reading import ReadingScreen
from tui.widgets.table import Table
from tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from textual.widgets import Input


class TableScreen(ReadingScreen):
    """Home's runs, found and arranged."""

    def __init__(self, runs_dir: Path) -> None:
        super().__init__(runs_dir)
        self.search = ""
        self.wanted = Query()
        """The search, understood."""
        self.arrangement = arrangement.recall()
        self.archived_too = False
        self.folded: set[str] = set()
        self.marked: set[str] = set()
        """Ids of runs; they stay marked while they are not shown."""
        self.columns = RunColumns()
        self.shown: list[RunView] = []
        """The runs in the table, folded ones too, in its order."""
        self.groups: list[Group] = []
        self.seed_keys: dict[Path, str] = {}
        self._seeds_asked = False
        self._settling = False
        """Whether the last list was not whole yet."""
        self._rows = Rows(())

    # What is shown

    @property
    def table(self) -> Table:
        return self.query_one("#home-table", Table)

    @property
    def selected(self) -> RunView | None:
        """The run that the cursor stands on; None on the heading of a group."""
        return self.by_id.get(self.table.key)

    @property
    def selected_group(self) -> Group | None:
        key = self.table.key
        if not key.startswith(GROUP):
            return None
        return next((group for group in self.groups if group.title and f"{GROUP}{group.key}" == key), None)

    def show_runs(self) -> None:
        """Everything, from what was read and how it is arranged; what is as before costs nothing on the line."""
        self.columns = RunColumns(self.runs, {"size": self._size_column()})
        self._find()
        self._arrange()
        chosen = self.chosen_columns()
        if self._rows.columns != chosen:
            self._rows = Rows(chosen)
        if self.groups:
            rows = self._rows.of_groups(self.groups, self.folded, self.disk, self.marked)
        else:
            rows = self._rows.of_runs(self.shown, self.disk, self.marked)
        self.set_class(self.seen and not self.runs and not self.unread, "empty")
        self.set_class(bool(self.runs) and not self.shown, "unmatched")
        at_top = self.table.cursor == 0
        self.table.show(rows, table_columns(chosen, self.arrangement, grouped=bool(self.groups)))
        if self._settling and at_top:
            # Newer runs that are read later come above: who has not moved yet stays on the first.
            self.table.select(0)
        self._settling = self.unread > 0
        self._go_to_watched()
        self._tell()

    def _find(self) -> None:
        """The runs that the search asks for, archived ones only where they are wanted."""
        self.wanted = parse(self.search, self.columns) if self.search.strip() else Query()
        found = [run for run in self.runs if self.wanted.matches(run)] if self.wanted.terms else self.runs
        self.shown = found if self._archived_wanted else [run for run in found if not run.labels.archived]

    @property
    def _archived_wanted(self) -> bool:
        return self.archived_too or "archived" in self.wanted.keys

    def _arrange(self) -> None:
        if self.arrangement.sort:
            try:
                column = self.columns.find(self.arrangement.sort)
            except InvalidInput:  # a metric that no run here has
                pass
            else:
                self.shown = in_order(self.shown, column, self.arrangement.reverse)
        self.groups = self._grouped(self.arrangement.group) if self.arrangement.group else []

    def _grouped(self, by: str) -> list[Group]:
        if by == SEEDS:
            self._ask_for_seeds()
            return by_seed(self.shown, lambda run: self.seed_keys.get(run.folder.path, ""))
        try:
            return by_column(self.shown, self.columns.find(by))
        except InvalidInput:
            return []

    def chosen_columns(self) -> tuple[RunColumn, ...]:
        """Those of the choice that there are here, and never none."""
        chosen: list[RunColumn] = []
        for key in self.arrangement.columns:
            try:
                chosen.append(self.columns.find(key))
            except InvalidInput:
                continue
        return tuple(chosen) or tuple(self.columns.find(key) for key in DEFAULT_COLUMNS)

    def _size_column(self) -> RunColumn:
        """What is measured already: nobody waits for the disk."""
        return replace(_SIZE, value=self._size_of)

    def _size_of(self, run: RunView) -> float | None:
        use = self.disk.get(run.folder.path)
        return use.total if use else None

    def _go_to_watched(self) -> None:
        """The run that a monitor just showed, a launched one first of all, is the one to go on with."""
        if not self.app.watched:
            return
        ids = [row.key for row in self.table.rows]
        if self.app.watched in ids:
            self.table.select(ids.index(self.app.watched))
            self.app.watched = ""

    # What is said around it

    def _tell(self) -> None:
        archived = 0 if self._archived_wanted else self.archived
        unseen = self.marked.difference(run.folder.id for run in self.shown) if self.marked else ()
        counts = words.Counts(archived, len(self.marked), len(unseen), self.unread, self._group_title())
        width = self.size.width - 2
        title = words.title(self.runs_dir, self.runs, self.shown, self.search.strip(), self.disk, counts, width)
        self.write("#home-title", f"{title}{words.drafts_hint(self.drafts)}")
        self.write("#home-others", words.others_line(self.others))
        self.query_one("#home-others").set_class(bool(self.others), "shown")
        if not self.shown:
            matching = sum(self.wanted.matches(run) for run in self.runs if run.labels.archived) if archived else 0
            self.write("#home-unmatched", words.unmatched(self.search.strip(), archived, matching))
        self._tell_of_search()
        self.show_detail()

    def on_resize(self) -> None:
        self._tell()

    def _group_title(self) -> str:
        return self.arrangement.group if self.groups else ""

    def _tell_of_search(self) -> None:
        """Under the search: what is wrong with a term, else which keys may be meant."""
        said = ""
        if self.query("#home-search"):
            said = key_hint(self.search, self.columns) or words.SEARCH_HELP
            if self.wanted.problems:
                more = len(self.wanted.problems) - 1
                said = f"! {self.wanted.problems[0]}" + (f" (and {more} more)" if more else "")
            self.query_one("#home-said").set_class(bool(self.wanted.problems), "wrong")
        self.write("#home-said", said)
        self.query_one("#home-said").set_class(bool(said), "shown")

    @on(Table.Moved)
    def show_detail(self) -> None:
        run, group = self.selected, self.selected_group
        text = "\n".join(home_rows.detail(run, self.disk.get(run.folder.path))) if run else ""
        self.write("#home-detail", group_detail(group) if group else text)
        self.refresh_bindings()

    def write(self, selector: str, text: str) -> None:
        """Only a text that changed costs bytes."""
        widget = self.query_one(selector, Static)
        if str(widget.content) != text:
            widget.update(text)

    # The search

    @property
    def typing(self) -> bool:
        """Whether letters go into the search."""
        return isinstance(self.focused, TextInput)

    async def action_search(self) -> None:
        field = next(iter(self.query("#home-search").results(TextInput)), None)
        if field is None:
            label = Static("Search:", id="home-search-label", markup=False)
            field = TextInput(
                placeholder="words, lr>=1e-3 model:vit state:failed started:<30d -tag:old", id="home-search"
            )
            await self.mount(Horizontal(label, field, id="home-search-line"), before=self.query_one("#home-said"))
        field.focus()
        self._tell_of_search()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.search = event.value
        self.show_runs()

    def on_input_submitted(self) -> None:
        if self.table.rows:
            self.table.focus()

    def action_clear(self) -> None:
        self.search = ""
        for line in self.query("#home-search-line"):
            line.remove()
        self.show_runs()
        self.write("#home-said", "")
        self.query_one("#home-said").set_class(False, "shown")
        self.table.focus()

    # Seeds

    def _ask_for_seeds(self) -> None:
        """Have the configs read of which nothing is known yet."""
        unknown = [run for run in self.shown if run.folder.path not in self.seed_keys]
        if unknown and not self._seeds_asked:
            self._seeds_asked = True
            self.read_seeds(unknown)

    @work(thread=True, exclusive=True, exit_on_error=False, group="seeds")
    def read_seeds(self, runs: Sequence[RunView]) -> None:
        worker = get_current_worker()
        keys = {run.folder.path: seed_key(run) for run in runs if not worker.is_cancelled}
        self.post_message(SeedsRead(keys))

    @on(SeedsRead)
    def take_seeds(self, message: SeedsRead) -> None:
        self._seeds_asked = False
        self.seed_keys |= message.keys
        self.show_runs()


_SIZE = RunColumns().find("size")
