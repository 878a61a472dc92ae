"""What the name of a metric says of its values."""

from __future__ import annotations

import pytest

from training.runs.metric_names import higher_is_better, is_share


@pytest.mark.parametrize(
    "name",
    [
        "val_acc", "train_acc", "macro_f1", "test_macro_f1", "val_recall_min", "val_auc", "val_accuracy", "val_iou",
        "val_map", "val_top5", "val_top_5", "mAP50-95", "val/acc@1", "valAccuracy", "balancedaccuracy", "f1_score",
    ],
)  # fmt: skip
def test_more_of_a_share_is_better(name: str) -> None:
    assert higher_is_better(name) is True
    assert is_share(name)


@pytest.mark.parametrize("name", ["val_psnr", "val_kappa", "r2"])
def test_more_can_be_better_of_what_is_no_share(name: str) -> None:
    assert higher_is_better(name) is True
    assert not is_share(name)


@pytest.mark.parametrize(
    "name", ["val_loss", "val_ce", "val_top1_err", "error_rate", "val_dice_loss", "RMSE", "valLoss", "val_acc_loss"]
)
def test_less_of_a_loss_or_an_error_is_better(name: str) -> None:
    assert higher_is_better(name) is False
    assert not is_share(name)


@pytest.mark.parametrize("name", ["val_mystery", "lr", "grad_norm", "val_score", "stop", "", "±", "gpu_util"])
def test_of_what_nobody_knows_no_direction_is_made_up(name: str) -> None:
    assert higher_is_better(name) is None
    assert not is_share(name)
