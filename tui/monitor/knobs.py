"""What can be changed of the running job, as it stands now, and what a new value would come to."""

from __future__ import annotations

from dataclasses import dataclass

from training.config.fields import field, parse_value
from training.config.patch import replaced
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.figures import duration
from training.guide.hints import hints
from training.guide.schedules import warm_up
from training.runs.adjusting import doubt_of_rate, wanted_epochs, wanted_patience
from training.runs.events import number
from training.runs.override_names import LR_FACTOR, PATIENCE, STOP_AFTER_EPOCH
from training.text import one_line
from tui.monitor.model import Monitored
from tui.screens.prompt import Judged

NO_JUMP = {
    "Cosine Annealing": "the cosine goes from here to its floor at the new end",
    "Step Decay": "the drops keep their distance",
}
"""What new epochs make of the schedule, for those that an end matters to."""


@dataclass(frozen=True)
class Knobs:
    """Of one run, with the config that it was launched with."""

    run: Monitored
    config: TrainingConfig

    @property
    def rate(self) -> float | None:
        """What is trained at now, the warm-up left out; None before the first step."""
        rate, attempt = self.run.latest_step("lr"), self.run.curves.attempt
        if not rate or attempt is None or not attempt.steps_per_epoch:
            return rate or None
        warm = warm_up(self.config, self.run.curves.step / attempt.steps_per_epoch)
        return rate / warm if warm else rate

    @property
    def patience(self) -> int:
        """Epochs without a better validation loss before early stopping; 0 for none."""
        changed = self._last(PATIENCE)
        if changed is not None:
            return int(changed)
        return self.config.es_patience if self.config.early_stopping else 0

    @property
    def waited(self) -> int:
        """Epochs since the best validation loss."""
        best = self.run.best("val_loss", highest=False)
        return self.run.curves.epoch - best[1] if best else 0

    @property
    def stops_after(self) -> int:
        """The epoch after which it was asked to stop; 0 for none."""
        attempt = self.run.curves.attempt
        made = [one for one in self.run.curves.overrides if one.setting == STOP_AFTER_EPOCH]
        return int(number(made[-1].value)) if made and attempt and made[-1].seq > attempt.seq else 0

    @property
    def epoch(self) -> int:
        """The one under way."""
        return min(self.run.curves.epoch + 1, self.run.epochs) if self.run.epochs else self.run.curves.epoch + 1

    def judge_rate(self, text: str) -> Judged:
        """What a new rate comes to: the old one, the factor, and what the guide thinks of it."""
        try:
            new = parse_value(field("learning_rate"), text)
        except ValueError as error:
            return Judged(ok=False, said=one_line(str(error)))
        if self.rate is None:
            return Judged(said=f"{new:g} from the next step on.")
        times = new / self.rate
        said = f"{self.rate:.3g} → {new:.3g} (×{times:.3g})."
        return Judged(said=" ".join(part for part in (said, self._advice(times)) if part))

    def doubt(self, rate: float) -> str:
        """Why a new rate seems mistyped; empty where it does not."""
        return doubt_of_rate(rate, self.rate or self.config.learning_rate)

    def _advice(self, times: float) -> str:
        """The guide's word on the learning rate that the whole run would have had, were the schedule scaled so."""
        factor = self._last(LR_FACTOR)
        initial = self.config.learning_rate * (1.0 if factor is None else factor) * times
        found = hints(replaced(self.config, "learning_rate", float(f"{initial:.3g}")))
        hint = next((one for one in found if one.key == "learning_rate"), None)
        if hint is None:
            return ""
        symbol = "!" if hint.severity == "warning" else "i"
        return f"{symbol} As the LR of the whole run, {hint.message.rstrip('.')} (guide {hint.guide})."

    def judge_epochs(self, text: str) -> Judged:
        """What a new number of epochs comes to."""
        try:
            epochs = wanted_epochs(parse_value(field("epochs"), text))
        except (ValueError, InvalidInput) as error:
            return Judged(ok=False, said=one_line(str(error)))
        now, planned = self.epoch, self.run.epochs
        if epochs < now:
            return Judged(ok=False, said=f"Epoch {now} has begun: {now} is the least.")
        if epochs == planned:
            return Judged(said="As planned.")
        end = (
            f"Ends after this epoch, {now}"
            if epochs == now
            else f"Ends with epoch {epochs}, {epochs - now} after this one"
        )
        plan = NO_JUMP.get(self.config.lr_strategy, "")
        return Judged(said="; ".join(part for part in (f"{end}{self._eta(epochs)}", plan) if part) + ".")

    def _eta(self, epochs: int) -> str:
        attempt = self.run.curves.attempt
        if attempt is None or not attempt.steps_per_epoch:
            return ""
        left = self.run.pace.seconds_left(epochs * attempt.steps_per_epoch - self.run.curves.step)
        return f", in about {duration(left)}" if left is not None and left > 0 else ""

    def judge_patience(self, text: str) -> Judged:
        """What a new patience comes to."""
        try:
            patience = wanted_patience(_or_whole(text))
        except InvalidInput as error:
            return Judged(ok=False, said=one_line(str(error)))
        if not patience:
            return Judged(said="No early stopping.")
        if patience <= self.waited:
            return Judged(
                said=f"{self.waited} epochs were waited already: it stops when this epoch is over, unless it is better."
            )
        return Judged(said=f"Stops after {patience - self.waited} more epochs without a better validation loss.")

    def _last(self, setting: str) -> float | None:
        made = [one for one in self.run.curves.overrides if one.setting == setting]
        return number(made[-1].value) if made else None


def _or_whole(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() else text
