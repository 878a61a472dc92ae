"""The training config as types (how a key is described: training/config/key.py).

The flat keys are the guide's interchange format (guide, section 1); the sections are ours.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from training.config.key import Section, key
from training.config.model import Model

Optimizer = Literal["Adam", "AdamW", "SGD with Momentum", "RMSprop"]
Strategy = Literal["Constant", "ReduceLROnPlateau", "Cosine Annealing", "Step Decay", "Exponential Decay"]
ClassWeights = Literal["None", "Auto Class Weights", "Focal Loss"]
Source = Literal["digits", "folder", "manifest", "byteplot"]

# AdamW's own decay where the config names none (guide, section 2).
ADAMW_DEFAULT_DECAY = 0.01

_FOLDER = ("data.source", "folder")


class Data(Section, frozen=True):
    """What it is trained on."""

    source: Annotated[
        Source,
        key(
            "Source",
            "The handwritten digits that ship with traindeck, or a folder with one subfolder a class.",
            honoured=("digits", "folder"),
        ),
    ] = "digits"
    path: Annotated[
        str | None,
        key(
            "Path",
            "Folder of the images, relative to the config file.",
            when=("data.source", "folder", "manifest", "byteplot"),
        ),
    ] = None
    image_size: Annotated[
        Annotated[int, Meta(ge=4, le=2048)] | Literal["auto"],
        key(
            "Image size",
            "Side to which images are resized; auto: 8 for the digits, 64 for folders.",
            unit="px",
            steps="powers of two",
        ),
    ] = "auto"
    color: Annotated[
        Literal["auto", "grey", "rgb"], key("Colour", "Channels of the input; auto: grey when every image is grey.")
    ] = "auto"
    val_fraction: Annotated[
        float, key("Validation share", "Share of each class that is held out for validation.", gt=0, lt=1)
    ] = 0.2
    test_fraction: Annotated[
        float,
        key("Test share", "Share of each class that is held out for the final test.", ge=0, lt=1, honoured=(0.0,)),
    ] = 0.0
    subset: Annotated[
        float, key("Subset", "Percent of the data to use.", unit="%", gt=0, le=100, honoured=(100.0,))
    ] = 100.0
    classes: Annotated[
        tuple[str, ...] | None, key("Classes", "Only these classes; null for all.", honoured=(None,))
    ] = None
    groups: Annotated[
        str | None,
        key("Groups", "Column or path pattern whose matches stay on one side of the split.", honoured=(None,)),
    ] = None
    augmentation: Annotated[
        Literal["none", "light", "medium", "strong"],
        key("Augmentation", "Random changes of the training images.", guide="11", honoured=("none",)),
    ] = "none"
    sampler: Annotated[
        Literal["shuffle", "balanced"],
        key(
            "Sampler",
            "Order of the training images; balanced draws classes equally often.",
            guide="6",
            honoured=("shuffle",),
        ),
    ] = "shuffle"
    normalise: Annotated[
        bool, key("Normalise", "Subtract the training split's mean and divide by its standard deviation.", guide="11")
    ] = True
    cache: Annotated[
        Literal["auto", "ram", "disk", "off"], key("Cache", "Where decoded images are kept.", honoured=("auto", "ram"))
    ] = "auto"
    cache_dir: Annotated[
        str | None, key("Cache folder", "Folder of the disk cache; null for the default.", honoured=(None,))
    ] = None


class Optimization(Section, frozen=True):
    """How the loss is made and stepped on, beyond the guide's flat keys."""

    grad_clip: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        key("Gradient clip", "Largest global gradient norm; null for no clipping.", guide="11", steps="1-2-5"),
    ] = None
    warmup_epochs: Annotated[
        int, key("Warm-up", "Epochs over which the LR rises to its value.", unit="epochs", ge=0, honoured=(0,))
    ] = 0
    label_smoothing: Annotated[
        float,
        key("Label smoothing", "Share of the target spread over the other classes.", ge=0, lt=1, honoured=(0.0,)),
    ] = 0.0
    accumulate: Annotated[
        int, key("Accumulate", "Batches whose gradients are added before a step.", unit="batches", ge=1, honoured=(1,))
    ] = 1
    ema: Annotated[
        Annotated[float, Meta(gt=0, lt=1)] | None,
        key("Weight average", "Decay of the moving average of the weights; null for none.", honoured=(None,)),
    ] = None
    focal_gamma: Annotated[
        float,
        key(
            "Focal gamma",
            "Focus on hard examples; 0 is weighted cross-entropy.",
            guide="6",
            when=("class_weights", "Focal Loss"),
            ge=0,
            le=10,
        ),
    ] = 2.0


class Runtime(Section, frozen=True):
    """Where and how it runs; nothing here changes what is learned, but for the seed."""

    device: Annotated[
        str,
        key(
            "Device",
            "`auto`, `cpu`, `mps`, `cuda`, `cuda:N` or a GPU's UUID.",
            pattern=r"^(auto|cpu|mps|cuda(:\d+)?|GPU-[0-9A-Fa-f-]+)$",
        ),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"],
        key("Precision", "Number format of the forward pass; auto is fp32 for now.", honoured=("auto", "fp32")),
    ] = "auto"
    seed: Annotated[
        int, key("Seed", "Seed of the split, the weights, the order and the dropout.", ge=0, le=2**63 - 1)
    ] = 0
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | Literal["auto"],
        key("Threads", "CPU threads of torch; auto: the cores this process may use."),
    ] = "auto"
    processes: Annotated[
        Annotated[int, Meta(ge=1, le=4096)] | Literal["auto"], key("Processes", "Training processes.", honoured=(1,))
    ] = 1
    checkpoint_every: Annotated[
        str,
        key(
            "Checkpoint every",
            "`epoch`, `N steps` or `N min`.",
            pattern=r"^(epoch|[1-9]\d* (steps|min))$",
            honoured=("epoch",),
        ),
    ] = "epoch"


class Advice(Section, frozen=True):
    """Which hints the user has read and does not want to see again for this config."""

    silenced: Annotated[
        tuple[str, ...], key("Silenced hints", "Rule ids of hints that this config does not show.")
    ] = ()


class TrainingConfig(Section, frozen=True):
    """A whole training config; every key has the guide's default."""

    optimizer: Annotated[Optimizer, key("Optimizer", "How gradients become steps.", guide="2")] = "Adam"
    learning_rate: Annotated[
        float, key("Learning rate", "Initial step size of the optimizer.", guide="3", steps="1-2-5", gt=0)
    ] = 0.001
    l2_decay: Annotated[bool, key("Weight decay", "Pull the weights towards zero (L2).", guide="5")] = False
    l2_lambda: Annotated[
        float,
        key("Decay strength", "Strength of the weight decay.", guide="5", when=("l2_decay", True), steps="1-2-5", ge=0),
    ] = 0.0001
    lr_strategy: Annotated[
        Strategy, key("LR schedule", "How the learning rate changes over the epochs.", guide="4")
    ] = "Constant"
    class_weights: Annotated[
        ClassWeights,
        key(
            "Loss",
            "None: cross-entropy; Auto: weighted by inverse class frequency; Focal: those, and hard examples first.",
            guide="6",
        ),
    ] = "None"
    epochs: Annotated[
        int, key("Epochs", "Passes over the training data.", guide="7", unit="epochs", ge=1, le=1_000_000)
    ] = 100
    batch_size: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | Literal["auto"],
        key("Batch size", "Images a step.", guide="7", unit="images", steps="powers of two", honoured=("int",)),
    ] = 32
    early_stopping: Annotated[
        bool, key("Early stopping", "Stop when the validation loss no longer improves.", guide="5")
    ] = False
    es_patience: Annotated[
        int,
        key(
            "Patience",
            "Epochs without a better validation loss before stopping.",
            guide="5",
            unit="epochs",
            when=("early_stopping", True),
            ge=1,
        ),
    ] = 10
    model: Annotated[Model, key("Model", "What is trained.", guide="8")] = Model()
    data: Annotated[Data, key("Data", "What it is trained on.")] = Data()
    optimization: Annotated[Optimization, key("Optimization", "Details of the update.")] = Optimization()
    runtime: Annotated[Runtime, key("Runtime", "Where and how it runs.")] = Runtime()
    advice: Annotated[Advice, key("Advice", "Hints that are switched off.")] = Advice()

    @property
    def effective_decay(self) -> float:
        """The weight decay that the optimizer is given (guide, section 2): AdamW without one runs at 0.01."""
        decay = self.l2_lambda if self.l2_decay else 0.0
        if self.optimizer == "AdamW" and decay == 0.0:
            return ADAMW_DEFAULT_DECAY
        return decay

    @property
    def images_per_step(self) -> int:
        """The batch size as a number; `auto` counts as the guide's default until the engine has found one."""
        return self.batch_size if isinstance(self.batch_size, int) else 32
