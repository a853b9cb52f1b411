"""Images of a data set as a screen shows them."""

from __future__ import annotations

import numpy as np
from torch import Tensor


def rgb(image: Tensor) -> np.ndarray:
    """Return an image uint8 [C, H, W] of one channel or three as red, green and blue, uint8 [H, W, 3]."""
    return np.ascontiguousarray(image.expand(3, -1, -1).permute(1, 2, 0).numpy())
