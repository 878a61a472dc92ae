"""What an editor learns beside the typing: threads ask, messages bring the answers, and `Known` holds the newest.

Nothing is asked while somebody types: PAUSE seconds later, and an older question is dropped with its child process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from training.config.schema import TrainingConfig
from training.dataset import preview
from training.errors import RunFailed
from training.guide.hint import Facts
from training.runs.ask import Asking
from training.runs.past_times import alike
from tui.editor.asking import look_at_cost, look_at_data
from tui.editor.known import CostKnowledge, CostQuestion, DataKnowledge, DataQuestion, Known, data_question
from tui.editor.told import Gathered

if TYPE_CHECKING:
    from tui.editor.draft import Draft

PAUSE = 0.4
"""Seconds; AT_ONCE is for what nobody types, and leaves the screen the time to be painted."""
AT_ONCE = 0.1


@dataclass
class DataProgress(Message):
    """How far the look at the data is."""

    found: DataKnowledge
    asking: Asking

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, DataProgress) and message.found.about == self.found.about


@dataclass
class DataKnown(Message):
    """The data have been looked at, or cannot be."""

    found: DataKnowledge
    asking: Asking


@dataclass
class CostProgress(Message):
    """What is known of the cost while the model is being built."""

    found: CostKnowledge


@dataclass
class CostKnown(Message):
    """What training would cost, as far as anybody asked."""

    found: CostKnowledge


class Gatherer(Widget, can_focus=False):
    """Shows nothing. `look` is told of every change of the draft; a `Gathered` follows whenever more is known."""

    DEFAULT_CSS = "Gatherer { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.known = Known()
        self._config = TrainingConfig()
        self._base_dir = Path()
        self._looked = False
        self._cost_wanted = False
        self._answers: dict[DataQuestion, DataKnowledge] = {}
        self._asking: dict[str, Asking] = {}
        self._waiting: dict[str, Timer] = {}

    # Told by the screen

    def look(self, draft: Draft) -> Facts:
        """Take the draft as it is now; what is known of it, at once. Cheap where nothing that counts has changed."""
        self._config, self._base_dir = draft.config, draft.base_dir
        self._look_at_data()
        self._look_at_cost()
        self._looked = True
        return self.known.facts(self._config)

    def look_again(self) -> None:
        """Ask anew what may have changed outside: the files, the devices, the past runs."""
        self._answers.clear()
        before, self.known.data = self.known.data, DataKnowledge()
        self.known.cost = CostKnowledge()
        self._look_at_data()
        if self.known.data.about == before.about:
            self.known.data = replace(self.known.data, feared=before.error or before.feared)
        self._look_at_cost()
        self.post_message(Gathered())

    def want_cost(self, wanted: bool) -> None:
        """Whether the cost is on screen: only then a model that is not known yet is built to be measured."""
        if wanted == self._cost_wanted:
            return
        self._cost_wanted = wanted
        # A model that is being built when somebody looks away is built to the end: it is then known.
        if wanted:
            self.known.cost = replace(self.known.cost, about=None)
        if wanted and self._looked:
            self._look_at_cost(AT_ONCE)

    def on_unmount(self) -> None:
        for asking in self._asking.values():
            asking.drop()

    # Data

    def _look_at_data(self) -> None:
        wanted = data_question(self._config, self._base_dir)
        if wanted == self.known.data.about:
            return
        self._drop("data")
        self.known.data = self._at_once(wanted)
        if not self.known.data.settled:
            self._after("data", PAUSE, self._ask_data)

    def _at_once(self, wanted: DataQuestion | None) -> DataKnowledge:
        if wanted is None:
            return DataKnowledge()
        if wanted.source == "digits":
            try:
                return DataKnowledge(wanted, preview.digits(self._config.data), complete=True)
            except OSError as error:
                return DataKnowledge(wanted, error=RunFailed(f"The digits cannot be read: {error.strerror}."))
        return self._answers.get(wanted, DataKnowledge(wanted))

    def _ask_data(self) -> None:
        wanted = self.known.data.about
        if wanted is not None:
            self.ask_data(wanted, self._config, self._begin("data"))

    @work(thread=True, exclusive=True, exit_on_error=False, group="data")
    def ask_data(self, about: DataQuestion, config: TrainingConfig, asking: Asking) -> None:
        def progress(found: DataKnowledge) -> None:
            self.post_message(DataProgress(found, asking))

        found = look_at_data(about, config, asking, progress)
        if found is not None:
            self.post_message(DataKnown(found, asking))

    @on(DataProgress)
    @on(DataKnown)
    def take_data(self, message: DataProgress | DataKnown) -> None:
        message.stop()
        found = message.found
        if message.asking.dropped or found.about is None or found.about != self.known.data.about:
            return
        self.known.data = found
        if found.complete:
            self._answers[found.about] = found
        self._look_at_cost(AT_ONCE)
        self.post_message(Gathered())

    # Cost

    def _look_at_cost(self, pause: float = PAUSE) -> None:
        if not self.known.data.settled:
            return  # the number of classes is not known yet
        wanted = self._cost_question()
        before = self.known.cost
        if wanted == before.about:
            return
        self._drop("cost")
        estimate = self.known.estimates.get(wanted.model)
        same_device = before.device is not None and before.device_for == (wanted.device, wanted.processes)
        self.known.cost = CostKnowledge(wanted, before.device if same_device else None, estimate=estimate)
        self._after("cost", pause, self._ask_cost)

    def _cost_question(self) -> CostQuestion:
        config = self._config
        return CostQuestion(
            self.known.model_question(config),
            config.runtime.device,
            config.runtime.processes,
            alike(config, self._base_dir, "", 0),
            None if config.batch_size == "auto" else config.images_per_step,
        )

    def _ask_cost(self) -> None:
        if self.known.cost.about is not None:
            self.ask_cost(self.known.cost, self._config, self._base_dir, self._cost_wanted, self._begin("cost"))

    @work(thread=True, exclusive=True, exit_on_error=False, group="cost")
    def ask_cost(
        self, so_far: CostKnowledge, config: TrainingConfig, base_dir: Path, wanted: bool, asking: Asking
    ) -> None:
        def progress(found: CostKnowledge) -> None:
            self.post_message(CostProgress(found))

        found = look_at_cost(so_far, config, base_dir, wanted, asking, progress)
        if found is not None:
            self.post_message(CostKnown(found))

    @on(CostProgress)
    @on(CostKnown)
    def take_cost(self, message: CostProgress | CostKnown) -> None:
        message.stop()
        found = message.found
        if found.about is None or found.about != self.known.cost.about:
            return
        self.known.cost = found
        if found.estimate is not None:
            self.known.estimates[found.about.model] = found.estimate
        self.post_message(Gathered())

    # Asking

    def _after(self, what: str, pause: float, ask: Callable[[], None]) -> None:
        self._waiting[what] = self.set_timer(pause if self._looked else AT_ONCE, ask)

    def _begin(self, what: str) -> Asking:
        self._drop(what)
        self._asking[what] = Asking()
        return self._asking[what]

    def _drop(self, what: str) -> None:
        if timer := self._waiting.pop(what, None):
            timer.stop()
        if asking := self._asking.pop(what, None):
            asking.drop()
