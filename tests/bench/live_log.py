"""A run that goes on: 20 steps a second with four metrics each, an epoch every five seconds, a heartbeat every second.

python -m tests.bench.live_log RUNS_DIR NAME SECONDS
"""

from __future__ import annotations

import math
import random
import sys
import time
from pathlib import Path
from threading import Event, Thread

from tests.runs.builders import beat
from tests.tui.fakes import FakeRun
from training.config.schema import TrainingConfig
from training.runs.events import Attempt, Epoch, State, Step, spell_all

STEPS_A_SECOND = 20
STEPS_PER_EPOCH = 100
EPOCHS = 50


class LiveLog:
    """Writes one in a thread; the numbers are the same each time."""

    def __init__(self, runs_dir: Path, name: str = "live") -> None:
        now = time.time()
        self.run = FakeRun(
            runs_dir, name, config=TrainingConfig(epochs=EPOCHS), live=True, created=now, started=now, updated=now
        )
        self.run.t = now
        self.run.write(Attempt(run=name, epochs=EPOCHS, steps_per_epoch=STEPS_PER_EPOCH), State(state="running"))
        self._random = random.Random(0)
        self._over = Event()
        self._thread = Thread(target=self._go_on)

    def __enter__(self) -> LiveLog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def steps(self, count: int, seconds: float = 1 / STEPS_A_SECOND) -> None:
        """So many further steps, that far apart by their log."""
        for _ in range(count):
            self.run.t += seconds
            self.step()

    def step(self) -> None:
        """One more step, and where it is the last of an epoch that epoch's end."""
        run, noise = self.run, self._random.random
        loss = 2 * math.exp(-run.step / 500) + 0.05 * noise()
        metrics = {
            "train_loss": loss,
            "lr": 1e-3 * (1 - run.step / (EPOCHS * STEPS_PER_EPOCH)),
            "grad_norm": 1 + noise(),
            "images_per_s": 3000 + 100 * noise(),
        }
        run.write(Step(step=run.step, epoch=run.step // STEPS_PER_EPOCH + 1, metrics=spell_all(metrics)))
        run.step += 1
        if run.step % STEPS_PER_EPOCH == 0:
            run.done = run.step // STEPS_PER_EPOCH
            shares = {"train_acc": 1 - loss / 3, "val_acc": 1 - loss / 2.8}
            values = {"train_loss": loss, "val_loss": loss + 0.1, **shares}
            run.write(Epoch(epoch=run.done, step=run.step, metrics=spell_all(values)))

    def finish(self) -> None:
        """The run is over."""
        self.run.finish()

    def _go_on(self) -> None:
        begun, count = time.monotonic(), 0
        while not self._over.wait(max(0.0, begun + count / STEPS_A_SECOND - time.monotonic())):
            self.run.t = time.time()
            if count % STEPS_A_SECOND == 0:
                beat(self.run.folder, 0.0)
            self.step()
            count += 1


def main() -> None:
    runs_dir, name, seconds = sys.argv[1:]
    with LiveLog(Path(runs_dir), name):
        time.sleep(float(seconds))


if __name__ == "__main__":
    main()
