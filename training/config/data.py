"""The `data` section of a config: what is trained on (guide, sections 6 and 11)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from training.config.key import Section, key

Augmentation = Literal["none", "light", "medium", "strong"]
Source = Literal["digits", "folder", "manifest", "byteplot"]

_FILES = ("folder", "manifest", "byteplot")


class Data(Section, frozen=True):
    """What it is trained on."""

    source: Annotated[
        Source,
        key(
            "Source",
            "The handwritten digits that ship with traindeck; a folder with one subfolder a class; a CSV manifest of "
            "path and label; or byteplot: binaries in class folders, drawn as grey images.",
        ),
    ] = "digits"
    path: Annotated[
        str | None,
        key("Path", "Folder or manifest, relative to the config file.", when=("data.source", *_FILES)),
    ] = None
    image_size: Annotated[
        Annotated[int, Meta(ge=4, le=2048)] | Literal["auto"],
        key(
            "Image size",
            "Side to which images are resized; auto: what the pretrained weights were trained at, 8 for the digits, "
            "else 64.",
            unit="px",
            steps="powers of two",
        ),
    ] = "auto"
    color: Annotated[
        Literal["auto", "grey", "rgb"], key("Colour", "Channels of the input; auto: grey when every image is grey.")
    ] = "auto"
    classes: Annotated[
        tuple[str, ...] | None, key("Classes", "Only these classes; null for all.", when=("data.source", *_FILES))
    ] = None
    subset: Annotated[
        float,
        key(
            "Subset",
            "Percent of each class to use, the same images for the same seed.",
            unit="%",
            gt=0,
            le=100,
        ),
    ] = 100.0
    val_fraction: Annotated[
        float, key("Validation share", "Share of each class that is held out for validation.", gt=0, lt=1)
    ] = 0.2
    test_fraction: Annotated[
        float, key("Test share", "Share of each class that is held out for the final test.", ge=0, lt=1)
    ] = 0.0
    groups: Annotated[
        str | None,
        key(
            "Groups",
            "Keeps images that belong together (a patient, a video) on one side of the split: a column of the "
            "manifest, or a regular expression on the path whose first group, or whole match, names the group.",
            when=("data.source", *_FILES),
        ),
    ] = None
    augmentation: Annotated[
        Augmentation,
        key(
            "Augmentation",
            "Random changes of the training images, drawn anew each epoch. light: shift, brightness, contrast; "
            "medium: turn, zoom and mirror too (digits and byteplots are never mirrored); strong: more, and parts "
            "erased. Keep to light where left and right differ, as in text.",
            guide="11",
        ),
    ] = "none"
    mixup: Annotated[
        float,
        key("MixUp", "Blend pairs of training images by Beta(a, a); 0 for none, 0.2 is usual.", ge=0, le=10),
    ] = 0.0
    sampler: Annotated[
        Literal["shuffle", "balanced"],
        key("Sampler", "Order of the training images; balanced draws all classes equally often.", guide="6"),
    ] = "shuffle"
    normalise: Annotated[
        bool,
        key(
            "Normalise",
            "Subtract the mean and divide by the standard deviation: of the training split, or of the data that a "
            "pretrained backbone knows.",
            guide="11",
        ),
    ] = True
    cache: Annotated[
        Literal["auto", "ram", "disk", "off"],
        key(
            "Cache",
            "Where decoded images are kept: a file mapped into memory (disk), this process (ram), nowhere (off); "
            "auto: disk where it fits, else ram, else off.",
            when=("data.source", *_FILES),
        ),
    ] = "auto"
    cache_dir: Annotated[
        str | None,
        key(
            "Cache folder",
            "Folder of the disk cache; null for scratch on this host.",
            when=("data.source", *_FILES),
        ),
    ] = None
