"""The `model` section of a config: what is trained (guide, section 8)."""

from __future__ import annotations

from typing import Annotated, Literal

from training.config.key import Section, key

Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh"]
Pooling = Literal["max", "avg", "none"]
ModelKind = Literal["custom_cnn", "transfer", "vit"]


class Block(Section, frozen=True):
    """One convolution block: convolution, batch norm, activation, pooling, dropout."""

    filters: Annotated[
        int,
        key("Filters", "Output channels; grow them 32, 64, 128, 256.", guide="8", ge=1, le=4096, steps="powers of two"),
    ]
    kernel_size: Annotated[int, key("Kernel", "Side of the square kernel.", guide="8", unit="px", ge=1, le=31)] = 3
    activation: Annotated[Activation, key("Activation", "Non-linearity after the convolution.", guide="8")] = "relu"
    pooling: Annotated[Pooling, key("Pooling", "2×2 pooling that halves the image, or none.", guide="8")] = "max"
    batch_norm: Annotated[bool, key("Batch norm", "Normalise activations over the batch.", guide="8")] = True
    dropout: Annotated[
        float,
        key("Dropout", "Share of channels dropped in training; 0.25 to 0.3 is usual here.", guide="5", ge=0, lt=1),
    ] = 0.0


class DenseLayer(Section, frozen=True):
    """One fully connected layer before the classifier: linear, activation, dropout."""

    units: Annotated[int, key("Units", "Width of the layer.", guide="8", ge=1, le=65536, steps="powers of two")]
    dropout: Annotated[
        float, key("Dropout", "Share of units dropped in training; 0.5 to 0.7 is usual here.", guide="5", ge=0, lt=1)
    ] = 0.0


_CNN = ("model.kind", "custom_cnn")
_TRANSFER = ("model.kind", "transfer")
_VIT = ("model.kind", "vit")


class Model(Section, frozen=True):
    """What is trained (guide, section 8)."""

    kind: Annotated[
        ModelKind,
        key(
            "Model",
            "A CNN described here, a pretrained backbone, or a small vision transformer.",
            guide="8",
        ),
    ] = "custom_cnn"
    blocks: Annotated[
        tuple[Block, ...], key("Blocks", "Convolution blocks, first to last.", guide="8", when=_CNN, min_length=1)
    ] = (
        Block(filters=32, dropout=0.25),
        Block(filters=64, dropout=0.25),
    )
    dense_layers: Annotated[
        tuple[DenseLayer, ...],
        key("Dense layers", "Fully connected layers between the blocks and the classifier.", guide="8", when=_CNN),
    ] = (DenseLayer(units=128, dropout=0.5),)
    backbone: Annotated[
        str,
        key(
            "Backbone",
            "torchvision's name of the network, such as resnet18 or vit_b_16; timm/NAME for one of timm's.",
            guide="8",
            suggest=(
                "resnet18",
                "resnet50",
                "resnet101",
                "efficientnet_b0",
                "efficientnet_b3",
                "convnext_tiny",
                "mobilenet_v3_large",
                "vit_b_16",
            ),
            when=_TRANSFER,
            min_length=1,
        ),
    ] = "resnet18"
    mode: Annotated[
        Literal["frozen", "partial", "full"],
        key("Mode", "Train the head only, the last stages too, or everything.", guide="8", when=_TRANSFER),
    ] = "frozen"
    unfrozen_stages: Annotated[
        int,
        key(
            "Unfrozen stages",
            "How many of the last stages are trained in partial mode.",
            guide="8",
            when=("model.mode", "partial"),
            ge=1,
        ),
    ] = 1
    weights: Annotated[
        str,
        key(
            "Weights",
            "`default` (ImageNet), `none` (from scratch), or the path of a weights file.",
            guide="8",
            suggest=("default", "none"),
            when=_TRANSFER,
            min_length=1,
        ),
    ] = "default"
    backbone_lr: Annotated[
        float,
        key(
            "Backbone LR",
            "What the learning rate is multiplied by for the backbone's own weights; 1 for the same.",
            guide="3",
            when=("model.mode", "partial", "full"),
            steps="1-2-5",
            gt=0,
            le=1,
        ),
    ] = 1.0
    patch_size: Annotated[int, key("Patch size", "Side of a square patch.", guide="8", unit="px", when=_VIT, ge=1)] = 4
    depth: Annotated[int, key("Depth", "Transformer blocks.", guide="8", when=_VIT, ge=1)] = 6
    heads: Annotated[int, key("Heads", "Attention heads a block.", guide="8", when=_VIT, ge=1)] = 4
    width: Annotated[int, key("Width", "Embedding width; a multiple of the heads.", guide="8", when=_VIT, ge=1)] = 128
    dropout: Annotated[
        float, key("Dropout", "Dropout inside the transformer; 0.1 to 0.2 is usual.", guide="5", when=_VIT, ge=0, lt=1)
    ] = 0.1
