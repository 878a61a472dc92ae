"""The config editor: the form, what the guide says while you type, and the ways out: save, launch, back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from training.config.fields import field
from training.config.problems import Problem
from training.runs.layout import RunFolder
from training.text import one_line
from tui import keymap
from tui.editor.about import about, badge
from tui.editor.draft import Draft
from tui.editor.notes import silenced
from tui.editor.planning import Fetching, Planned, plan_draft
from tui.editor.rows import row_of, rows
from tui.screens.pick import Choice, PickScreen
from tui.widgets.form import Form
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from tui.app import TraindeckApp


class EditorScreen(Screen[None], inherit_bindings=False):
    """Edits one draft; the form is the only thing with the focus, so every key has one meaning."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("editor")
    AUTO_FOCUS = "#form"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
    app: TraindeckApp

    def __init__(self, draft: Draft, title: str = "") -> None:
        super().__init__()
        self.draft = draft
        self.heading = title
        self.said = ""
        """What the last key did, where the form does not show it; the panel beside the form says it."""

    def compose(self) -> ComposeResult:
        yield Static(id="editor-title", markup=False)
        with Container(id="editor-body"):
            yield Form(id="form")
            with VerticalScroll(id="about", can_focus=False):
                yield Static(id="about-text", markup=False)
        yield KeyBar("editor", help_key="f1")

    def on_mount(self) -> None:
        self.show()

    @property
    def form(self) -> Form:
        return self.query_one("#form", Form)

    # Showing

    def show(self) -> None:
        """Everything from the draft again; the form paints only what changed."""
        self.form.show(rows(self.draft))
        self.show_title()
        self.show_about()

    def show_title(self) -> None:
        path = self.draft.path
        name = one_line(str(path.name)) if path else self.heading or "New config"
        unsaved = " (changed)" if self.draft.changed else ""
        self._write("#editor-title", Content.assemble(badge(self.draft), "   ", (f"{name}{unsaved}", "bold")))

    def show_about(self) -> None:
        row = self.form.row
        self._write("#about-text", about(self.draft, row, self.said) if row else Content(""))

    def say(self, sentence: str) -> None:
        """Answer a key, until the next one: on the panel, where it covers nothing and follows to no other screen."""
        self.said = sentence
        self.show()
        if sentence:
            self.query_one("#about").scroll_home(animate=False)

    def _write(self, selector: str, content: Content) -> None:
        widget = self.query_one(selector, Static)
        if widget.content != content:
            widget.update(content, layout=selector == "#about-text")

    # The form's messages

    @on(Form.Edited)
    def take_text(self, message: Form.Edited) -> None:
        # More may have been typed since the message was sent: the form's own text is the newest.
        row = self.form.row
        newest = self.form.edit.text if row is not None and row.key == message.key else message.text
        self.draft.type(message.key, newest)
        self.say("")

    @on(Form.Stepped)
    def take_step(self, message: Form.Stepped) -> None:
        choices = self._choices(message.key)
        at = choices.index(self.draft.shown(message.key))
        self.draft.type(message.key, choices[(at + message.by) % len(choices)])
        self.draft.leave(message.key)
        self.say("")

    def _choices(self, key: str) -> Sequence[str]:
        entry = field(key)
        shown = self.draft.shown(key)
        choices = entry.choices or ("false", "true")
        return choices if shown in choices else (shown, *choices)

    @on(Form.Moved)
    def take_move(self, message: Form.Moved) -> None:
        self.say(self.draft.leave(message.left))
        self.query_one("#about").scroll_home(animate=False)

    @on(Form.Chosen)
    def action_choose(self) -> None:
        row = self.form.row
        if row is None:
            return
        if row.kind == "add":
            key = self.draft.add_item(row.key.removesuffix(".+"))
            self.show()
            self.form.go(key)
            self.form.select_all()
        elif row.kind == "choice":
            self._open_choices(row.key)
        else:
            self.form.move(1)

    def _open_choices(self, key: str) -> None:
        def picked(choice: str | None) -> None:
            if choice is not None:
                self.draft.type(key, choice)
                self.draft.leave(key)
                self.show()

        lines = [Choice(choice, choice) for choice in self._choices(key)]
        self.app.push_screen(PickScreen(field(key).title, lines, selected=self.draft.shown(key)), picked)

    # Moving and hints

    def action_move(self, lines: int) -> None:
        self.form.move(lines)

    def action_section(self, sections: int) -> None:
        self.form.move_section(sections)

    def action_recommended(self) -> None:
        row = self.form.row
        if row is None:
            return
        note = next((note for note in self.draft.notes if row_of(note.key) == row.key and note.patch), None)
        if note is None:
            next_key = keymap.display(keymap.find("editor.next_problem").keys.split(",")[0])
            self.say(f"No value is recommended for this field; {next_key} goes to the next one with a hint.")
            return
        for key, new in note.patch.items():
            self.draft.set(key, new)
        self.say("")

    def action_silence(self) -> None:
        """Silence the worst hint of the row for this config; where all are, show one again."""
        row = self.form.row
        if row is None:
            return
        notes = [note for note in (*self.draft.notes, *silenced(self.draft.config)) if row_of(note.key) == row.key]
        rule = next((note.rule for note in notes if note.rule), "")
        if not rule:
            self.say("There is no hint on this field to silence.")
            return
        self.draft.silence(rule)
        now = "is silenced for this config" if rule in self.draft.config.advice.silenced else "is shown again"
        self.say(f"The hint {rule} {now}.")

    def action_next_problem(self) -> None:
        found = [index for index, row in enumerate(self.form.rows) if row.note and row.reachable]
        if not found:
            self.say("No errors and no hints.")
            return
        at = next((index for index in found if index > self.form.at), found[0])
        self.form.go(self.form.rows[at].key)

    def action_default(self) -> None:
        row = self.form.row
        if row is not None:
            self.say("This line adds one: it has no default." if row.kind == "add" else self.draft.set_default(row.key))

    # Files and presets

    def action_open_file(self) -> None:
        from tui.screens import new_run

        self.when_kept(lambda: new_run.from_file(self.app, replace=self))

    def action_presets(self) -> None:
        from tui.screens import new_run

        self.when_kept(lambda: new_run.from_preset(self.app, replace=self))

    def take_draft(self, draft: Draft, title: str) -> None:
        """Edit another draft from now on."""
        self.draft, self.heading = draft, title
        self.show()

    def action_save(self) -> None:
        from tui.screens import save

        save.save(self)

    def when_kept(self, then: Callable[[], None]) -> None:
        """Go on once nothing would be lost: at once, after saving, or after the user gave the changes up."""
        from tui.screens import save

        save.when_kept(self, then)

    def action_leave(self) -> None:
        def leave() -> None:
            self.dismiss()

        self.when_kept(leave)

    # Launching

    def own_problems(self) -> list[Problem]:
        return [Problem(note.message, note.key, remedy=note.reason) for note in self.draft.problems]

    def list_problems(self, title: str, problems: Sequence[Problem]) -> None:
        """Show what is in the way; picking one goes to its field."""
        choices = [Choice(str(index), problem.key, one_line(problem.says)) for index, problem in enumerate(problems)]

        def picked(choice: str | None) -> None:
            if choice is not None:
                self.form.go(row_of(problems[int(choice)].key))

        self.app.push_screen(PickScreen(title, choices, search=False), picked)

    def action_launch(self) -> None:
        if self.draft.problems:
            self.list_problems("Not launched: these values are not valid", self.own_problems())
            return
        if self.draft.config.model.kind == "transfer":
            self.say("Looking for the backbone and its weights; what is not here yet is fetched …")
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
        self.say("")
        if message.plan is None:
            self.say(one_line(str(message.error)))
        elif message.plan.problems:
            self.list_problems("Not launched: this is in the way", message.plan.problems)
        else:
            from tui.screens.launch import LaunchScreen

            draft = message.draft
            screen = LaunchScreen(draft.yaml(), draft.config, message.plan, draft.base_dir, slurm=message.slurm)
            self.app.push_screen(screen, self.launched)

    def launched(self, folder: RunFolder | None) -> None:
        """The run has its own copy of the config: the editor gives way to the monitor."""
        if folder is not None:
            from tui.screens.monitor import MonitorScreen

            self.app.switch_screen(MonitorScreen(folder))
