"""The cases under Lightning's Trainer, as its documentation shows it: a module that logs, a checkpoint of the best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.bench import rivals
from tests.bench.cases import EPOCHS, Case
from tests.bench.turns import Laps


def fit(case: Case, workspace: Path, laps: Laps) -> None:
    """Train, an epoch a lap, without progress bar and model summary, which a run in a log file does not need either.

    Raises Enough.
    """
    import lightning  # type: ignore[import-not-found, unused-ignore]
    from lightning.pytorch.callbacks import Callback, ModelCheckpoint  # type: ignore[import-not-found, unused-ignore]
    from lightning.pytorch.loggers import CSVLogger  # type: ignore[import-not-found, unused-ignore]

    class Boundary(Callback):  # type: ignore[misc, unused-ignore]
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            laps.boundary(len(training.dataset))  # type: ignore[arg-type]

    torch.manual_seed(0)
    if case.threads is not None:
        torch.set_num_threads(case.threads)
    training, validation = rivals.loaders(case)
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=EPOCHS,
        logger=CSVLogger(workspace / "runs", name=f"lightning-{case.name}"),
        callbacks=[Boundary(), ModelCheckpoint(monitor="val_loss", save_last=True)],
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(_module(case), training, validation)


def _module(case: Case) -> Any:
    import lightning
    from torchmetrics.classification import MulticlassAccuracy  # type: ignore[import-not-found, unused-ignore]

    class Classifier(lightning.LightningModule):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.model = rivals.model_of(case)
            self.train_acc = MulticlassAccuracy(10)
            self.val_acc = MulticlassAccuracy(10)

        def training_step(self, batch: tuple[Tensor, Tensor], number: int) -> Tensor:
            images, labels = batch
            logits = self.model(images)
            loss = functional.cross_entropy(logits, labels)
            self.train_acc(logits, labels)
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            self.log("train_acc", self.train_acc, on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch: tuple[Tensor, Tensor], number: int) -> None:
            images, labels = batch
            logits = self.model(images)
            self.val_acc(logits, labels)
            self.log("val_loss", functional.cross_entropy(logits, labels))
            self.log("val_acc", self.val_acc)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    return Classifier()
