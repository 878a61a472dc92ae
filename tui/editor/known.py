"""What the editor knows of the data, the model, the device and past runs; the panes show it, the hints use it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from training.config.problems import Problem, problem_of
from training.config.schema import TrainingConfig
from training.dataset import preview
from training.dataset.preview import Preview
from training.errors import InvalidInput, TraindeckError
from training.guide.hint import Facts
from training.runs.backbone import whole_path
from training.runs.estimates import Estimate
from training.runs.estimates import Question as ModelQuestion
from training.runs.estimates import question as model_question
from training.runs.past_times import PastTimes

FEW_CLASSES = 2
"""What a model is counted with where the data cannot be listed."""


@dataclass(frozen=True)
class DataQuestion:
    """All that decides what is listed; the shares of the sides are not among it."""

    source: str
    path: str
    classes: tuple[str, ...] | None
    groups: str | None
    subset: float
    test: bool
    """Whether a test is split off, for which every class needs an image more."""
    seed: int


def data_question(config: TrainingConfig, base_dir: Path) -> DataQuestion | None:
    """What to ask of this config's data; None where they have no path yet."""
    data = config.data
    seed = config.runtime.seed if data.subset < 100 else 0
    if data.source == "digits":
        return DataQuestion("digits", "", None, None, data.subset, False, seed)
    if not data.path:
        return None
    try:
        path = str(whole_path(data.path, base_dir))
    except InvalidInput:
        path = data.path
    return DataQuestion(data.source, path, data.classes, data.groups, data.subset, data.test_fraction > 0, seed)


@dataclass(frozen=True)
class DataKnowledge:
    """An answer, or how far it is; `about` is None where there is nothing to ask."""

    about: DataQuestion | None = None
    preview: Preview | None = None
    error: TraindeckError | None = None
    feared: TraindeckError | None = None
    """The error of an earlier look, which stands until this one tells something."""
    done: int = 0
    total: int = 0
    """Images whose headers have been read, and are to be; 0 before that."""
    complete: bool = False

    @property
    def settled(self) -> bool:
        """Whether no more will be known."""
        return self.about is None or self.complete or self.error is not None

    @property
    def listed(self) -> bool:
        """Whether it is known if there is something to train on."""
        return self.settled or self.preview is not None

    @property
    def problem(self) -> Problem | None:
        """Why nothing can be trained on these data."""
        error = self.error or self.feared
        return problem_of(error, "data.path") if error is not None else None


@dataclass(frozen=True)
class Device:
    """What a launch would train on now."""

    name: str = ""
    """Empty where it is not known here."""
    why: str = ""
    """Why it is that one, or why none."""
    processes: int = 1
    memory: int | None = None
    """Bytes that each process can have."""


@dataclass(frozen=True)
class CostQuestion:
    """All that decides what training costs, but for what is computed while drawing."""

    model: ModelQuestion
    device: str
    processes: int | str
    alike: str
    """Of the past runs that tell the time."""
    step: int | None
    """Images a step, of which past runs are preferred that made the same."""


@dataclass(frozen=True)
class CostKnowledge:
    """An answer as far as it is known."""

    about: CostQuestion | None = None
    device: Device | None = None
    device_for: tuple[str, int | str] | None = None
    """The wish that `device` answers."""
    past: PastTimes | None = None
    estimate: Estimate | None = None
    error: TraindeckError | None = None
    """Why the model cannot be built."""
    asking: bool = False
    """Whether a child is building the model."""


@dataclass
class Known:
    """The whole of it. The gatherer replaces the parts; everybody else reads."""

    data: DataKnowledge = field(default_factory=DataKnowledge)
    cost: CostKnowledge = field(default_factory=CostKnowledge)
    estimates: dict[ModelQuestion, Estimate] = field(default_factory=dict)
    """All that was answered in this session, so that going back to a model knows it at once."""

    def estimate(self, config: TrainingConfig) -> Estimate | None:
        """Of this config's model, if it is known."""
        return self.estimates.get(self.model_question(config))

    def model_question(self, config: TrainingConfig) -> ModelQuestion:
        return model_question(config, *self.shape(config))

    def shape(self, config: TrainingConfig) -> tuple[int, int]:
        """Number of classes, and channels of the images, as far as they are known."""
        data, found = config.data, self.data.preview
        classes = len(found.classes) if found else len(data.classes or ()) or FEW_CLASSES
        if data.source in ("digits", "byteplot") or data.color == "grey":
            return classes, 3 if data.color == "rgb" else 1
        return classes, 1 if data.color == "auto" and found and found.grey else 3

    def facts(self, config: TrainingConfig) -> Facts:
        """What the guide's hints can know of this config."""
        found = preview.facts(self.data.preview, config.data) if self.data.preview else Facts()
        device = self.cost.device
        if device is not None:
            found = replace(found, device=device.name, device_bytes=device.memory)
        estimate = self.estimate(config)
        if estimate is not None:
            found = replace(found, fixed_bytes=estimate.fixed(config), bytes_per_image=estimate.per_image)
        return found
