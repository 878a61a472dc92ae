"""Each of the guide's hints at its boundary: the last value that draws none, and the first that does."""

from __future__ import annotations

from typing import Any

from training.guide.hints import Facts

# A config that draws no hint at all; each case changes what it is about.
QUIET = {"l2_decay": True, "lr_strategy": "ReduceLROnPlateau", "early_stopping": True}
TRANSFER = {"model.kind": "transfer", "es_patience": 12}
FINE = TRANSFER | {"model.mode": "full", "epochs": 40}
VIT = {"model.kind": "vit", "optimizer": "AdamW", "l2_lambda": 0.01, "learning_rate": 3e-4}
SGD = {"optimizer": "SGD with Momentum", "learning_rate": 0.01, "l2_lambda": 1e-3}
COSINE = {"lr_strategy": "Cosine Annealing"}
FINE_FEW = FINE | {"learning_rate": 1e-4, "batch_size": 63}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, Any]] = [
    (
        "adamw_decay_low",
        {"optimizer": "AdamW", "l2_lambda": 0.01},
        {"optimizer": "AdamW", "l2_lambda": 0.0099},
        "warning",
        0.01,
    ),
    ("decay_high", {"optimizer": "AdamW", "l2_lambda": 0.1}, {"optimizer": "AdamW", "l2_lambda": 0.11}, "warning", 0.1),
    ("decay_high", {"l2_lambda": 1e-3}, {"l2_lambda": 1.1e-3}, "warning", 1e-4),
    (
        "decay_high",
        {"optimizer": "RMSprop", "l2_lambda": 1e-3},
        {"optimizer": "RMSprop", "l2_lambda": 2e-3},
        "warning",
        1e-4,
    ),
    ("decay_high", SGD, SGD | {"l2_lambda": 1.1e-3}, "warning", 1e-3),
    ("decay_low", {"l2_lambda": 1e-5}, {"l2_lambda": 9e-6}, "info", 1e-4),
    ("decay_low", SGD | {"l2_lambda": 1e-4}, SGD | {"l2_lambda": 9e-5}, "info", 1e-4),
    ("decay_low", {"l2_decay": False, "l2_lambda": 0.0}, {"l2_lambda": 0.0}, "info", 1e-4),
    ("decay_unused", {"l2_decay": False}, {"l2_decay": False, "l2_lambda": 1e-3}, "info", True),
    ("learning_rate_high", {"learning_rate": 1e-3}, {"learning_rate": 1.01e-3}, "warning", 1e-3),
    (
        "learning_rate_high",
        {"learning_rate": 2e-3, "batch_size": 64},
        {"learning_rate": 2.1e-3, "batch_size": 64},
        "warning",
        2e-3,
    ),
    (
        "learning_rate_high",
        {"learning_rate": 5e-3, "batch_size": 512},
        {"learning_rate": 5.1e-3, "batch_size": 512},
        "warning",
        5e-3,
    ),
    (
        "learning_rate_high",
        {"optimizer": "RMSprop", "learning_rate": 0.01},
        {"optimizer": "RMSprop", "learning_rate": 0.011},
        "warning",
        1e-3,
    ),
    ("learning_rate_high", SGD | {"learning_rate": 0.1}, SGD | {"learning_rate": 0.11}, "warning", 0.01),
    ("learning_rate_high", TRANSFER | SGD, TRANSFER | SGD | {"learning_rate": 0.011}, "warning", 0.01),
    ("learning_rate_high", FINE | {"learning_rate": 1e-4}, FINE | {"learning_rate": 1.1e-4}, "warning", 1e-4),
    ("learning_rate_high", VIT, VIT | {"learning_rate": 3.1e-4}, "warning", 3e-4),
    ("learning_rate_low", {"learning_rate": 1e-4}, {"learning_rate": 9.9e-5}, "info", 1e-3),
    ("learning_rate_low", {"learning_rate": 1e-4}, {"learning_rate": 9.9e-6}, "warning", 1e-3),
    ("learning_rate_low", FINE | {"learning_rate": 1e-5}, FINE | {"learning_rate": 9e-6}, "info", 1e-4),
    ("learning_rate_scaling", {"batch_size": 63}, {"batch_size": 64}, "info", 2e-3),
    ("learning_rate_scaling", {"batch_size": 128, "learning_rate": 2e-3}, {"batch_size": 128}, "info", 4e-3),
    ("learning_rate_scaling", FINE_FEW, FINE_FEW | {"batch_size": 64}, "info", 2e-4),
    ("learning_rate_scaling", SGD | {"batch_size": 63}, SGD | {"batch_size": 64}, "info", 0.02),
    (
        "learning_rate_scaling",
        {"optimization.accumulate": 4, "batch_size": 15},
        {"optimization.accumulate": 4, "batch_size": 16},
        "info",
        2e-3,
    ),
    ("sgd_transformer", VIT, VIT | SGD, "warning", "AdamW"),
    (
        "sgd_transformer",
        TRANSFER | SGD | {"model.backbone": "vit_b_16"},
        FINE | SGD | {"model.backbone": "vit_b_16"},
        "warning",
        "AdamW",
    ),
    ("adam_transformer", VIT, VIT | {"optimizer": "Adam", "l2_decay": False}, "info", "AdamW"),
    ("rmsprop_special", {}, {"optimizer": "RMSprop"}, "info", "Adam"),
    (
        "plateau_patience_never",
        {"es_patience": 7},
        {"es_patience": 6},
        "warning",
        10,
    ),
    ("plateau_patience_never", {"es_patience": 5, "early_stopping": False}, {"es_patience": 5}, "warning", 10),
    (
        "plateau_patience_never",
        {"es_patience": 5, "lr_strategy": "Cosine Annealing"},
        {"es_patience": 5},
        "warning",
        10,
    ),
    ("plateau_patience_few", {"es_patience": 10}, {"es_patience": 9}, "info", 10),
    ("plateau_patience_few", {"es_patience": 9, "epochs": 10}, {"es_patience": 9, "epochs": 11}, "info", 10),
    ("plateau_patience_few", {"es_patience": 6}, {"es_patience": 7}, "info", 10),
    ("plateau_short_run", {"epochs": 8}, {"epochs": 7}, "info", "Constant"),
    (
        "plateau_short_run",
        {"epochs": 9, "optimization.warmup_epochs": 2},
        {"epochs": 8, "optimization.warmup_epochs": 2},
        "info",
        "Constant",
    ),
    (
        "constant_long",
        {"lr_strategy": "Constant", "epochs": 29},
        {"lr_strategy": "Constant", "epochs": 30},
        "info",
        "ReduceLROnPlateau",
    ),
    (
        "constant_long",
        TRANSFER | {"lr_strategy": "Constant"},
        FINE | {"lr_strategy": "Constant", "learning_rate": 1e-4},
        "info",
        "ReduceLROnPlateau",
    ),
    (
        "step_decay_short",
        {"lr_strategy": "Step Decay", "epochs": 9},
        {"lr_strategy": "Step Decay", "epochs": 8},
        "warning",
        "Constant",
    ),
    (
        "warmup_beyond_run",
        {"optimization.warmup_epochs": 99},
        {"optimization.warmup_epochs": 100},
        "warning",
        10,
    ),
    (
        "warmup_beyond_run",
        {"optimization.warmup_epochs": 0, "epochs": 1},
        {"optimization.warmup_epochs": 1, "epochs": 1},
        "warning",
        0,
    ),
    ("exponential_decay", {}, {"lr_strategy": "Exponential Decay"}, "info", "Cosine Annealing"),
    ("epochs_low", {"epochs": 50}, {"epochs": 49}, "info", 50),
    ("epochs_low", TRANSFER | {"epochs": 20}, TRANSFER | {"epochs": 19}, "info", 20),
    ("epochs_low", FINE | {"epochs": 30}, FINE | {"epochs": 29}, "info", 30),
    ("epochs_low", VIT | {"epochs": 100}, VIT | {"epochs": 99}, "info", 100),
    ("epochs_high", {"early_stopping": False}, {"early_stopping": False, "epochs": 101}, "info", 100),
    (
        "epochs_high",
        TRANSFER | {"early_stopping": False, "epochs": 30},
        TRANSFER | {"early_stopping": False, "epochs": 31},
        "info",
        30,
    ),
    ("epochs_high", {"epochs": 500}, {"epochs": 500, "early_stopping": False}, "info", 100),
    (
        "early_stopping_off",
        {"early_stopping": False, "epochs": 49},
        {"early_stopping": False, "epochs": 50},
        "info",
        True,
    ),
    ("patience_low", {"es_patience": 5}, {"es_patience": 4}, "info", 10),
    ("patience_low", {"epochs": 5, "es_patience": 4}, {"epochs": 11, "es_patience": 4}, "info", 10),
    (
        "patience_low",
        COSINE | {"epochs": 5, "es_patience": 4},
        COSINE | {"epochs": 6, "es_patience": 4},
        "info",
        5,
    ),
    ("patience_low", VIT | {"es_patience": 10}, VIT | {"es_patience": 9}, "info", 10),
    ("patience_low", TRANSFER | {"es_patience": 10}, TRANSFER | {"es_patience": 9}, "info", 10),
    ("patience_high", {"es_patience": 10}, {"es_patience": 11}, "info", 10),
    ("patience_high", TRANSFER | {"es_patience": 15}, TRANSFER | {"es_patience": 16}, "info", 15),
    ("patience_high", VIT | {"es_patience": 20}, VIT | {"es_patience": 21}, "info", 20),
    ("patience_beyond_run", {"epochs": 21, "es_patience": 20}, {"epochs": 20, "es_patience": 20}, "info", 10),
    ("patience_beyond_run", {"epochs": 12, "es_patience": 11}, {"epochs": 11, "es_patience": 11}, "info", 10),
    ("dropout_high", {"model.blocks.1.dropout": 0.3}, {"model.blocks.1.dropout": 0.31}, "warning", 0.3),
    ("dropout_low", {"model.blocks.1.dropout": 0.25}, {"model.blocks.1.dropout": 0.24}, "info", 0.25),
    ("dropout_low", {"model.blocks.1.dropout": 0.0}, {"model.blocks.1.dropout": 0.01}, "info", 0.25),
    ("dropout_high", {"model.dense_layers.0.dropout": 0.7}, {"model.dense_layers.0.dropout": 0.71}, "warning", 0.7),
    ("dropout_low", {"model.dense_layers.0.dropout": 0.5}, {"model.dense_layers.0.dropout": 0.49}, "info", 0.5),
    ("dropout_high", VIT | {"model.dropout": 0.2}, VIT | {"model.dropout": 0.21}, "warning", 0.2),
    ("dropout_low", VIT | {"model.dropout": 0.1}, VIT | {"model.dropout": 0.09}, "info", 0.1),
    ("dropout_high", {"model.dropout": 0.9}, VIT | {"model.dropout": 0.9}, "warning", 0.2),
    ("filters_shrink", {"model.blocks.1.filters": 32}, {"model.blocks.1.filters": 31}, "info", 32),
    ("batch_large", {"batch_size": 255}, {"batch_size": 256}, "info", 128),
    ("batch_small", {"batch_size": 8}, {"batch_size": 7}, "info", 8),
    (
        "batch_large",
        {"batch_size": 51, "optimization.accumulate": 5},
        {"batch_size": 64, "optimization.accumulate": 4},
        "info",
        2,
    ),
    ("not_normalised", {}, {"data.normalise": False}, "warning", True),
    (
        "frozen_untrained",
        TRANSFER | {"model.mode": "full", "model.weights": "none"},
        TRANSFER | {"model.weights": "none"},
        "warning",
        "full",
    ),
    (
        "weighted_twice",
        {"class_weights": "Auto Class Weights"},
        {"class_weights": "Auto Class Weights", "data.sampler": "balanced"},
        "info",
        "shuffle",
    ),
    (
        "weighted_twice",
        {"data.sampler": "balanced"},
        {"class_weights": "Focal Loss", "data.sampler": "balanced"},
        "info",
        "shuffle",
    ),
    (
        "unknown_silenced",
        {"advice.silenced": ["decay_high", "val_noisy"]},
        {"advice.silenced": ["decay_hihg"]},
        "info",
        ("decay_high",),
    ),
]
"""Rule, just inside, just outside, severity, recommended."""

MIB = 1 << 20


def data(images: int, classes: int = 10, ratio: float | None = None) -> Facts:
    """What is known of a data set with that many images to train on."""
    return Facts(class_ratio=ratio, n_train=images, classes=classes)


def memory(room: int) -> Facts:
    """A model of 100 MiB that adds 1 MiB an image, on a device with that many MiB."""
    return Facts(fixed_bytes=100 * MIB, bytes_per_image=MIB, device_bytes=room * MIB, device="A GPU")


Side = tuple[dict[str, Any], Facts]

GRAVE: list[tuple[str, Side, Side]] = [
    ("learning_rate_low", ({"learning_rate": 1e-5}, Facts()), ({"learning_rate": 9.9e-6}, Facts())),
    ("loss_for_ratio", ({"class_weights": "Auto Class Weights"}, data(1000, ratio=11)), ({}, data(1000, ratio=11))),
    ("batch_data", ({}, data(32)), ({}, data(31))),
    ("batch_memory", ({}, memory(132)), ({}, memory(131))),
]
"""Rule, the last case that is info, the first that is a warning."""

WITH_FACTS: list[tuple[str, Side, Side, str, Any]] = [
    ("loss_for_ratio", ({}, data(1000, ratio=5.0)), ({}, data(1000, ratio=5.01)), "warning", "Auto Class Weights"),
    ("loss_for_ratio", ({}, data(1000, ratio=5.0)), ({}, data(1000, ratio=10.01)), "warning", "Focal Loss"),
    (
        "loss_for_ratio",
        ({"data.sampler": "balanced"}, data(1000, ratio=20)),
        ({"data.sampler": "shuffle"}, data(1000, ratio=20)),
        "warning",
        "Focal Loss",
    ),
    ("sgd_small_data", (SGD, data(50_000)), (SGD, data(49_990)), "info", "Adam"),
    ("sgd_small_data", (SGD | TRANSFER, data(1000)), (SGD, data(1000)), "info", "Adam"),
    ("adam_much_data", ({}, data(49_990)), ({}, data(50_000)), "info", "SGD with Momentum"),
    ("adam_much_data", (TRANSFER, data(50_000)), ({}, data(50_000)), "info", "SGD with Momentum"),
    ("decay_high_for_data", ({"l2_lambda": 1e-3}, data(9990)), ({"l2_lambda": 1e-3}, data(10_000)), "info", 1e-4),
    ("decay_high_for_data", ({"l2_lambda": 1e-4}, data(10_000)), ({"l2_lambda": 1.1e-4}, data(10_000)), "info", 1e-4),
    # Eight steps an epoch.
    ("batch_data", ({}, data(256)), ({}, data(255)), "info", 16),
    ("batch_data", ({"batch_size": 32}, data(256)), ({"batch_size": 33}, data(256)), "info", 32),
    # More than there are to train on.
    ("batch_data", ({"batch_size": 8}, data(31)), ({}, data(32)), "info", 8),
    ("batch_data", ({"batch_size": 8}, data(31)), ({}, data(31)), "warning", 8),
    ("batch_data", ({"batch_size": 8}, data(9)), ({"batch_size": 9}, data(9)), "info", 8),
    ("batch_data", ({"batch_size": "auto"}, data(9)), ({"batch_size": 9}, data(9)), "info", 8),
    (
        "batch_data",
        ({"optimization.accumulate": 2}, data(512)),
        ({"optimization.accumulate": 2}, data(511)),
        "info",
        1,
    ),
    ("batch_memory", ({"batch_size": 80}, memory(200)), ({"batch_size": 81}, memory(200)), "info", 64),
    ("batch_memory", ({}, memory(147)), ({}, memory(131)), "warning", 16),
    ("batch_memory", ({"batch_size": 80}, memory(200)), ({"batch_size": 101}, memory(200)), "warning", 64),
    ("batch_memory", ({}, memory(147)), ({}, memory(110)), "warning", None),
    ("batch_memory", ({"batch_size": "auto"}, memory(114)), ({"batch_size": "auto"}, memory(113)), "info", None),
    ("batch_memory", ({"batch_size": "auto"}, memory(114)), ({"batch_size": "auto"}, memory(101)), "warning", None),
    (
        "batch_memory",
        ({"runtime.processes": 2}, memory(129)),
        ({"runtime.processes": 2}, memory(128)),
        "info",
        16,
    ),
    (
        "batch_memory",
        ({"runtime.processes": "auto"}, memory(131)),
        ({"runtime.processes": 1}, memory(131)),
        "warning",
        16,
    ),
]
"""The same for hints that know something of the data or the device."""
