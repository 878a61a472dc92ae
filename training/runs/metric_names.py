"""What the name of a metric says of its values: whether more of it is better, and whether it is a share."""

from __future__ import annotations

import re
from functools import lru_cache

SHARES = frozenset(
    {
        "acc",
        "accuracy",
        "ap",
        "auc",
        "aucroc",
        "auprc",
        "auroc",
        "correct",
        "dice",
        "f1",
        "f2",
        "fbeta",
        "fscore",
        "hit",
        "hits",
        "iou",
        "jaccard",
        "map",
        "miou",
        "mrr",
        "ndcg",
        "ppv",
        "prec",
        "precision",
        "rec",
        "recall",
        "roc",
        "sensitivity",
        "specificity",
        "tnr",
        "top",
        "tpr",
    }
)
"""Words of metrics that lie between 0 and 1, and of which more is better."""
HIGHER = SHARES | frozenset({"bleu", "kappa", "mcc", "psnr", "r2", "rouge", "ssim"})
LOWER = frozenset(
    {
        "bce",
        "brier",
        "cd",
        "ce",
        "cer",
        "chamfer",
        "crossentropy",
        "distance",
        "ece",
        "eer",
        "entropy",
        "err",
        "error",
        "errors",
        "fid",
        "fnr",
        "fpr",
        "hausdorff",
        "kl",
        "kld",
        "logloss",
        "loss",
        "lpips",
        "mae",
        "mape",
        "mse",
        "msle",
        "nll",
        "perplexity",
        "ppl",
        "rmse",
        "wer",
    }
)
ENDINGS = ("loss", "error", "accuracy", "acc", "auc", "iou")
"""Of words that are written together, such as `balancedaccuracy`."""
_WORD = re.compile(r"[A-Z]*[a-z]+\d*|[A-Z]+\d*")


@lru_cache(maxsize=1024)
def higher_is_better(name: str) -> bool | None:
    """Whether more of the metric is better; None where its name does not say.

    The last word that tells counts: `val_dice_loss` is a loss, `val_mean_iou` an overlap.
    """
    told = _telling_word(name)
    return None if told is None else told in HIGHER


@lru_cache(maxsize=1024)
def is_share(name: str) -> bool:
    """Whether its values lie between 0 and 1 and are shown in percent, unless a log writes them in percent itself."""
    return _telling_word(name) in SHARES


def _telling_word(name: str) -> str | None:
    """The last of its words whose direction is known, as HIGHER or LOWER spells it."""
    for found in reversed(_WORD.findall(name)):
        word: str = found.lower()
        for spelled in (word, word.rstrip("0123456789")):
            if spelled in HIGHER or spelled in LOWER:
                return spelled
            for ending in ENDINGS:
                if spelled.endswith(ending):
                    return ending
    return None
