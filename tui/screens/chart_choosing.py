"""The `v` of a screen with charts: which of them are shown, and in which order, remembered for all such screens."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from textual.app import App

from training.story.charts import in_order
from training.text import one_line
from tui.monitor.chart_choice import ChartChoice, chosen, hidden, shown
from tui.screens.choose import ChooseScreen, Option
from tui.settings import recall, remember
from tui.widgets.chart import ChartSpec

if TYPE_CHECKING:
    from tui.screens.charting import ChartingScreen

SETTING = "charts"
REFUSAL = "One chart has to stay."

_CHOICES: WeakKeyDictionary[App[Any], ChartChoice] = WeakKeyDictionary()


def choice_of(app: App[Any]) -> ChartChoice:
    """What was chosen in this app; before that, what is remembered."""
    if app not in _CHOICES:
        _CHOICES[app] = recall(SETTING, ChartChoice, ChartChoice())
    return _CHOICES[app]


def chosen_of(app: App[Any], specs: Sequence[ChartSpec]) -> list[ChartSpec]:
    """Those of the charts that are shown, in order; charts of one group stay together."""
    order = shown(map(_group, specs), choice_of(app))
    return [spec for group in order for spec in specs if _group(spec) == group]


def choose_charts(screen: ChartingScreen) -> None:
    """Ask which charts are shown."""
    titles = {_group(spec): spec.title for spec in screen.chart_specs()}
    choice = choice_of(screen.app)
    options = [
        *(Option(group, one_line(titles[group])) for group in shown(titles, choice)),
        *(Option(group, one_line(titles[group]), chosen=False) for group in hidden(titles, choice)),
    ]
    dialog = ChooseScreen("Charts", options, default=in_order(titles), refusal=REFUSAL)
    screen.app.push_screen(dialog, partial(_take, screen, list(titles)))


def _group(spec: ChartSpec) -> str:
    return spec.group or spec.title


def _take(screen: ChartingScreen, groups: Sequence[str], wanted: list[str] | None) -> None:
    if wanted is None:
        return
    _CHOICES[screen.app] = choice = chosen(groups, wanted, choice_of(screen.app))
    remember(SETTING, choice)
    screen.first_chart = 0
    screen.paint()
