"""Where Home leads to: monitors, the editor, comparisons, and what leaves the app."""

from __future__ import annotations

from textual import on

from training.runs.layout import RunFolder
from training.text import one_line
from tui.home import words
from tui.screens import home_rows
from tui.screens.home_changes import ChangesScreen
from tui.widgets.table import Table


class LeavingScreen(ChangesScreen):
    """Opens other screens for the selected run, or for the marked ones."""

    @on(Table.Chosen)
    def action_open(self) -> None:
        if group := self.selected_group:
            self.fold(group)
        elif (run := self.selected) and self.is_there(run):
            self.app.open_monitor(run.folder)

    def action_others(self) -> None:
        if len(self.others) == 1:
            self.app.open_monitor(self.others[0].folder)
            return
        from tui.screens.pick import Choice, PickScreen

        choices = [
            Choice(str(index), one_line(run.summary.name), f"{run.state}, {home_rows.short(run.folder.path.parent)}")
            for index, run in enumerate(self.others)
        ]
        folders = [run.folder for run in self.others]

        def opened(picked: str | None) -> None:
            if picked is not None:
                self.app.open_monitor(folders[int(picked)])

        self.app.push_screen(PickScreen("Runs going on in other folders", choices), opened)

    def action_new(self) -> None:
        from tui.screens import new_run

        new_run.from_preset(self.app)

    def action_from_file(self) -> None:
        from tui.screens import new_run

        new_run.from_file(self.app)

    def action_again(self) -> None:
        from tui.screens import new_run

        if (run := self.selected) and self.is_there(run):
            new_run.from_run(self.app, run)

    def action_resume(self) -> None:
        from tui.screens.resume import ResumeScreen

        def resumed(folder: RunFolder | None) -> None:
            if folder is not None:
                self.app.open_monitor(folder)

        if (run := self.selected) and self.is_there(run):
            self.app.push_screen(ResumeScreen(run.folder), resumed)

    def action_compare(self) -> None:
        """The marked runs over each other; of less than two, the selected one after its parent."""
        from tui.screens.overlay import OverlayScreen

        folders = self.compared()
        if len(folders) > 1:
            self.app.push_screen(OverlayScreen(folders))
        else:
            self.notify(words.TOO_FEW, markup=False)

    def compared(self) -> list[RunFolder]:
        """What a comparison shows; the first is the baseline."""
        if len(self.marked) > 1:
            return [run.folder for run in self.meant]
        if group := self.selected_group:
            return [run.folder for run in group.runs]
        run = next(iter(self.meant), None)
        if run is None:
            return []
        parent = self.by_id.get(run.summary.parent)
        return [parent.folder, run.folder] if parent is not None and parent is not run else [run.folder]

    def action_repeat(self) -> None:
        from tui.screens.repeat import open_repeat

        if (run := self.selected) and self.is_there(run):
            open_repeat(self.app, run.folder)

    def action_share(self) -> None:
        from tui.screens.share import open_share

        if (run := self.selected) and self.is_there(run):
            open_share(self.app, run.folder)

    def action_copy(self) -> None:
        from tui.screens.copying import Copyable, copy_menu

        choices: list[Copyable] = []
        if run := self.selected:
            path = str(run.folder.path)
            choices.append(("Path of the run", lambda: path))
        if self.marked:
            paths = "\n".join(str(run.folder.path) for run in self.meant)
            choices.append((f"Paths of the {len(self.marked)} marked", lambda: paths))
        if self.shown:
            choices.append((f"Table of {len(self.shown)} runs, tabs between", self.as_text))
        copy_menu(self, choices)

    def as_text(self) -> str:
        """The table as lines with tabs between its cells."""
        columns = self.chosen_columns()
        lines = ["\t".join(column.key for column in columns)]
        lines += ["\t".join(column.text(run) for column in columns) for run in self.shown]
        return "\n".join(lines)
