"""Repeating a run with other seeds: which, under what names, on which devices, and in what order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from training.config import files
from training.config.patch import replaced
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.figures import duration
from training.runs import checkpoints, store
from training.runs.ask import Progress
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.past_times import past_times
from training.runs.plan import LaunchPlan, another_device, plan
from training.runs.seeds import SEED_IN_NAME, seed_key
from training.runs.store import NAME_LENGTH
from training.runs.submit import target_of
from training.text import one_line

MOST = 50
"""Runs at a time."""
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Repeat:
    """What repeating a run comes to; `lanes` are the devices, each of which trains its runs one after another."""

    source: RunView
    config: TrainingConfig
    text: str
    """Of the source's config.yaml, with its comments."""
    seeds: tuple[int, ...]
    lanes: tuple[LaunchPlan, ...]
    seconds: float | None
    """That all of them may take, from their start on; None where no past run tells."""

    @property
    def names(self) -> tuple[str, ...]:
        """One a seed."""
        return tuple(name_with(self.source.summary.name or self.source.folder.id, seed) for seed in self.seeds)

    @property
    def waits(self) -> bool:
        """Whether the first of them begins when the source has ended."""
        return self.lanes[0].shares_device

    @property
    def confirm(self) -> list[str]:
        """What wants a yes first."""
        return self.lanes[0].confirm

    @property
    def notes(self) -> list[str]:
        """What there is to know before, a line each."""
        return [self._seeds(), *self._order(), *self._time(), self._split(), self.lanes[0].survival.sentence]

    def _seeds(self) -> str:
        shown = ", ".join(str(seed) for seed in self.seeds[:6])
        more = f" and {len(self.seeds) - 6} more" if len(self.seeds) > 6 else ""
        return f"Seed{'s' if len(self.seeds) > 1 else ''} {shown}{more}; otherwise the config as it is."

    def _split(self) -> str:
        if self.config.data.subset < 100:
            return "data.subset is below 100: each seed draws images of its own, and their spread holds that too."
        return "All on the same split: what differs is the chance in training alone."

    def _order(self) -> list[str]:
        lane = self.lanes[0]
        if lane.target is not None:
            return [f"Slurm: {lane.target.sentence}, for each of them."]
        if len(self.lanes) > 1:
            return [f"On {len(self.lanes)} devices that are free, on each one after another."]
        device = f"{lane.device.name} ({lane.device.reason})"
        if self.waits:
            return [f"One after another once {one_line(self.source.summary.name)} has ended, on {device}."]
        return [f"One after another on {device}." if len(self.seeds) > 1 else f"On {device}."]

    def _time(self) -> list[str]:
        return [f"By past runs about {duration(self.seconds)} in all."] if self.seconds else []


def plan_repeat(source: RunView, count: int, *, progress: Progress | None = None) -> Repeat:
    """Plan so many repeats of a run, live or over. Looks at devices and data, so it is for a thread.

    Raises InvalidInput for a run that cannot be repeated, and ConfigError for what stops any launch of its config.
    """
    if not 1 <= count <= MOST:
        raise InvalidInput(f"{count} is no number of repeats from 1 to {MOST}.")
    name = one_line(source.summary.name)
    if not source.controllable:
        raise InvalidInput(f"{name} is not trained by traindeck, so it cannot be repeated here.")
    loaded = files.read(source.folder.config)
    if loaded.config is None:
        raise ConfigError(loaded.problems)
    config = loaded.config
    if config.data.subset == 100 and not source.folder.split.exists():
        remedy = "Try again once it trains." if source.live else "Launch its config anew."
        raise InvalidInput(f"{name} has no split yet that its repeats could be trained on.", remedy)
    _check_weights(source)
    target = target_of(source.folder)
    planned = plan(config, source.folder.path, source if source.live else None, progress=progress, target=target)
    if planned.problems:
        raise ConfigError(planned.problems)
    lanes = _lanes(config, planned, count)
    seconds = _seconds(source, config, planned)
    turns = -(-count // len(lanes))
    in_all = None if seconds is None or planned.target is not None else turns * seconds
    return Repeat(source, config, loaded.text, next_seeds(source, config, count), lanes, in_all)


def launch_repeat(repeat: Repeat) -> Iterator[RunFolder]:
    """Launch one after another; what was launched before a failure stays. Raises TraindeckError."""
    source = repeat.source
    summary = source.summary
    ends: dict[int, RunFolder | None] = {0: source.folder if repeat.waits else None}
    for number, (seed, name) in enumerate(zip(repeat.seeds, repeat.names, strict=True)):
        lane = number % len(repeat.lanes)
        planned, after = repeat.lanes[lane], ends.get(lane)
        if after is not None:  # the device is the one that is being waited for
            planned = replace(planned, shares_device=True)
        config = replaced(repeat.config, "runtime.seed", seed)
        folder = launch(
            files.edit(repeat.text, config),
            config,
            planned,
            runs_dir=source.folder.path.parent,
            base_dir=source.folder.path,
            name=name,
            parent=RunFolder(source.folder.path.parent / summary.parent) if summary.parent else None,
            split_of=source.folder,
            reason=summary.reason,
            start_from="scratch" if summary.start_from == "fork" else summary.start_from,
            after=after,
        )
        ends[lane] = folder if planned.target is None else None  # Slurm's queue sees to the order
        yield folder


def next_seeds(source: RunView, config: TrainingConfig, count: int) -> tuple[int, ...]:
    """The seeds that follow the run's own and that no run of its folder with the same config has."""
    known = {config.runtime.seed, *_seeds_like(source)}
    found: list[int] = []
    seed = config.runtime.seed
    while len(found) < count:
        seed = 0 if seed >= _LARGEST_SEED else seed + 1
        if seed not in known:
            found.append(seed)
    return tuple(found)


def _seeds_like(source: RunView) -> set[int]:
    key = seed_key(source)
    alike = [run for run in store.list_runs(source.folder.path.parent) if key and seed_key(run) == key]
    configs = [files.read(run.folder.config).config for run in alike]
    return {config.runtime.seed for config in configs if config is not None}


def name_with(name: str, seed: int) -> str:
    """Such as `digits-seed-7`; a seed that the name ends in already gives way, and a long name is cut."""
    suffix = f"-seed-{seed}"
    return SEED_IN_NAME.sub("", name)[: NAME_LENGTH - len(suffix)] + suffix


def _check_weights(source: RunView) -> None:
    """Raises InvalidInput where the run began with weights that are gone."""
    summary = source.summary
    if summary.start_from == "scratch":
        return
    if summary.start_from == "fork":
        name = one_line(summary.name)
        raise InvalidInput(f"{name} began in the middle of {one_line(summary.parent)}.", "Fork that one again.")
    path = checkpoints.path_of(RunFolder(source.folder.path.parent / summary.parent), summary.start_from)
    if not path.exists():
        name = one_line(summary.name)
        raise InvalidInput(f"{name} began with the weights of {path}, which are gone.", "Launch its config anew.")


def _lanes(config: TrainingConfig, planned: LaunchPlan, count: int) -> tuple[LaunchPlan, ...]:
    """The plan, and the same on each further free device that there is work for."""
    lanes = [planned]
    if planned.target is not None or planned.confirm or not planned.device.uuids:
        return tuple(lanes)
    taken = {*planned.device.uuids}
    while len(lanes) < count and (further := another_device(config, taken)) is not None:
        taken |= {*further.uuids}
        lanes.append(replace(planned, device=further, shares_device=False))
    return tuple(lanes)


def _seconds(source: RunView, config: TrainingConfig, planned: LaunchPlan) -> float | None:
    """Of one repeat to its last epoch."""
    device = planned.device
    epoch = past_times(config, source.folder.path, device.name, device.processes).epoch_seconds(None)
    if epoch is None and source.summary.epoch and source.summary.device == device.name:
        epoch = source.summary.training_seconds / source.summary.epoch
    return epoch * config.epochs if epoch else None
