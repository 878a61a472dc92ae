"""The training config as types (how a key is described: training/config/key.py).

The flat keys are the guide's interchange format (guide, section 1); the sections are ours.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from training.config.data import Data
from training.config.key import Section, key
from training.config.model import Model

Optimizer = Literal["Adam", "AdamW", "SGD with Momentum", "RMSprop"]
Strategy = Literal["Constant", "ReduceLROnPlateau", "Cosine Annealing", "Step Decay", "Exponential Decay"]
ClassWeights = Literal["None", "Auto Class Weights", "Focal Loss"]

# AdamW's own decay where the config names none (guide, section 2).
ADAMW_DEFAULT_DECAY = 0.01


class Optimization(Section, frozen=True):
    """How the loss is made and stepped on, beyond the guide's flat keys."""

    grad_clip: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        key("Gradient clip", "Largest global gradient norm; null for no clipping.", guide="11", steps="1-2-5"),
    ] = None
    warmup_epochs: Annotated[
        int, key("Warm-up", "Epochs over which the LR rises to its value, step by step.", unit="epochs", ge=0)
    ] = 0
    label_smoothing: Annotated[
        float,
        key("Label smoothing", "Share of the target spread over the other classes.", ge=0, lt=1),
    ] = 0.0
    accumulate: Annotated[
        int,
        key(
            "Accumulate",
            "Batches whose gradients are added before a step: a larger batch in the same memory.",
            unit="batches",
            ge=1,
            le=1024,
        ),
    ] = 1
    ema: Annotated[
        Annotated[float, Meta(gt=0, lt=1)] | None,
        key(
            "Weight average",
            "Decay of the moving average of the weights, which is what is then validated and kept; null for none, "
            "0.999 is usual.",
            steps="nines",
        ),
    ] = None
    monitor: Annotated[
        Literal["val_loss", "val_acc", "macro_f1"],
        key("Best by", "The metric that decides which epoch's checkpoint is the best.", guide="5"),
    ] = "val_loss"
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
            suggest=("auto", "cpu", "cuda", "cuda:0", "cuda:1", "mps"),
            pattern=r"^(auto|cpu|mps|cuda(:\d+)?|GPU-[0-9A-Fa-f-]+)$",
        ),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"],
        key(
            "Precision",
            "Number format of the forward pass; auto: bf16 on GPUs that have it, fp16 on older ones, else fp32.",
        ),
    ] = "auto"
    compile: Annotated[
        bool, key("Compile", "Compile the model with torch.compile: a slow start, then faster steps.")
    ] = False
    memory_format: Annotated[
        Literal["auto", "contiguous", "channels_last"],
        key("Memory format", "Order of an image's values in memory; auto: channels_last on GPUs with half precision."),
    ] = "auto"
    seed: Annotated[
        int, key("Seed", "Seed of the split, the weights, the order and the dropout.", ge=0, le=2**63 - 1)
    ] = 0
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | Literal["auto"],
        key("Threads", "CPU threads of torch; auto: the cores this process may use."),
    ] = "auto"
    processes: Annotated[
        Annotated[int, Meta(ge=1, le=4096)] | Literal["auto"],
        key("Processes", "Training processes on each machine; auto: one for each GPU that is free, one on the CPU."),
    ] = 1
    checkpoint_every: Annotated[
        str,
        key(
            "Checkpoint every",
            "`epoch`, `N steps` or `N min`; a stop writes one too, and an epoch that is the best so far.",
            suggest=("epoch", "10 min", "1000 steps"),
            pattern=r"^(epoch|[1-9]\d* (steps|min))$",
        ),
    ] = "epoch"
    checkpoint_keep: Annotated[
        int,
        key("Checkpoints kept", "Older ones that stay beside the best and the last.", ge=1, le=1000),
    ] = 1


class Advice(Section, frozen=True):
    """Which hints and findings the user knows of and does not want to see for this config."""

    silenced: Annotated[
        tuple[str, ...],
        key("Silenced advice", "Ids of hints, and labels of findings (such as val_noisy), that are not to be shown."),
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
        key(
            "Batch size",
            "Images a batch; auto: the largest power of two up to 128 that fits into memory.",
            guide="7",
            unit="images",
            steps="powers of two",
        ),
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
    def images_per_batch(self) -> int:
        """The batch size as a number; `auto` counts as the guide's default until the engine has found one."""
        return self.batch_size if isinstance(self.batch_size, int) else 32

    @property
    def images_per_step(self) -> int:
        """Images that one update of the weights sees: the batch size times the batches that are accumulated."""
        return self.images_per_batch * self.optimization.accumulate
