"""Changes to the data, how they are split, drawn and weighted, and what to look at in them."""

from __future__ import annotations

from typing import get_args

from training.config.data import Augmentation, Source
from training.config.schema import ClassWeights
from training.diagnosis.case import Case, spelled
from training.diagnosis.findings import Fix
from training.guide.rules.loss import fitting_losses, loss_name

AUGMENTATIONS: tuple[Augmentation, ...] = get_args(Augmentation)
"""Weakest first."""
VAL_FRACTIONS = (0.2, 0.3, 0.4)
ENOUGH_VALIDATION = 100
"""Images on which an accuracy of 90 % has a standard error of 3 points."""
READY_MADE = 1.5
"""A validation set that many times as large or small as its share came with the data; no share changes it."""

_WHERE_LABELS_COME_FROM: dict[Source, str] = {
    "digits": "Check that labels belong to their images",
    "folder": "Check that labels belong to their images: look at some of each class's folder",
    "manifest": "Check that labels belong to their images: compare some rows of the manifest with their files",
    "byteplot": "Check that labels belong to their files: look up some of each class's folder",
}


def normalise(case: Case) -> Fix | None:
    effect = "Inputs around zero with a deviation of one keep the first gradients at a sound size."
    if not case.whole:
        return Fix(title="Check that the inputs are normalised", effect=effect)
    if case.config.data.normalise:
        return None
    return Fix(title="Normalise the inputs", effect=effect, patch={"data.normalise": True})


def scale_inputs(case: Case) -> Fix | None:
    """In words, for a log that does not tell how its data are read."""
    if case.whole:
        return None
    return Fix(
        title="Divide pixels by 255, subtract the mean of the training images and divide by their deviation",
        effect="The first loss comes down to that of guessing, and the first steps no longer kill units.",
    )


def look_at_inputs(case: Case) -> Fix | None:
    """Where they are normalised already."""
    if not case.whole or not case.config.data.normalise:
        return None
    return Fix(
        title="Look at the images: normalised, they are still far from zero",
        effect="Training and validation images that are alike after normalisation give the loss of guessing at first.",
    )


def check_data(_: Case) -> Fix:
    return Fix(
        title="Look for values that are not finite in the data",
        effect="One broken image makes every weight that it touches useless.",
    )


def check_labels(case: Case) -> Fix:
    source = case.config.data.source if case.whole else "digits"
    return Fix(
        title=_WHERE_LABELS_COME_FROM[source],
        effect="With true labels validation leaves the level of guessing in the first epochs; mixed-up ones cannot be "
        "learned, whatever the settings.",
    )


def check_order(_: Case) -> Fix:
    return Fix(
        title="Check that nothing sorts or shuffles the images without their labels",
        effect="Train and validation loss then fall together.",
    )


def check_numbering(_: Case) -> Fix:
    return Fix(
        title="Check that training and validation number the classes alike",
        effect="A validation accuracy below that of guessing goes up to the training accuracy.",
    )


def augmentation(case: Case) -> Fix | None:
    """One level up; the weights fit whatever the images go through."""
    effect = "Every epoch shows new variants, so that learning by heart no longer pays."
    if not case.whole:
        return Fix(title="Augment the training images: shifts, flips, small rotations", effect=effect)
    place = AUGMENTATIONS.index(case.config.data.augmentation) + 1
    if place == len(AUGMENTATIONS):
        return None
    level = AUGMENTATIONS[place]
    title = f"Augment the training images: {level}"
    return Fix(title=title, effect=effect, patch={"data.augmentation": level}, start_from="best")


def more_validation(case: Case) -> Fix | None:
    """The smallest larger share that gives ENOUGH_VALIDATION images, else the largest; from scratch, since images that
    were trained on are then validated on.
    """
    effect = "The error of an accuracy shrinks with the square root of the number of images."
    if not case.whole or not _is_drawn(case):
        return Fix(title="Hold more images out for validation", effect=effect)
    data, images = case.config.data, case.facts.n_val
    larger = [
        share for share in VAL_FRACTIONS if share > data.val_fraction and case.takes({"data.val_fraction": share})
    ]
    enough = [share for share in larger if images and images * share / data.val_fraction >= ENOUGH_VALIDATION]
    if not larger or (images is not None and images >= ENOUGH_VALIDATION):
        return None
    share = enough[0] if enough else larger[-1] if images else larger[0]
    title = (
        f"Hold out {spelled(round(100 * share))} % of the images for validation, not {100 * data.val_fraction:.3g} %"
    )
    return Fix(title=title, effect=effect, patch={"data.val_fraction": share})


def _is_drawn(case: Case) -> bool:
    """Whether the validation set was drawn from the training images by its share, as far as the numbers tell."""
    n_train, n_val, data = case.facts.n_train, case.facts.n_val, case.config.data
    if n_train is None or n_val is None:
        return True
    planned = (n_train + n_val) * data.val_fraction / (1 - data.test_fraction)
    # A class of few images has one of them validated, whatever its share.
    return planned / READY_MADE <= n_val <= READY_MADE * planned + (case.facts.classes or 0)


def several_splits(_: Case) -> Fix:
    return Fix(
        title="Train on several splits (other seeds) and take the mean, or validate on images that come in addition",
        effect="The mean of k runs has a k-th of the variance.",
    )


def class_weights(case: Case) -> Fix | None:
    """The loss that the guide's table has for the class ratio; where that is in use already, focal loss."""
    effect = "A mistake on a rare class costs as much as many on a large one; its recall rises."
    if not case.knows("class_weights"):
        return Fix(title="Weight the classes by their inverse frequency, or use the focal loss", effect=effect)
    now, ratio = case.config.class_weights, case.facts.class_ratio
    if now == "Focal Loss":
        return None
    steep = ratio is not None and fitting_losses(ratio)[0] == "Focal Loss"
    loss: ClassWeights = "Focal Loss" if steep or now == "Auto Class Weights" else "Auto Class Weights"
    return Fix(title=f"Use {loss_name(loss)}", effect=effect, patch={"class_weights": loss})


def balanced_sampler(case: Case) -> Fix | None:
    """All classes equally often; not with a weighted loss, which would count the rare ones twice."""
    effect = "Every batch shows the rare classes as often as the large ones."
    if not case.whole:
        return Fix(title="Draw images of the rare classes more often", effect=effect)
    if case.config.data.sampler == "balanced" or case.config.class_weights != "None":
        return None
    return Fix(title="Draw all classes equally often", effect=effect, patch={"data.sampler": "balanced"})


def more_of_the_rare(_: Case) -> Fix:
    return Fix(
        title="Collect more images of the rare classes, or leave out those of which there are next to none",
        effect="No weight makes up for what a few images cannot show.",
    )
