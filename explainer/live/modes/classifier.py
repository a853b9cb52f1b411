"""What a classifier's modes share: the frame as the network gets it, and which part of the frame that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image

from explainer.detection.detections import Picture
from explainer.live.drawing import LIGHT, outline, shade

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.models import LoadedModel
    from explainer.models.preprocessing import Preprocessing

_OUTSIDE = 0.5
"""Share of its light that the part keeps that the network does not see."""


@dataclass(frozen=True)
class View:
    """The part of a frame that the network sees, as shares of width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, frame: Picture) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom in a frame's pixels; right and bottom are the first outside."""
        height, width = frame.shape[:2]
        across = (round(self.left * width), round(self.right * width))
        down = (round(self.top * height), round(self.bottom * height))
        return across[0], down[0], max(across[1], across[0] + 1), max(down[1], down[0] + 1)

    def mark(self, frame: Picture) -> None:
        """Darken what the network does not see, in place."""
        left, top, right, bottom = self.pixels(frame)
        height, width = frame.shape[:2]
        if (left, top, right, bottom) == (0, 0, width, height):
            return
        for box in ((0, 0, left, height), (right, 0, width, height), (left, 0, right, top)):
            shade(frame, box, _OUTSIDE)
        shade(frame, (left, bottom, right, height), _OUTSIDE)
        outline(frame, (left, top, right - 1, bottom - 1), LIGHT, 1)


def prepare(loaded: LoadedModel, frame: Picture) -> tuple[Tensor, View]:
    """Return the network's input [1, C, H, W] for a frame, and which part of the frame it shows."""
    images = loaded.preprocessing.apply(Image.fromarray(frame))
    return images, view(loaded.preprocessing, (frame.shape[1], frame.shape[0]))


@lru_cache(16)
def view(preprocessing: Preprocessing, size: tuple[int, int]) -> View:
    """Return the part of a frame of (width, height) that a network is fed."""
    place = preprocessing.geometry(size)
    left, top, right, bottom = place.to_photo((0, 0, *place.size))
    width, height = size
    return View(
        max(0.0, left / width), max(0.0, top / height), min(1.0, right / width), min(1.0, bottom / height)
    )
