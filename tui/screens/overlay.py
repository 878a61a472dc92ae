"""Several runs at once: what differs between them, their curves in one chart each, and which is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from training.runs.layout import RunFolder
from tui import keymap
from tui.monitor.arrangement import MOST_CHARTS, is_small
from tui.monitor.lens import Unit
from tui.overlay.arrangement import Arrangement, arrangement, views
from tui.overlay.book import OverlayBook
from tui.overlay.model import Side
from tui.overlay.runs_rows import WORDY, in_sight, run_rows
from tui.overlay.tables import as_text, metric_rows, settings_rows
from tui.overlay.verdict_rows import verdict_place, verdict_rows
from tui.screens.copying import copy_menu
from tui.screens.export import ExportSource
from tui.screens.overlay_following import FollowingScreen
from tui.widgets.chart import Chart, ChartSpec
from tui.widgets.chart_signs import Signs
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import Row, between, fit, fitting
from tui.widgets.spans import SpanView, update_all

if TYPE_CHECKING:
    from tui.app import TraindeckApp


class RunList(SpanView):
    """The runs; a click on one marks it."""

    def on_click(self, event: events.Click) -> None:
        if isinstance(self.screen, OverlayScreen):
            self.screen.select_row(event.y)


class OverlayScreen(FollowingScreen):
    """Overlays the runs; the first is the baseline."""

    CSS_PATH = "overlay.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("overlay")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    AUTO_FOCUS = ""
    app: TraindeckApp

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        super().__init__(folders)
        self.book = OverlayBook(self.overlaid)
        self.selected = min(1, len(self.overlaid.runs) - 1)
        """The place of the marked side."""
        self.view = ""
        """What tab has come to; empty for what comes first."""
        self.scrolled = 0
        """Lines that the table was scrolled by."""
        self._offered: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield SpanView(self._title, id="overlay-title")
        with Horizontal(id="overlay-body"):
            with Vertical(id="overlay-charts"):
                for index in range(MOST_CHARTS):
                    yield Chart(id=f"chart{index}")
            with Vertical(id="overlay-side"):
                yield RunList(self._runs, id="overlay-runs")
                yield SpanView(self._table, id="overlay-table")
        yield KeyBar("overlay")

    def on_mount(self) -> None:
        self.views = list(self.query(SpanView))
        self.lay_out()
        self.follow()

    def paint(self) -> None:
        """Bring what is on screen up to date; nothing happens while another screen lies over this one."""
        if not self.begins_to_paint():
            return
        self.lay_out()
        update_all(self.views)
        offered = (self.side, self.overlaid.baseline, self.overlaid.has_seeds)
        if offered != self._offered:
            self._offered = offered
            self.query_one(KeyBar).relabel("overlay.hide", "Show" if self.side.hidden else "Hide")
            self.refresh_bindings()

    def on_screen_resume(self) -> None:
        self.paint()

    def on_resize(self, _: events.Resize) -> None:
        self.lay_out()

    # What is shown

    @property
    def side(self) -> Side:
        """What is marked in the list."""
        sides = self.overlaid.sides
        self.selected = max(0, min(self.selected, len(sides) - 1))
        return sides[self.selected]

    @property
    def signs(self) -> Signs:
        return Signs(self.lens.marker, self.app.no_color)

    def body_height(self) -> int:
        """Rows between the title and the keys."""
        return self.size.height - 2

    @property
    def arrangement(self) -> Arrangement:
        """What is shown; a large chart stands alone."""
        width, height = self.size.width, self.body_height()
        known = views(width, height)
        view = self.view if self.view in known else known[0]
        shown = arrangement(width, height, view, len(self.overlaid.sides))
        return Arrangement(1, 0, "") if self.large and shown.charts else shown

    def chart_specs(self) -> Sequence[ChartSpec]:
        if all(run.missing for run in self.overlaid.runs):
            self.book.empty = "None of these runs can be read any more."
        elif all(side.hidden for side in self.overlaid.sides):
            self.book.empty = "All runs are hidden: space shows the marked one."
        else:
            self.book.empty = "no values yet"
        return self.book.specs(self.lens.unit)

    @property
    def units(self) -> Sequence[Unit]:
        return self.book.units

    def lay_out(self) -> None:
        """Show what the arrangement says, and hand each visible chart what it draws."""
        shown = self.arrangement
        self.query_one("#overlay-charts").display = shown.charts > 0
        self.query_one("#overlay-side").display = bool(shown.listed or shown.table)
        runs, table = self.query_one("#overlay-runs"), self.query_one("#overlay-table")
        runs.display, table.display = shown.listed > 0, bool(shown.table)
        runs.styles.height = shown.listed if shown.table else "1fr"
        self.lay_out_charts(shown.charts)

    def show_charts(self) -> None:
        if not self.arrangement.charts:
            self.view = "charts"

    def _title(self, width: int, _: int) -> list[Row]:
        overlaid = self.overlaid
        number = len(overlaid.runs)
        parts: list[Row] = [
            [(f"{number} run{'s' if number != 1 else ''}", "title")],
            [("against ", "muted"), (overlaid.baseline.name, "strong")],
        ]
        common = overlaid.common_epoch
        told = f"epoch {common}" if common else ""
        told = f"all have {told}" if told and number > 1 and width >= WORDY else told
        return [between(fitting(parts, max(1, width - len(told) - 1)), [(told, "muted")], width)]

    def _runs(self, width: int, height: int) -> list[Row]:
        return run_rows(self.overlaid, self.overlaid.sides.index(self.side), self.signs, width, height)

    def _table(self, width: int, height: int) -> list[Row]:
        """The rows of the table in sight; the last one says how many follow."""
        rows = self._table_rows(width)
        self.scrolled = max(0, min(self.scrolled, len(rows) - height))
        shown = rows[self.scrolled : self.scrolled + height]
        if (left := len(rows) - self.scrolled - height) > 0:
            shown[-1] = fit([(f"… {left + 1} more lines: PgDn", "muted")], width)
        return shown

    def _table_rows(self, width: int) -> list[Row]:
        match self.arrangement.table:
            case "settings":
                return settings_rows(self.overlaid, self.selected, self.signs, width)
            case "metrics":
                return metric_rows(self.overlaid, self.signs, width)
        return verdict_rows(self.overlaid, self.signs, width)

    # Keys

    def action_select(self, by: int) -> None:
        self.select(self.selected + by)

    def select(self, number: int) -> None:
        """Mark that side, and bring what is thought of it into sight."""
        self.selected = max(0, min(number, len(self.overlaid.sides) - 1))
        width, height = self.query_one("#overlay-table").size
        if self.arrangement.table == "verdict" and height:
            block = verdict_place(self.overlaid, self.side, self.signs, width)
            self.scrolled = min(max(self.scrolled, block.stop - height + 1), block.start)
        self.paint()

    def select_row(self, y: int) -> None:
        """Mark the side in that row of the list."""
        height = self.query_one(RunList).size.height
        headed, window = in_sight(len(self.overlaid.sides), self.selected, height)
        if 0 <= y - headed < len(window):
            self.select(window[y - headed])

    def action_open(self) -> None:
        """Watch the marked run; of several seeds the first that can be read."""
        runs = [self.overlaid.runs[place] for place in self.side.places]
        run = next((run for run in runs if not run.missing), None)
        if run is not None:
            self.app.open_monitor(run.folder)

    def action_panel(self, by: int) -> None:
        """A large chart gives way first."""
        known = views(self.size.width, self.body_height())
        if self.large and not is_small(self.size.width, self.body_height()):
            self.action_large()
            return
        at = known.index(self.view) if self.view in known else 0
        self.view, self.scrolled = known[(at + by) % len(known)], 0
        self.paint()

    def action_scroll_panel(self, by: int) -> None:
        page = max(1, self.query_one("#overlay-table").size.height - 2)
        self.scrolled = max(0, self.scrolled + by * page)
        self.paint()

    def action_baseline(self) -> None:
        self.overlaid.set_baseline(self.side)
        self.ask()
        self.paint()

    def action_hide(self) -> None:
        self.overlaid.toggle_hidden(self.side)
        self.paint()

    def action_group(self) -> None:
        """The marked run stays marked."""
        place = self.side.places[0]
        self.overlaid.toggle_grouped()
        self.selected = next(at for at, side in enumerate(self.overlaid.sides) if place in side.places)
        self.ask()
        self.paint()

    def action_copy(self) -> None:
        copy_menu(self, [("The tables and verdicts", lambda: as_text(self.overlaid))])

    def export_source(self) -> ExportSource:
        names = [side.name for side in self.overlaid.sides if not side.hidden]
        return ExportSource(", ".join(names), "runs")

    def action_leave(self) -> None:
        """What was entered last comes first."""
        if self.leave_chart():
            self.paint()
        else:
            self.action_close()

    def action_close(self) -> None:
        self.dismiss(None)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        words = {
            "group": "No two of these runs differ in their seed alone.",
            "baseline": "It is the baseline already.",
            "open": "It cannot be read any more.",
        }
        return words.get(action) or super().why_not(action, parameters)

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions can be done now."""
        by = parameters[0] if parameters and isinstance(parameters[0], int) else 0
        return {
            **super().possible(parameters),
            "open": lambda: any(not self.overlaid.runs[place].missing for place in self.side.places),
            "baseline": lambda: self.side.places != self.overlaid.baseline.places,
            "group": lambda: self.overlaid.has_seeds,
            "select": lambda: 0 <= self.selected + by < len(self.overlaid.sides) and len(self.overlaid.sides) > 1,
            "scroll_panel": lambda: bool(self.arrangement.table),
        }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        possible = self.possible(parameters)
        return possible[action]() if action in possible else True
