"""A run folder with a log of as many steps as are asked for, written as the worker would have."""

from __future__ import annotations

import math
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.runs.builders import make_run
from training.config.files import dump
from training.config.schema import TrainingConfig
from training.runs.events import AnyEvent, Attempt, Checkpoint, End, Epoch, Metrics, State, Step, encode
from training.runs.layout import RunFolder

T0 = 1_760_000_000.0
STEP_SECONDS = 0.01
FETCH_STEPS = 25
"""Every so many steps one carries the images a second, as at four fetches a second."""
BATCH = 64
CLASSES = 10


def long_run(runs_dir: Path, steps: int, steps_per_epoch: int = 4000) -> RunFolder:
    """The folder of a sound run that has come to its end; one that is there already is taken as it is."""
    name = f"long-{steps}-{steps_per_epoch}"
    folder = RunFolder(runs_dir / name)
    if folder.events.exists():
        return folder
    shutil.rmtree(folder.path, ignore_errors=True)  # one that was not written to its end
    epochs = -(-steps // steps_per_epoch)
    make_run(runs_dir, name, state="finished", epochs=epochs, epoch=epochs, step=steps, reason="all epochs done")
    folder.config.write_text(dump(TrainingConfig(epochs=max(1, epochs))))
    partial = folder.events.with_suffix(".new")
    with partial.open("wb") as log:
        for seq, event in enumerate(history(steps, steps_per_epoch, epochs)):
            event.seq, event.attempt = seq, 1
            log.write(encode(event))
    partial.rename(folder.events)
    return folder


def history(steps: int, steps_per_epoch: int, epochs: int) -> Iterator[AnyEvent]:
    """The events of such a run, without seq and attempt: the losses fall, with noise, and all ends well."""
    chance = Random(0)
    facts = {"classes": [str(label) for label in range(CLASSES)], "n_train": steps_per_epoch * BATCH, "n_val": 10_000}
    yield Attempt(t=T0, run="long", epochs=epochs, steps_per_epoch=steps_per_epoch, facts=facts)
    yield State(t=T0, state="running")
    start: Metrics = {"train_loss": math.log(CLASSES), "val_loss": math.log(CLASSES), "val_acc": 0.1}
    yield Epoch(t=T0, epoch=0, step=0, metrics=start)
    for step in range(steps):
        loss = 0.2 + 2.1 * math.exp(-12 * step / steps)
        metrics: Metrics = {
            "train_loss": _single(loss * chance.lognormvariate(0, 0.1)),
            "lr": 1e-3,
            "grad_norm": _single(0.5 + loss * chance.lognormvariate(0, 0.3)),
        }
        if step % FETCH_STEPS == FETCH_STEPS - 1:
            metrics["images_per_s"] = BATCH / STEP_SECONDS * chance.uniform(0.97, 1.03)
        t = T0 + STEP_SECONDS * step + chance.random() * STEP_SECONDS
        yield Step(t=t, step=step, epoch=step // steps_per_epoch + 1, metrics=metrics)
        if (step + 1) % steps_per_epoch == 0 or step == steps - 1:
            yield from _epoch_end(t, step // steps_per_epoch + 1, step + 1, loss, chance)
    yield End(t=T0 + STEP_SECONDS * steps, state="finished", reason="all epochs done", epoch=epochs, step=steps)


def _epoch_end(t: float, epoch: int, step: int, loss: float, chance: Random) -> Iterator[AnyEvent]:
    val_loss = 1.03 * loss + 0.02 * chance.random()
    yield Epoch(
        t=t,
        epoch=epoch,
        step=step,
        metrics={
            "train_loss": loss,
            "train_acc": math.exp(-loss / 2),
            "val_loss": val_loss,
            "val_acc": math.exp(-val_loss / 2),
            "lr": 1e-3,
            "grad_norm": 0.5 + loss,
            "grad_norm_max": 1.5 + 2 * loss,
        },
    )
    yield Checkpoint(t=t, kind="last", path="checkpoints/last.pt", epoch=epoch, step=step)


def _single(value: float) -> float:
    """As a 32-bit float comes out of the device."""
    return float(struct.unpack("f", struct.pack("f", value))[0])
