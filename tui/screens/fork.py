"""From a checkpoint of a run to a new one: which checkpoint, then the editor, which launches the fork."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from training.errors import InvalidInput, TraindeckError
from training.figures import loss, storage
from training.runs.lifecycle import RunView
from training.text import one_line
from tui.monitor.model import Monitored
from tui.screens.monitor_panels import PanelsScreen
from tui.screens.pick import Choice, PickScreen
from tui.widgets.type_ahead import backlog_of

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig
    from training.runs.fork import Fork, Source
    from tui.app import TraindeckApp

SCRATCH = "scratch"


@dataclass
class SourcesFound(Message):
    """The checkpoints of the run."""

    run: RunView
    sources: Sequence[Source]


@dataclass
class ForkReady(Message):
    """What is to be edited, or why it cannot be (`error`)."""

    ready: tuple[Fork, TrainingConfig, str] | None = None
    """With the config as it was there, and its text."""
    error: str = ""


class ForkingScreen(PanelsScreen):
    """What of the monitor starts a fork."""

    app: TraindeckApp

    def action_fork(self) -> None:
        if self.run.view is not None:
            backlog_of(self.app).hold()
            self.find_sources(self.run.view)

    @work(thread=True, exclusive=True, exit_on_error=False, group="fork")
    def find_sources(self, run: RunView) -> None:
        """Their labels: a short read each."""
        from training.runs.fork import sources

        self.post_message(SourcesFound(run, sources(run.folder)))

    @on(SourcesFound)
    def choose_source(self, message: SourcesFound) -> None:
        backlog_of(self.app).let_go()
        run = message.run

        def picked(id: str | None) -> None:
            if id is not None:
                backlog_of(self.app).hold()
                self.prepare_fork(run, id)

        title = f"Fork {one_line(run.summary.name)} from"
        self.app.push_screen(PickScreen(title, choices(message.sources, self.run), search=False), picked)

    @work(thread=True, exclusive=True, exit_on_error=False, group="fork")
    def prepare_fork(self, run: RunView, wanted: str) -> None:
        """Look again at the checkpoint, which may have been replaced, and read the config as it was there."""
        from training.runs.fork import Fork, check_forkable, config_there, find_source
        from training.runs.forking import hold

        try:
            check_forkable(run)
            fork = hold(Fork(run, find_source(run, wanted)))
            self.post_message(ForkReady((fork, *config_there(run, fork.source))))
        except TraindeckError as error:
            self.post_message(ForkReady(error=one_line(str(error))))

    @on(ForkReady)
    def edit_fork(self, message: ForkReady) -> None:
        backlog_of(self.app).let_go()
        if message.ready is None:
            self.notify(message.error, severity="error", markup=False)
        else:
            open_fork(self.app, *message.ready)


def choices(found: Sequence[Source], run: Monitored) -> list[Choice]:
    """A line a checkpoint: where it is of, how well it did, how large it is, and what a fork takes of it."""
    return [
        *(Choice(source.name, _title(source), _detail(source, run)) for source in found),
        Choice(SCRATCH, "scratch", "new weights, on the same split"),
    ]


def _title(source: Source) -> str:
    return f"{source.name:<12} epoch {source.label.epoch}, {source.where}"


def _detail(source: Source, run: Monitored) -> str:
    value = _val_loss(source, run)
    parts = [
        f"val loss {loss(value)}" if value is not None else "",
        storage(source.size),
        "goes on exactly" if source.label.resumable else "weights alone",
    ]
    return ", ".join(part for part in parts if part)


def _val_loss(source: Source, run: Monitored) -> float | None:
    """That of the epoch whose end it was written at; None for one from the middle of an epoch."""
    series, epoch = run.curves.epochs.get("val_loss"), source.label.epoch
    if series is None or run.curves.steps_after(epoch) != source.label.step:
        return None
    at = bisect_left(series.x, epoch)
    return series.y[at] if at < len(series) and series.x[at] == epoch else None


def open_fork(app: TraindeckApp, fork: Fork, config: TrainingConfig, text: str) -> None:
    """The editor on the config of a fork; what it launches starts there."""
    from tui.editor.draft import Draft
    from tui.screens.editor import EditorScreen

    parent = fork.parent
    place = fork.source.where if fork.source else "its start"
    editor = EditorScreen(
        Draft(config, text=text, base_dir=parent.folder.path), f"Fork of {one_line(parent.summary.name)} at {place}"
    )
    editor.fork = fork
    editor.said = _said(fork, config)
    app.push_screen(editor)


def _said(fork: Fork, config: TrainingConfig) -> str:
    """What the fork is as things stand."""
    try:
        return fork.sentence(config)
    except InvalidInput as error:
        return one_line(str(error))
