"""What every detector takes and gives, whatever is inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Picture = NDArray[np.uint8]
"""A photograph or a frame: [H, W, 3], RGB, of any size."""


@dataclass(frozen=True, eq=False)
class Detections:
    """What was found on one picture, the surest first."""

    boxes: Tensor
    """float32 [n, 4]: left, top, right, bottom in pixels of the picture, inside of it."""
    labels: Tensor
    """int64 [n]: places in the detector's ``classes``."""
    scores: Tensor
    """float32 [n]."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.scores)


class Detector(Protocol):
    """A network with its weights, its class names and what comes before and after it."""

    key: str
    """Its name in the catalogue."""
    classes: tuple[str, ...]
    trained: bool
    """Whether the weights are trained ones; random ones are shown as such."""
    model: nn.Module
    """Shared between readers: nothing changes it."""
    side: int
    """Of the square that pictures are fitted into unless another is asked for; in pixels."""

    def detect(
        self, images: Sequence[Picture], *, score: float = 0.25, iou: float = 0.45, side: int | None = None
    ) -> list[Detections]:
        """Return what is on each picture.

        Args:
            images: of any sizes.
            score: least score of a detection.
            iou: overlap from which of two boxes of one class only the surer stays.
            side: another input size, a multiple of 32; ignored by networks that have but one.
        """
        ...

    def stages(self, image: Picture, *, score: float = 0.25, iou: float = 0.45) -> Any:
        """Return everything between a picture and its detections (``YoloStages``, ``TwoStages``)."""
        ...
