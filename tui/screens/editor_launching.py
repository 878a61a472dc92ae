"""The editor's way to a run: plan it in a thread, say what is in the way, ask, and give way to the monitor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on, work

from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.runs.forking import release
from training.runs.layout import RunFolder
from training.text import one_line
from tui import keymap
from tui.editor.draft import Draft
from tui.editor.notes import Note, open_hints
from tui.editor.planning import Fetching, Planned, plan_draft
from tui.screens.editor_base import EditorPart
from tui.screens.pick import Choice, PickScreen

if TYPE_CHECKING:
    pass


class LaunchesDraft(EditorPart, inherit_bindings=False):
    """What of the editor launches."""

    def own_problems(self) -> list[Problem]:
        """What has to be corrected before this can be saved."""
        return _as_problems(self.draft.problems)

    def list_problems(self, title: str, problems: Sequence[Problem]) -> None:
        """Show what is in the way; picking one goes to its field."""
        choices = [Choice(str(index), problem.key, one_line(problem.says)) for index, problem in enumerate(problems)]

        def picked(choice: str | None) -> None:
            if choice is not None:
                self.go(problems[int(choice)].key)

        self.app.push_screen(PickScreen(title, choices, search=False), picked)

    def action_launch(self) -> None:
        self.form.end()
        if self.draft.problems:
            errors = [note for note in self.draft.notes if note.severity == "error"]
            self.list_problems("Not launched: these values are not valid", _as_problems(errors))
            return
        if self.draft.config.model.kind == "transfer":
            self.say("Looking for the backbone and its weights; what is not here yet is fetched …")
        else:
            self.say("Looking at the data and the device …")
        self.plan(self.draft)

    @work(thread=True, exclusive=True, exit_on_error=False, group="plan")
    def plan(self, draft: Draft) -> None:
        def progress(said: object) -> None:
            self.post_message(Fetching(one_line(str(said))))

        self.post_message(plan_draft(draft, progress))

    @on(Fetching)
    def show_fetching(self, message: Fetching) -> None:
        self.say(message.said)

    @on(Planned)
    def take_plan(self, message: Planned) -> None:
        if not self._still_stands(message):
            self.say(f"The config was changed meanwhile: press {keymap.find('editor.launch').names} again.")
            return
        self.say("")
        if message.plan is None:
            self.say(one_line(str(message.error)))
            return
        problems = (*message.plan.problems, *self._fork_problems(message.config))
        self.take_refusal(message.config, problems)
        if problems:
            self.list_problems("Not launched: this is in the way", problems)
        else:
            from tui.screens.launch import LaunchScreen

            draft = message.draft
            screen = LaunchScreen(
                draft.yaml(),
                draft.config,
                message.plan,
                draft.base_dir,
                slurm=message.slurm,
                hints=open_hints(draft.notes),
                fork=self.fork,
            )
            self.app.push_screen(screen, self.launched)

    def on_unmount(self) -> None:
        if self.fork is not None:
            release(self.fork)

    def _fork_problems(self, config: TrainingConfig) -> list[Problem]:
        """What keeps the fork from having anything to train."""
        try:
            if self.fork is not None:
                self.fork.check(config)
        except InvalidInput as error:
            return [Problem(error.message, error.key, remedy=error.remedy)]
        return []

    def _still_stands(self, message: Planned) -> bool:
        """Whether the plan is one of what the form shows, and its dialog would not come up under somebody's fingers."""
        draft = self.draft
        same = message.draft is draft and message.config is draft.config and not draft.problems
        return same and self.is_current and not self.form.typing

    def launched(self, folder: RunFolder | None) -> None:
        """The run has its own copy of the config: the editor gives way to the monitor."""
        if folder is not None:
            from tui.screens.monitor import MonitorScreen

            self.forget_kept()
            self.app.switch_screen(MonitorScreen(folder))


def _as_problems(notes: Sequence[Note]) -> list[Problem]:
    return [Problem(note.message, note.key, remedy=note.reason) for note in notes]
