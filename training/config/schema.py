"""The training config as types; bounds, unit, help and guide section of a key live here and nowhere else.

The flat keys are the guide's interchange format (guide, section 1); the sections are ours. Each key's `Meta.extra` may hold

    guide     section of the hyperparameter guide
    unit      unit shown beside the value
    when      (key, value, ...): the key only counts while that other key has one of these values
    steps     how arrow keys step through a number: "1-2-5", "powers of two"
    honoured  the values that the engine acts on today; launching with another one is refused by name
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Optimizer = Literal["Adam", "AdamW", "SGD with Momentum", "RMSprop"]
Strategy = Literal["Constant", "ReduceLROnPlateau", "Cosine Annealing", "Step Decay", "Exponential Decay"]
ClassWeights = Literal["None", "Auto Class Weights", "Focal Loss"]
Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh"]
Pooling = Literal["max", "avg", "none"]
ModelKind = Literal["custom_cnn", "transfer", "vit"]
Source = Literal["digits", "folder", "manifest", "byteplot"]

# AdamW's own decay where the config names none (guide, section 2).
ADAMW_DEFAULT_DECAY = 0.01


def _key(title: str, description: str, *, unit: str = "", when: tuple[Any, ...] = (), steps: str = "",
         guide: str = "", honoured: tuple[Any, ...] = (), **bounds: Any) -> Meta:  # fmt: skip
    extra = {"unit": unit, "when": when, "steps": steps, "guide": guide, "honoured": honoured}
    return Meta(title=title, description=description, extra={k: v for k, v in extra.items() if v}, **bounds)


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every part of a config."""


class Block(Section, frozen=True):
    """One convolution block: convolution, batch norm, activation, pooling, dropout."""

    filters: Annotated[
        int,
        _key(
            "Filters", "Output channels; grow them 32, 64, 128, 256.", guide="8", ge=1, le=4096, steps="powers of two"
        ),
    ]
    kernel_size: Annotated[int, _key("Kernel", "Side of the square kernel.", guide="8", unit="px", ge=1, le=31)] = 3
    activation: Annotated[Activation, _key("Activation", "Non-linearity after the convolution.", guide="8")] = "relu"
    pooling: Annotated[Pooling, _key("Pooling", "2×2 pooling that halves the image, or none.", guide="8")] = "max"
    batch_norm: Annotated[bool, _key("Batch norm", "Normalise activations over the batch.", guide="8")] = True
    dropout: Annotated[
        float,
        _key("Dropout", "Share of channels dropped in training; 0.25 to 0.3 is usual here.", guide="5", ge=0, lt=1),
    ] = 0.0


class DenseLayer(Section, frozen=True):
    """One fully connected layer before the classifier: linear, activation, dropout."""

    units: Annotated[int, _key("Units", "Width of the layer.", guide="8", ge=1, le=65536, steps="powers of two")]
    dropout: Annotated[
        float, _key("Dropout", "Share of units dropped in training; 0.5 to 0.7 is usual here.", guide="5", ge=0, lt=1)
    ] = 0.0


_CNN = ("model.kind", "custom_cnn")
_TRANSFER = ("model.kind", "transfer")
_VIT = ("model.kind", "vit")


class Model(Section, frozen=True):
    """What is trained (guide, section 8)."""

    kind: Annotated[
        ModelKind,
        _key(
            "Model",
            "A CNN described here, a pretrained backbone, or a small vision transformer.",
            guide="8",
            honoured=("custom_cnn",),
        ),
    ] = "custom_cnn"
    blocks: Annotated[
        tuple[Block, ...], _key("Blocks", "Convolution blocks, first to last.", guide="8", when=_CNN, min_length=1)
    ] = (
        Block(filters=32, dropout=0.25),
        Block(filters=64, dropout=0.25),
    )
    dense_layers: Annotated[
        tuple[DenseLayer, ...],
        _key("Dense layers", "Fully connected layers between the blocks and the classifier.", guide="8", when=_CNN),
    ] = (DenseLayer(units=128, dropout=0.5),)
    backbone: Annotated[
        str, _key("Backbone", "torchvision's name of the pretrained network.", guide="8", when=_TRANSFER, min_length=1)
    ] = "resnet18"
    mode: Annotated[
        Literal["frozen", "partial", "full"],
        _key("Mode", "Train the head only, the last stages too, or everything.", guide="8", when=_TRANSFER),
    ] = "frozen"
    unfrozen_stages: Annotated[
        int,
        _key(
            "Unfrozen stages",
            "How many of the last stages are trained in partial mode.",
            guide="8",
            when=("model.mode", "partial"),
            ge=1,
        ),
    ] = 1
    weights: Annotated[
        str,
        _key("Weights", "`default`, `none`, or the path of a weights file.", guide="8", when=_TRANSFER, min_length=1),
    ] = "default"
    patch_size: Annotated[int, _key("Patch size", "Side of a square patch.", guide="8", unit="px", when=_VIT, ge=1)] = 4
    depth: Annotated[int, _key("Depth", "Transformer blocks.", guide="8", when=_VIT, ge=1)] = 6
    heads: Annotated[int, _key("Heads", "Attention heads a block.", guide="8", when=_VIT, ge=1)] = 4
    width: Annotated[int, _key("Width", "Embedding width; a multiple of the heads.", guide="8", when=_VIT, ge=1)] = 128
    dropout: Annotated[
        float, _key("Dropout", "Dropout inside the transformer; 0.1 to 0.2 is usual.", guide="5", when=_VIT, ge=0, lt=1)
    ] = 0.1


_FOLDER = ("data.source", "folder")


class Data(Section, frozen=True):
    """What it is trained on."""

    source: Annotated[
        Source,
        _key(
            "Source",
            "The handwritten digits that ship with traindeck, or a folder with one subfolder a class.",
            honoured=("digits", "folder"),
        ),
    ] = "digits"
    path: Annotated[
        str | None,
        _key(
            "Path",
            "Folder of the images, relative to the config file.",
            when=("data.source", "folder", "manifest", "byteplot"),
        ),
    ] = None
    image_size: Annotated[
        Annotated[int, Meta(ge=4, le=2048)] | Literal["auto"],
        _key(
            "Image size",
            "Side to which images are resized; auto: 8 for the digits, 64 for folders.",
            unit="px",
            steps="powers of two",
        ),
    ] = "auto"
    color: Annotated[
        Literal["auto", "grey", "rgb"], _key("Colour", "Channels of the input; auto: grey when every image is grey.")
    ] = "auto"
    val_fraction: Annotated[
        float, _key("Validation share", "Share of each class that is held out for validation.", gt=0, lt=1)
    ] = 0.2
    test_fraction: Annotated[
        float,
        _key("Test share", "Share of each class that is held out for the final test.", ge=0, lt=1, honoured=(0.0,)),
    ] = 0.0
    subset: Annotated[
        float, _key("Subset", "Percent of the data to use.", unit="%", gt=0, le=100, honoured=(100.0,))
    ] = 100.0
    classes: Annotated[
        tuple[str, ...] | None, _key("Classes", "Only these classes; null for all.", honoured=(None,))
    ] = None
    groups: Annotated[
        str | None,
        _key("Groups", "Column or path pattern whose matches stay on one side of the split.", honoured=(None,)),
    ] = None
    augmentation: Annotated[
        Literal["none", "light", "medium", "strong"],
        _key("Augmentation", "Random changes of the training images.", guide="11", honoured=("none",)),
    ] = "none"
    sampler: Annotated[
        Literal["shuffle", "balanced"],
        _key(
            "Sampler",
            "Order of the training images; balanced draws classes equally often.",
            guide="6",
            honoured=("shuffle",),
        ),
    ] = "shuffle"
    normalise: Annotated[
        bool, _key("Normalise", "Subtract the training split's mean and divide by its standard deviation.", guide="11")
    ] = True
    cache: Annotated[
        Literal["auto", "ram", "disk", "off"], _key("Cache", "Where decoded images are kept.", honoured=("auto", "ram"))
    ] = "auto"
    cache_dir: Annotated[
        str | None, _key("Cache folder", "Folder of the disk cache; null for the default.", honoured=(None,))
    ] = None


class Optimization(Section, frozen=True):
    """How the loss is made and stepped on, beyond the guide's flat keys."""

    grad_clip: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        _key("Gradient clip", "Largest global gradient norm; null for no clipping.", guide="11", steps="1-2-5"),
    ] = None
    warmup_epochs: Annotated[
        int, _key("Warm-up", "Epochs over which the LR rises to its value.", unit="epochs", ge=0, honoured=(0,))
    ] = 0
    label_smoothing: Annotated[
        float,
        _key("Label smoothing", "Share of the target spread over the other classes.", ge=0, lt=1, honoured=(0.0,)),
    ] = 0.0
    accumulate: Annotated[
        int, _key("Accumulate", "Batches whose gradients are added before a step.", unit="batches", ge=1, honoured=(1,))
    ] = 1
    ema: Annotated[
        Annotated[float, Meta(gt=0, lt=1)] | None,
        _key("Weight average", "Decay of the moving average of the weights; null for none.", honoured=(None,)),
    ] = None
    focal_gamma: Annotated[
        float,
        _key(
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
        _key(
            "Device",
            "`auto`, `cpu`, `mps`, `cuda`, `cuda:N` or a GPU's UUID.",
            pattern=r"^(auto|cpu|mps|cuda(:\d+)?|GPU-[0-9A-Fa-f-]+)$",
        ),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"],
        _key("Precision", "Number format of the forward pass; auto is fp32 for now.", honoured=("auto", "fp32")),
    ] = "auto"
    seed: Annotated[
        int, _key("Seed", "Seed of the split, the weights, the order and the dropout.", ge=0, le=2**63 - 1)
    ] = 0
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | Literal["auto"],
        _key("Threads", "CPU threads of torch; auto: the cores this process may use."),
    ] = "auto"
    processes: Annotated[
        Annotated[int, Meta(ge=1, le=4096)] | Literal["auto"], _key("Processes", "Training processes.", honoured=(1,))
    ] = 1
    checkpoint_every: Annotated[
        str,
        _key(
            "Checkpoint every",
            "`epoch`, `N steps` or `N min`.",
            pattern=r"^(epoch|[1-9]\d* (steps|min))$",
            honoured=("epoch",),
        ),
    ] = "epoch"


class Advice(Section, frozen=True):
    """Which hints the user has read and does not want to see again for this config."""

    silenced: Annotated[
        tuple[str, ...], _key("Silenced hints", "Rule ids of hints that this config does not show.")
    ] = ()


class TrainingConfig(Section, frozen=True):
    """A whole training config; every key has the guide's default."""

    optimizer: Annotated[Optimizer, _key("Optimizer", "How gradients become steps.", guide="2")] = "Adam"
    learning_rate: Annotated[
        float, _key("Learning rate", "Initial step size of the optimizer.", guide="3", steps="1-2-5", gt=0)
    ] = 0.001
    l2_decay: Annotated[bool, _key("Weight decay", "Pull the weights towards zero (L2).", guide="5")] = False
    l2_lambda: Annotated[
        float,
        _key(
            "Decay strength", "Strength of the weight decay.", guide="5", when=("l2_decay", True), steps="1-2-5", ge=0
        ),
    ] = 0.0001
    lr_strategy: Annotated[
        Strategy, _key("LR schedule", "How the learning rate changes over the epochs.", guide="4")
    ] = "Constant"
    class_weights: Annotated[
        ClassWeights,
        _key(
            "Loss",
            "None: cross-entropy; Auto: weighted by inverse class frequency; Focal: those weights, focused on hard examples.",
            guide="6",
        ),
    ] = "None"
    epochs: Annotated[
        int, _key("Epochs", "Passes over the training data.", guide="7", unit="epochs", ge=1, le=1_000_000)
    ] = 100
    batch_size: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | Literal["auto"],
        _key("Batch size", "Images a step.", guide="7", unit="images", steps="powers of two", honoured=("int",)),
    ] = 32
    early_stopping: Annotated[
        bool, _key("Early stopping", "Stop when the validation loss no longer improves.", guide="5")
    ] = False
    es_patience: Annotated[
        int,
        _key(
            "Patience",
            "Epochs without a better validation loss before stopping.",
            guide="5",
            unit="epochs",
            when=("early_stopping", True),
            ge=1,
        ),
    ] = 10
    model: Annotated[Model, _key("Model", "What is trained.", guide="8")] = Model()
    data: Annotated[Data, _key("Data", "What it is trained on.")] = Data()
    optimization: Annotated[Optimization, _key("Optimization", "Details of the update.")] = Optimization()
    runtime: Annotated[Runtime, _key("Runtime", "Where and how it runs.")] = Runtime()
    advice: Annotated[Advice, _key("Advice", "Hints that are switched off.")] = Advice()

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
