"""The full story of a finding: what, since when, on what evidence, why, what to try, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from training.config import files as config_files
from training.config.schema import TrainingConfig
from training.diagnosis.findings import Finding
from training.runs.layout import RunFolder
from training.story.charts import charts_of, stretch_of
from training.story.telling import Remedy, Story, curves_of, moments_of, tell
from tui import keymap
from tui.monitor.model import Monitored
from tui.screens.fix import FixScreen
from tui.theme import SEVERITIES
from tui.widgets.keybar import KeyBar

FRAME_ROWS = 3
"""Rows of the dialog around its text: the frame and the keys."""
CHART_ROWS = 8
LEAST_CHART_CELLS = 30
WIDEST = 92
TOKENS = {"error": "$text-error", "warning": "$text-warning", "primary": "$text-primary"}

Mute = Callable[[str, str], object]


@dataclass
class ConfigRead(Message):
    """The config of the run, so that fixes can say what they change; None where there is none of ours."""

    run_id: str
    config: TrainingConfig | None


class RemedyTitle(Static):
    """A fix; the marked one is what Enter opens, and a click marks it."""

    def __init__(self, title: str, number: int) -> None:
        super().__init__("")
        self.words = title
        self.number = number

    def mark(self, chosen: bool) -> None:
        self.set_class(chosen, "marked")
        self.update(Content.assemble(f"{'▸' if chosen else ' '}{self.number}  ", (self.words, "bold")))


class RemedyDetail(Static):
    """What a fix should do, where it can start, and what it changes."""

    def __init__(self, remedy: Remedy) -> None:
        super().__init__("")
        self.tell(remedy)

    def tell(self, remedy: Remedy) -> None:
        texts = (remedy.effect, remedy.start or "change this by hand: no setting does it")
        lines = [Content(f"{text[0].upper()}{text[1:].rstrip('.')}.") for text in texts if text]
        lines += [Content.styled(line.text, "$text-success") for line in remedy.lines]
        self.update(Content("\n").join(lines))


class StoryScreen(ModalScreen[RunFolder | None]):
    """Answers the folder of a corrected run where one was launched from here, else None."""

    CSS_PATH = "story.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("story")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]
    AUTO_FOCUS = ""

    def __init__(self, run: Monitored, finding: Finding, mute: Mute) -> None:
        super().__init__()
        self.run = run
        self.finding = finding
        self.marked = 0
        """Place of the fix that Enter opens."""
        self._mute = mute
        self.story = tell(finding, moments_of(run.curves.finding_history))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            with VerticalScroll(id="story-body", can_focus=False):
                yield from _opening(self.story)
                yield Static("Muted: m lets you hear of it again.", id="story-muted", markup=False)
                yield from _evidence(self.story)
                yield Static("", id="story-chart", markup=False)
                yield from _middle(self.story)
                if self.story.remedies:
                    yield Static("What to try", classes="heading", markup=False)
                for number, remedy in enumerate(self.story.remedies, 1):
                    yield RemedyTitle(remedy.title, number)
                    yield RemedyDetail(remedy)
                yield from _closing(self.story)
            yield KeyBar("story")

    def on_mount(self) -> None:
        self._mark()
        self.show_muted()
        self.read_config()

    @property
    def _body(self) -> VerticalScroll:
        return self.query_one("#story-body", VerticalScroll)

    @work(thread=True, exclusive=True, exit_on_error=False, group="story")
    def read_config(self) -> None:
        self.post_message(ConfigRead(self.run.folder.id, config_files.read(self.run.folder.config).config))

    @on(ConfigRead)
    def name_changes(self, message: ConfigRead) -> None:
        """Say of each fix what it changes in this config."""
        self.story = tell(self.finding, moments_of(self.run.curves.finding_history), message.config)
        for detail, remedy in zip(self.query(RemedyDetail), self.story.remedies, strict=True):
            detail.tell(remedy)

    def show_muted(self) -> None:
        """Say whether it is muted, and on the key what that does."""
        muted = self.finding.label in self.run.muted
        self.query_one("#story-muted").display = muted
        self.query_one(KeyBar).relabel("story.mute", "Unmute" if muted else keymap.find("story.mute").description)

    def on_resize(self, event: events.Resize) -> None:
        self._body.styles.max_height = max(1, event.size.height - FRAME_ROWS)
        self._draw(min(WIDEST, event.size.width) - 7)

    def _draw(self, width: int) -> None:
        """The curves that show it, where there is room for them."""
        chart = self.query_one("#story-chart", Static)
        lines: list[str] = []
        still_open = self.finding.label in self.run.curves.findings
        if width >= LEAST_CHART_CELLS:
            drawn = charts_of(
                self.run.curves,
                curves_of(self.finding),
                stretch=stretch_of(self.finding, self.run.curves, still_open=still_open),
                width=width,
                height=CHART_ROWS,
            )
            lines = drawn[0].lines if drawn else []
        chart.display = bool(lines)
        chart.update(Content("\n".join(lines)))

    def _mark(self) -> None:
        for place, title in enumerate(self.query(RemedyTitle)):
            title.mark(place == self.marked)

    @on(events.Click, "RemedyTitle")
    def choose(self, event: events.Click) -> None:
        if isinstance(event.widget, RemedyTitle):
            self.marked = event.widget.number - 1
            self._mark()

    def action_select(self, by: int) -> None:
        """The next or previous fix."""
        titles, details = list(self.query(RemedyTitle)), list(self.query(RemedyDetail))
        if titles:
            self.marked = max(0, min(self.marked + by, len(titles) - 1))
            self._mark()
            for part in (details[self.marked], titles[self.marked]):
                part.scroll_visible(animate=False)

    def action_scroll_body(self, by: int) -> None:
        self._body.scroll_relative(y=by * max(1, self._body.size.height - 1), animate=False)

    def action_fix(self) -> None:
        if self.story.remedies:
            self.app.push_screen(FixScreen(self.run.folder, self.finding, self.marked), self._leave_with)

    def _leave_with(self, child: RunFolder | None) -> None:
        if child is not None:
            self.dismiss(child)

    def action_mute(self) -> None:
        self._mute(self.finding.label, self.finding.title)

    def action_close(self) -> None:
        self.dismiss(None)

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        if action == "fix":
            return bool(self.story.remedies) and not self.run.gone
        if action == "select":
            return len(self.story.remedies) > 1
        return not (action == "mute" and self.run.gone)


def _opening(story: Story) -> Iterator[Static]:
    symbol, token = SEVERITIES[story.severity]
    heading = Content.assemble((f"{symbol} ", TOKENS[token]), (story.title, "bold"))
    yield Static(heading, classes="story-title")
    resolved = "" if story.resolved is None else f" Resolved after epoch {story.resolved}."
    yield Static(
        f"{story.severity.capitalize()}, {story.confidence}. {story.when}.{resolved}", classes="muted", markup=False
    )


def _evidence(story: Story) -> Iterator[Static]:
    yield Static("Evidence", classes="heading", markup=False)
    yield Static(story.evidence, classes="inset", markup=False)


def _middle(story: Story) -> Iterator[Static]:
    if story.why:
        yield Static("Why", classes="heading", markup=False)
        yield Static(story.why, classes="inset", markup=False)
    if story.causes:
        yield Static("Causes, the likeliest first", classes="heading", markup=False)
        for number, cause in enumerate(story.causes, 1):
            yield Static(f"{number}. {cause}", classes="inset", markup=False)


def _closing(story: Story) -> Iterator[Static]:
    if story.guide:
        yield Static("Where the guide says so", classes="heading", markup=False)
        yield Static(f"Section {'; '.join(story.guide)}", classes="inset", markup=False)
    if story.moments:
        yield Static("What became of it", classes="heading", markup=False)
        for moment in story.moments:
            yield Static(f"Epoch {moment.epoch}: {moment.text}", classes="inset", markup=False)
