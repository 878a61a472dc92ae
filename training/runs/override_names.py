"""How an `Override` event names what was changed of a running job."""

from __future__ import annotations

LR_FACTOR = "lr_factor"
"""What the scheduled learning rate is multiplied by."""
PATIENCE = "early_stopping_patience"
"""Epochs without a better validation loss; 0 for no early stopping."""
EPOCHS = "epochs"
"""In all."""
STOP_AFTER_EPOCH = "stop_after_epoch"
"""The epoch; 0 for none any more."""

LASTING = (LR_FACTOR, PATIENCE, EPOCHS)
"""What is part of a checkpoint, and made again by whoever goes on from one that is older."""
