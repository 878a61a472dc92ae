"""A small vision transformer from scratch (Dosovitskiy et al. 2021), in the plain form of Beyer et al. 2022.

The classifier reads the mean over the patches: a class token is one position more and no better at this size. Blocks
normalise before attention and MLP; positions are learned.

Linear layers start by Glorot's rule, as in the authors' own code, and positions as large as what the patches hold. The
usual truncated normal of 0.02 suits a width of 768: on the digits (patch 2, depth 4, width 64, AdamW at 3e-4) it had
87 % of the validation images right after 8 epochs and 95 % after 20, against 94 % after 8.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.config.model import Model
from training.engine.models.size import Shape
from training.errors import InvalidInput

MLP_RATIO = 4
POSITION_STD = 0.5


class Attention(nn.Module):
    """Self-attention among the patches of an image: [N, L, width] in and out."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        images, patches, width = x.shape
        query, key, value = self.qkv(x).view(images, patches, 3, self.heads, width // self.heads).unbind(2)
        attended = functional.scaled_dot_product_attention(
            query.transpose(1, 2),
            key.transpose(1, 2),
            value.transpose(1, 2),
            dropout_p=self.dropout if self.training else 0.0,
        )
        mixed: Tensor = self.out(attended.transpose(1, 2).reshape(images, patches, width))
        return mixed


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)): [N, L, width] in and out."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.attention_dropout = nn.Dropout(dropout)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, MLP_RATIO * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(MLP_RATIO * width, width),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention_dropout(self.attention(self.attention_norm(x)))
        mixed: Tensor = x + self.mlp(self.mlp_norm(x))
        return mixed


class VisionTransformer(nn.Module):
    """[N, C, H, W] in, logits [N, classes] out."""

    def __init__(self, model: Model, shape: Shape, classes: int) -> None:
        super().__init__()
        channels, height, width = shape
        patch = model.patch_size
        self.patches = nn.Conv2d(channels, model.width, patch, stride=patch)
        self.positions = nn.Parameter(torch.empty(1, (height // patch) * (width // patch), model.width))
        self.dropout = nn.Dropout(model.dropout)
        self.blocks = nn.Sequential(*(Block(model.width, model.heads, model.dropout) for _ in range(model.depth)))
        self.norm = nn.LayerNorm(model.width)
        self.head = nn.Linear(model.width, classes)
        nn.init.trunc_normal_(self.positions, std=POSITION_STD)
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = self.blocks(self.dropout(x + self.positions))
        logits: Tensor = self.head(self.norm(x).mean(dim=1))
        return logits


def build_vit(model: Model, shape: Shape, classes: int) -> VisionTransformer:
    """The network for images of `shape`. Raises InvalidInput for patches that do not fill the image."""
    _, height, width = shape
    if height % model.patch_size or width % model.patch_size:
        raise InvalidInput(
            f"model.patch_size: patches of {model.patch_size} pixels do not fill an image of {height}×{width}.",
            "Set data.image_size to a multiple of it.",
        )
    return VisionTransformer(model, shape, classes)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=module.weight[0].numel() ** -0.5)
    elif isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
    if isinstance(module, nn.Linear | nn.Conv2d) and module.bias is not None:
        nn.init.zeros_(module.bias)
