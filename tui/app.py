"""The app: which screen comes first, the themes, and the keys that work everywhere."""

from __future__ import annotations

import gc
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from training.runs.layout import RunFolder
from tui import keymap
from tui.away.title import restore_title
from tui.line.app import LineApp
from tui.screens import kept_drafts
from tui.screens.ground import GroundScreen
from tui.settings import keep_theme, theme_at_start
from tui.theme import FALLBACKS, THEMES, word_of
from tui.turns import TURNS
from tui.widgets.type_ahead import backlog_of

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig
    from training.runs.fork import Fork
    from tui.screens.monitor import MonitorScreen

HERE = Path(__file__).parent
PREPARED_AFTER = 1.0
"""Seconds after the start, when the first screen is there."""
QUIT_SECONDS = 3.0
"""Within that time a second ctrl+c quits."""


class TraindeckApp(LineApp[None], inherit_bindings=False):
    """Home over a runs folder; the monitor of `watch`, or the editor of a file or preset called `edit` or of a `fork`,
    comes first.
    """

    TITLE = "traindeck"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("app")

    def __init__(
        self,
        runs_dir: Path,
        watch: RunFolder | None = None,
        edit: str | None = None,
        fork: tuple[Fork, TrainingConfig, str] | None = None,
    ) -> None:
        # Textual loads no stylesheet for the screen that is there from the start, and reads all anew for another one.
        super().__init__(css_path=[HERE / "app.tcss", HERE / f"screens/{'monitor' if watch else 'home'}.tcss"])
        self.runs_dir = runs_dir
        self.watch_first = watch
        self.edit_first = edit
        """As given on the command line; empty for the list of presets."""
        self.fork_first = fork
        self.watched = ""
        """Id of the run that a monitor showed last; Home puts its cursor there and clears it."""
        self._interrupted = float("-inf")
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_at_start().name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(FALLBACKS)

    def get_default_screen(self) -> Screen[None]:
        if self.watch_first or self.edit_first or self.fork_first:
            return GroundScreen(self.runs_dir)
        from tui.screens.home import HomeScreen

        return HomeScreen(self.runs_dir)

    def on_mount(self) -> None:
        self.screen_change_signal.subscribe(self, self.remember_watched, immediate=True)
        self.set_timer(PREPARED_AFTER, self.prepare_help)
        if self.watch_first is not None:
            self.open_monitor(self.watch_first)
        elif self.edit_first is not None:
            from tui.screens.first_editor import open_first

            open_first(self, self.edit_first)
        elif self.fork_first is not None:
            from tui.screens.fork import open_fork

            open_fork(self, *self.fork_first)
        else:
            self.call_after_refresh(kept_drafts.offer, self)

    def on_unmount(self) -> None:
        restore_title(self)

    def open_monitor(self, folder: RunFolder) -> None:
        """Show a run, live or past."""
        from tui.screens.monitor import MonitorScreen

        self.push_screen(MonitorScreen(folder))

    def remember_watched(self, screen: Screen[Any]) -> None:
        """A launch and a fix put monitors in place of other screens: whichever was there last counts."""
        if keymap.screen_of(type(screen).BINDINGS) == "monitor":
            self.watched = cast("MonitorScreen", screen).folder.id

    async def on_event(self, event: events.Event) -> None:
        """A key waits until what the one before it opens, or closes, is there, or gone."""
        if isinstance(event, events.Key):
            TURNS.take()
        if isinstance(event, events.Key) and not event.is_forwarded:
            await backlog_of(self).add(event)
        else:
            await super().on_event(event)

    def prepare_help(self) -> None:
        if not gc.isenabled():  # as it was for the start: what is there by now stays, and is not looked through again
            gc.freeze()
            gc.enable()
        from tui.screens.help import prepare

        prepare(self)

    def action_help(self) -> None:
        from tui.screens.help import show_help

        show_help(self, keymap.screen_of(type(self.screen).BINDINGS))

    def action_palette(self) -> None:
        from tui.screens.palette import open_palette

        open_palette(self)

    def action_switch_theme(self) -> None:
        """The next theme, now and at the next start."""
        names = [theme.name for theme in THEMES]
        chosen = THEMES[(names.index(self.theme) + 1) % len(names)]
        self.theme = chosen.name
        keep_theme(chosen)
        as_greys = ", as greys: NO_COLOR is set" if self.no_color else ""
        self.clear_notifications()
        self.notify(f"Theme: {word_of(chosen.name)}{as_greys}", timeout=3, markup=False)

    def action_drafts(self) -> None:
        kept_drafts.show_all(self)

    def quit(self, asked: tuple[Screen[Any], ...] = ()) -> None:
        """Leave the app, once no editor holds changes that would be lost; `asked` are those that have been asked."""
        from tui.screens.editor import EditorScreen

        for screen in reversed(self.screen_stack):
            if isinstance(screen, EditorScreen) and screen.draft.changed and screen not in asked:
                screen.when_kept(partial(self.quit, (*asked, screen)))
                return
        self.exit()

    def action_interrupt(self) -> None:
        """The first ctrl+c says what a second one does; it may have been meant for something else."""
        now = time.monotonic()
        if now - self._interrupted < QUIT_SECONDS:
            self.quit()
            return
        self._interrupted = now
        self.notify("Press ctrl+c again to quit. Training goes on without the app.", timeout=QUIT_SECONDS)
