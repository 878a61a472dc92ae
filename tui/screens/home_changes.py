"""What Home changes of runs: tags, notes, the archive, pins, and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on, work

from training.errors import InvalidInput, TraindeckError
from training.runs import store
from training.runs.labels import change_labels, check_note, tags_from
from training.runs.lifecycle import RunView
from training.runs.pin import pin
from training.text import one_line
from tui.home.messages import RunsChanged
from tui.screens import home_rows
from tui.screens.home_marks import MarksScreen

if TYPE_CHECKING:
    from tui.screens.prompt import Judged

NAMED = 5
"""How many runs a question names."""


class ChangesScreen(MarksScreen):
    """Changes to the marked runs, or to the selected one where none is marked."""

    def action_tags(self) -> None:
        from tui.screens.prompt import PromptScreen

        runs = self.meant
        if not runs:
            return
        alone = runs[0] if len(runs) == 1 else None

        def taken(text: str | None) -> None:
            if text is None:
                return
            add, remove = tags_from(text)
            said = f"{_called(runs)}: tags are changed."
            if alone is not None:
                self.change(runs, said, lambda run: change_labels(run.folder, tags=add, remove=remove))
            elif add or remove:
                self.change(runs, said, lambda run: change_labels(run.folder, add=add, remove=remove))

        detail = (
            "Words with spaces between; what is not written is removed."
            if alone
            else f"Words to add to {len(runs)} runs; -word removes it from them."
        )
        value = " ".join(map(one_line, alone.labels.tags)) if alone else ""
        prompt = PromptScreen(
            f"Tags of {_called(runs)}", value, detail=detail, placeholder="baseline paper -old", judge=_judge_tags
        )
        self.app.push_screen(prompt, taken)

    def action_note(self) -> None:
        from tui.screens.prompt import PromptScreen

        run = self.selected
        if run is None or not self.is_there(run):
            return

        def taken(text: str | None) -> None:
            if text is not None and text != run.labels.note:
                said = f"{_called([run])}: the note is {'kept' if text else 'removed'}."
                self.change([run], said, lambda run: change_labels(run.folder, note=text))

        prompt = PromptScreen(
            f"Note to {_called([run])}", one_line(run.labels.note), placeholder="what you want to know of it later",
            judge=_judge_note,
        )  # fmt: skip
        self.app.push_screen(prompt, taken)

    def action_archive(self) -> None:
        """All that are meant into the archive; or all back, where all of them are there."""
        runs = self.meant
        if not runs:
            return
        to_archive = not all(run.labels.archived for run in runs)
        over = [run for run in runs if not run.live] if to_archive else runs
        if not over:
            self.notify(f"{_called(runs)}: what goes on is not archived.", severity="warning", markup=False)
            return
        said = f"{_called(over)} {_is(over)} {'archived' if to_archive else 'back from the archive'}."
        if len(over) < len(runs):
            said += f" {len(runs) - len(over)} that {'goes' if len(runs) - len(over) == 1 else 'go'} on stay."
        self.change(over, said, lambda run: change_labels(run.folder, archived=to_archive))

    def action_pin(self) -> None:
        if (run := self.selected) and self.is_there(run):
            said = "is no longer pinned." if run.pinned else "is pinned: no cleaning removes its weights."
            self.change([run], f"{one_line(run.summary.name)} {said}", lambda run: pin(run.folder, on=not run.pinned))

    def action_delete(self) -> None:
        from tui.screens.confirm import ConfirmScreen

        runs = self.meant
        live = [run for run in runs if run.live]
        if not runs:
            return
        if live:
            self.notify(
                f"{_called(live)} {_is(live, live[0].state)}: stop {'it' if len(live) == 1 else 'them'} "
                f"before deleting {'it' if len(live) == 1 else 'them'}.",
                severity="warning",
                markup=False,
            )
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.change(runs, f"{_called(runs)} {_is(runs, 'deleted')}.", store.delete_run)

        place = home_rows.short(runs[0].folder.path)
        what = f"Its config, curves, log and checkpoints in {place} are removed for good."
        if len(runs) > 1:
            more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
            names = ", ".join(one_line(run.summary.name) for run in runs[:NAMED])
            what = f"{names}{more}: their configs, curves, logs and checkpoints are removed for good."
        question = f"Delete {_called(runs)}?"
        self.app.push_screen(ConfirmScreen(question, what, yes="Delete", no="Keep", danger=True), confirmed)

    def is_there(self, run: RunView) -> bool:
        """Whether the run's folder is still there; says so where it is not."""
        if run.folder.path.is_dir():
            return True
        self.notify(f"The folder {home_rows.short(run.folder.path)} is gone.", severity="error", markup=False)
        return False

    @work(thread=True, exit_on_error=False, group="change", exclusive=False)
    def change(self, runs: Sequence[RunView], said: str, do: Callable[[RunView], object]) -> None:
        """Do it to each of the runs, whatever becomes of the others; then say so."""
        errors: list[TraindeckError] = []
        for run in runs:
            try:
                do(run)
            except TraindeckError as problem:
                errors.append(problem)
        self.post_message(RunsChanged(said, errors))

    @on(RunsChanged)
    def say_changed(self, message: RunsChanged) -> None:
        if message.errors:
            more = len(message.errors) - 1
            also = f" And {more} more could not be changed." if more else ""
            self.notify(f"{message.errors[0]}{also}", severity="error", markup=False)
        else:
            self.notify(message.said, markup=False)
        self.look_again()


def _called(runs: Sequence[RunView]) -> str:
    """One by its name, several by their number."""
    return one_line(runs[0].summary.name) if len(runs) == 1 else f"{len(runs)} runs"


def _is(runs: Sequence[RunView], what: str = "") -> str:
    return f"{'is' if len(runs) == 1 else 'are'} {what}".rstrip()


def _judge_tags(text: str) -> Judged:
    return _judged(tags_from, text)


def _judge_note(text: str) -> Judged:
    return _judged(check_note, text)


def _judged(check: Callable[[str], object], text: str) -> Judged:
    from tui.screens.prompt import Judged

    try:
        check(text)
    except InvalidInput as error:
        return Judged(ok=False, said=str(error))
    return Judged()
