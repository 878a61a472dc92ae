"""A folder of images as samples: decoded once by Pillow, turned upright, resized, kept as bytes.

Eight-bit grey, palette and RGB images of PNG, JPEG and BMP are read; transparency is laid over white. What cannot be
read correctly (16 bits a channel, CMYK, damaged files) is refused by name, never guessed.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import psutil
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from training.config.schema import Data
from training.engine.data import Samples
from training.errors import TraindeckError
from training.images import Listing, list_images, shown

AUTO_SIDE = 64
MEMORY_SHARE = 0.8
"""Of the free memory, what the decoded images may take."""
AHEAD = 256
"""Images that are decoded between two looks at the commands."""
# What Pillow raises for files that are damaged in one way or another; its plugins let all of these through.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, LookupError, struct.error, zlib.error,
              Image.DecompressionBombError)  # fmt: skip


@dataclass(frozen=True)
class Unreadable:
    """An image that is left out, and why."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{shown(self.path)} ({self.why})"


@dataclass(frozen=True)
class Decoded:
    """One image as bytes, row by row; `transparent` where something had to be laid over white."""

    pixels: bytes
    channels: int
    transparent: bool


@dataclass(frozen=True)
class Folder:
    """A decoded folder, and what a person should know of it."""

    samples: Samples
    unreadable: list[Unreadable]
    transparent: int
    listing: Listing


def load_folder(path: Path, data: Data, *, threads: int, between: Callable[[int, int], None]) -> Folder:
    """Every readable image below `path`, at data.image_size and in data.color.

    `between(done, total)` is called every few hundred images and may raise to stop. Raises TraindeckError where the
    folder or a whole class cannot be used, or the images do not fit into memory.
    """
    listing = list_images(path)
    side = AUTO_SIDE if data.image_size == "auto" else data.image_size
    _check_memory(len(listing.paths), side, data)
    images = torch.empty(len(listing.paths), 3 if data.color == "rgb" else 1, side, side, dtype=torch.uint8)
    bad: dict[int, Unreadable] = {}
    transparent = 0
    for index, result in enumerate(_decode_all(listing, data, side, threads, between)):
        if isinstance(result, Unreadable):
            bad[index] = result
            continue
        transparent += result.transparent
        if result.channels > images.shape[1]:
            images = images.repeat(1, 3, 1, 1)  # the first image in colour: the grey ones before it follow
        pixels = torch.frombuffer(bytearray(result.pixels), dtype=torch.uint8)
        images[index] = pixels.view(side, side, result.channels).permute(2, 0, 1)
    return Folder(_samples(listing, images, bad), list(bad.values()), transparent, listing)


def _decode_all(
    listing: Listing, data: Data, side: int, threads: int, between: Callable[[int, int], None]
) -> Iterator[Decoded | Unreadable]:
    """Results in the order of the listing. Pillow decodes without the interpreter lock, so threads are enough."""
    total = len(listing.paths)
    Image.preinit()  # the readers are loaded here, not by two threads at once
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="decode") as pool:
        for start in range(0, total, AHEAD):
            between(start, total)
            part = listing.paths[start : start + AHEAD]
            yield from pool.map(lambda path: decode(listing.root, path, side, data.color), part)


def _samples(listing: Listing, images: Tensor, bad: dict[int, Unreadable]) -> Samples:
    good = [index for index in range(len(listing.paths)) if index not in bad]
    labels = [listing.labels[index] for index in good]
    counts = Counter(labels)
    for label, name in enumerate(listing.classes):
        left = counts[label]
        if left < 2:
            named = next(what for index, what in bad.items() if listing.labels[index] == label)
            raise TraindeckError(
                f"Class {shown(name)} has {'one readable image' if left else 'no readable image'}; "
                f"training and validation need one each. The first bad one is {named}.",
                "Repair or convert its images, or remove the class folder.",
            )
    return Samples(
        images=images[torch.tensor(good)] if bad else images,
        labels=torch.tensor(labels),
        ids=tuple(listing.paths[index] for index in good),
        classes=listing.classes,
        fingerprint=listing.fingerprint,
    )


def _check_memory(count: int, side: int, data: Data) -> None:
    needed = count * side * side * (1 if data.color == "grey" else 3)
    free = psutil.virtual_memory().available
    if needed > MEMORY_SHARE * free:
        raise TraindeckError(
            f"{count} images at {side}×{side} need {needed / 2**30:.1f} GiB of memory; {free / 2**30:.1f} GiB is free.",
            "Lower data.image_size, or train on a machine with more memory.",
        )


def decode(root: Path, path: str, side: int, color: str) -> Decoded | Unreadable:
    """One image at side×side: grey (1 channel) or RGB (3), as `color` wants it; `auto` keeps grey images grey."""
    try:
        content = (root / path).read_bytes()
        if problem := _sixteen_bits(content):
            return Unreadable(path, problem)
        with Image.open(BytesIO(content), formats=("PNG", "JPEG", "BMP")) as opened:
            opened.draft(None, (2 * side, 2 * side))  # JPEG is decoded at no more than the resolution that is kept
            image = ImageOps.exif_transpose(opened)
            image, transparent = _plain(image)
            if color != "auto":
                image = image.convert("L" if color == "grey" else "RGB")
            if image.size != (side, side):
                image = image.resize((side, side), Image.Resampling.BILINEAR)
            return Decoded(image.tobytes(), len(image.getbands()), transparent)
    except UNREADABLE as error:
        return Unreadable(path, _why(error))


def _plain(image: Image.Image) -> tuple[Image.Image, bool]:
    """The image as L or RGB, and whether it was see-through. Raises ValueError for what cannot be converted safely."""
    if image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):
        raise ValueError(f"{'16-bit or float' if image.mode[0] in 'IF' else image.mode} pixels are not read yet")
    if image.has_transparency_data:
        kept = "L" if image.mode in ("1", "L", "LA") else "RGB"
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        see_through = image.getchannel("A").getextrema() != (255, 255)
        return Image.alpha_composite(white, image).convert(kept), see_through
    if image.mode == "P":
        image = image.convert("RGB")
        red, green, blue = image.split()
        grey = red.tobytes() == green.tobytes() == blue.tobytes()
        return (red if grey else image), False
    return image.convert("L" if image.mode in ("1", "L") else "RGB"), False


def _sixteen_bits(content: bytes) -> str:
    """Pillow halves the depth of 16-bit RGB without a word, so the PNG header is asked (RFC 2083, 4.1.1)."""
    is_png = content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR"
    return "16-bit pixels are not read yet" if is_png and content[24:25] == b"\x10" else ""


def _why(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a PNG, JPEG or BMP image"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:120] or type(error).__name__
