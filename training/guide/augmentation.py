"""The levels of augmentation: how far a training image is changed at random (guide, sections 5 and 11)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """Ranges of the random changes; every one is drawn evenly from its range, on its own."""

    flip: bool = False
    """Mirrored left to right, every other time; never upside down, which few objects are seen as."""
    shift: float = 0.0
    """Largest shift, in sides of the image, each way and in each direction."""
    degrees: float = 0.0
    """Largest turn either way."""
    zoom: float = 1.0
    """Largest magnification; the least is 1 / zoom, and both are equally likely."""
    tone: float = 0.0
    """Brightness is moved by up to this part of the range from black to white, contrast changed by this factor - 1."""
    erase: float = 0.0
    """Probability that a rectangle is erased."""

    @property
    def still(self) -> bool:
        """Whether images stay as they are."""
        return self == Level()

    @property
    def interpolates(self) -> bool:
        """Whether pixels land between pixels; if not, they are moved by whole ones and stay as sharp as they were."""
        return self.degrees > 0 or self.zoom > 1


LEVELS = {
    "none": Level(),
    # Safe for anything, text and X-rays too: what an image shows is not turned into something else.
    "light": Level(shift=0.1, tone=0.1),
    # What photographs of one object differ by. A shift of an eighth is the padded crop of CIFAR (He et al., 2016).
    "medium": Level(flip=True, shift=0.125, degrees=10, zoom=1.1, tone=0.2),
    # For small data that are overfitted: what a person still recognises at once.
    "strong": Level(flip=True, shift=0.15, degrees=20, zoom=1.25, tone=0.3, erase=0.5),
}

NEVER_MIRRORED = ("digits", "byteplot")
"""A mirrored 2 is no digit, and a mirrored byteplot no file: its bytes are read from left to right."""
