"""Writes the logs of this folder anew: make.py TOOL OUT. Every tool really trains a small net on scikit-learn's digits."""

import os
import sys
from collections import OrderedDict
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["WANDB_MODE"] = "offline"
import numpy as np
import torch
from sklearn.datasets import load_digits

torch.manual_seed(0)
torch.set_num_threads(1)
digits = load_digits()
images, labels = (digits.images / 16).astype("float32"), digits.target.astype("int64")
X, Y, VX, VY = images[:1200], labels[:1200], images[1200:], labels[1200:]
cross_entropy = torch.nn.functional.cross_entropy
tool, out = sys.argv[1], Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def net():
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))


def loop(batch=64):
    """A plain loop: ("step", step, epoch, loss), and ("epoch", steps, epoch, (train loss, val loss, val accuracy))."""
    model = net()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    step = 0
    for epoch in range(6):
        total = 0.0
        for i in torch.randperm(1200).split(batch):
            loss = cross_entropy(model(torch.tensor(X[i])), torch.tensor(Y[i]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(i)
            yield "step", step, epoch, loss.item()
            step += 1
        with torch.no_grad():
            z, t = model(torch.tensor(VX)), torch.tensor(VY)
            yield "epoch", step, epoch, (total / 1200, cross_entropy(z, t).item(), (z.argmax(1) == t).float().mean().item())


def keras():
    import keras

    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate=1e-3), loss, metrics=["accuracy"])
    logger = keras.callbacks.CSVLogger(out / "keras.csv")
    model.fit(X, Y, validation_data=(VX, VY), epochs=8, batch_size=64, callbacks=[logger], verbose=0)


def lightning(tensorboard=False):
    import lightning as L
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
    from torch.utils.data import DataLoader, TensorDataset

    class Digits(L.LightningModule):
        def __init__(self, lr=1e-3, batch_size=64):
            super().__init__()
            self.save_hyperparameters()
            self.net = net()

        def training_step(self, batch, index):
            z = self.net(batch[0])
            loss = cross_entropy(z, batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            self.log("train_acc", (z.argmax(1) == batch[1]).float().mean(), on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch, index):
            z = self.net(batch[0])
            self.log("val_loss", cross_entropy(z, batch[1]))
            self.log("val_acc", (z.argmax(1) == batch[1]).float().mean())

        def test_step(self, batch, index):
            self.log("test_loss", cross_entropy(self.net(batch[0]), batch[1]))

        def configure_optimizers(self):
            optimizer = torch.optim.Adam(self.parameters(), self.hparams.lr)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.5)]

    train = DataLoader(TensorDataset(torch.tensor(X), torch.tensor(Y)), 64, shuffle=True)
    validation = DataLoader(TensorDataset(torch.tensor(VX), torch.tensor(VY)), 64)
    logger = TensorBoardLogger(out, "lightning_tensorboard") if tensorboard else CSVLogger(out, "lightning")
    trainer = L.Trainer(
        max_epochs=6,
        logger=logger,
        callbacks=[LearningRateMonitor("epoch")],
        log_every_n_steps=5,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
    )
    model = Digits()
    trainer.fit(model, train, validation)
    trainer.test(model, validation, verbose=False)


def hugging_face(steps=False):
    from transformers import Trainer, TrainingArguments

    class Digits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net()

        def forward(self, pixels, labels):
            z = self.net(pixels)
            return {"loss": cross_entropy(z, labels), "logits": z}

    def dataset(images, labels):
        return [{"pixels": image, "labels": int(label)} for image, label in zip(images, labels)]

    by_steps = dict(eval_strategy="steps", eval_steps=25, save_strategy="steps", save_steps=50, max_steps=150)
    by_epochs = dict(eval_strategy="epoch", save_strategy="epoch", num_train_epochs=5)
    arguments = TrainingArguments(
        out / "hugging_face",
        per_device_train_batch_size=64,
        learning_rate=2e-3,
        logging_steps=5,
        report_to=["tensorboard"] if steps else [],
        use_cpu=True,
        disable_tqdm=True,
        **(by_steps if steps else by_epochs),
    )
    trainer = Trainer(
        Digits(),
        arguments,
        train_dataset=dataset(X, Y),
        eval_dataset=dataset(VX, VY),
        compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(1) == p.label_ids).mean())},
    )
    trainer.train()
    trainer.save_state()


def ultralytics_classify():
    from PIL import Image
    from ultralytics import YOLO

    root = out / "digits"
    for side, images, labels in (("train", X[:200], Y[:200]), ("val", VX[:100], VY[:100])):
        for k, (image, label) in enumerate(zip(images, labels)):
            path = root / side / str(label) / f"{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((image * 255).astype("uint8")).resize((32, 32)).convert("RGB").save(path)
    small = dict(epochs=5, imgsz=32, batch=32, device="cpu", workers=0, amp=False, plots=False, verbose=False)
    YOLO("yolov8n-cls.yaml").train(data=str(root.absolute()), project=str(out.absolute()), name="classify", **small)


def ultralytics_detect():
    from PIL import Image
    from ultralytics import YOLO

    root = out / "boxes"
    for side, n in (("train", 24), ("val", 12)):
        (root / "images" / side).mkdir(parents=True, exist_ok=True)
        (root / "labels" / side).mkdir(parents=True, exist_ok=True)
        for k in range(n):
            image = np.zeros((64, 64), "uint8")
            row, column = np.random.randint(0, 48, 2)
            image[row : row + 16, column : column + 16] = (np.kron(X[k], np.ones((2, 2))) * 255).astype("uint8")
            Image.fromarray(image).convert("RGB").save(root / "images" / side / f"{k}.png")
            (root / "labels" / side / f"{k}.txt").write_text(f"0 {(column + 8) / 64} {(row + 8) / 64} 0.25 0.25\n")
    (root / "d.yaml").write_text(f"path: {root.absolute()}\ntrain: images/train\nval: images/val\nnames: {{0: digit}}\n")
    small = dict(epochs=3, imgsz=64, batch=8, device="cpu", workers=0, amp=False, plots=False, verbose=False)
    YOLO("yolov8n.yaml").train(data=str(root / "d.yaml"), project=str(out.absolute()), name="detect", **small)


def timm():
    """timm's own writer of summary.csv, called as its train.py calls it."""
    import timm
    from timm.optim import create_optimizer_v2
    from timm.scheduler import create_scheduler_v2
    from timm.utils import AverageMeter, update_summary

    def enlarged(images):
        return torch.nn.functional.interpolate(torch.tensor(images)[:, None], 32)

    model = timm.create_model("resnet10t", num_classes=10, in_chans=1)
    optimizer = create_optimizer_v2(model, "sgd", lr=0.05, momentum=0.9)
    schedule, _ = create_scheduler_v2(optimizer, num_epochs=5, warmup_epochs=1, warmup_lr=1e-3)
    for epoch in range(5):
        model.train()
        meter = AverageMeter()
        for i in torch.randperm(1200).split(100):
            loss = cross_entropy(model(enlarged(X[i])), torch.tensor(Y[i]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            meter.update(loss.item(), len(i))
        model.eval()
        with torch.no_grad():
            z, t = model(enlarged(VX)), torch.tensor(VY)
        top1 = (z.argmax(1) == t).float().mean().item() * 100
        top5 = (z.topk(5).indices == t[:, None]).any(1).float().mean().item() * 100
        update_summary(
            epoch,
            OrderedDict(loss=meter.avg),
            OrderedDict(loss=cross_entropy(z, t).item(), top1=top1, top5=top5),
            filename=out / "timm.csv",
            lr=sum(group["lr"] for group in optimizer.param_groups) / len(optimizer.param_groups),
            write_header=epoch == 0,
        )
        schedule.step(epoch + 1)


def tensorboard():
    from torch.utils.tensorboard import SummaryWriter

    by_epoch, by_step = SummaryWriter(out / "by_epoch"), SummaryWriter(out / "by_step")
    for kind, step, epoch, value in loop():
        if kind == "step":
            by_step.add_scalar("train/loss", value, step)
            continue
        by_epoch.add_scalar("Loss/train", value[0], epoch)
        by_epoch.add_scalar("Loss/val", value[1], epoch)
        by_epoch.add_scalar("Accuracy/val", value[2], epoch)
        by_step.add_scalar("val/loss", value[1], step)
        by_step.add_scalar("val/accuracy", value[2], step)
    by_epoch.add_histogram("weights", torch.randn(100), 0)
    by_epoch.close()
    by_step.close()


def tensorboard_pair():
    """The tags that Keras' callback writes, in the tensors that newer writers use."""
    from tensorboard.summary import Writer

    train, validation = Writer(str(out / "train")), Writer(str(out / "validation"))
    for kind, _, epoch, value in loop():
        if kind == "epoch":
            train.add_scalar("epoch_loss", value[0], epoch)
            train.add_scalar("epoch_learning_rate", 1e-3, epoch)
            validation.add_scalar("epoch_loss", value[1], epoch)
            validation.add_scalar("epoch_accuracy", value[2], epoch)
    train.close()
    validation.close()


def wandb():
    import wandb

    config = {"lr": 1e-3, "batch_size": 64, "epochs": 6, "optimizer": "Adam"}
    quiet = wandb.Settings(
        x_disable_stats=True,
        x_disable_meta=True,
        x_disable_machine_info=True,
        console="off",
        save_code=False,
        disable_git=True,
    )
    run = wandb.init(dir=str(out), project="digits", config=config, settings=quiet)
    for kind, _, epoch, value in loop(batch=120):
        if kind == "step":
            run.log({"train/loss": value, "epoch": epoch})
        else:
            run.log({"val/loss": value[1], "val/acc": value[2], "epoch": epoch})
    run.finish()


TOOLS = {
    "keras": keras,
    "lightning": lightning,
    "lightning_tensorboard": lambda: lightning(tensorboard=True),
    "hugging_face": hugging_face,
    "hugging_face_steps": lambda: hugging_face(steps=True),
    "ultralytics_classify": ultralytics_classify,
    "ultralytics_detect": ultralytics_detect,
    "timm": timm,
    "tensorboard": tensorboard,
    "tensorboard_pair": tensorboard_pair,
    "wandb": wandb,
}
TOOLS[tool]()
