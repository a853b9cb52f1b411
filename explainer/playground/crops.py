"""A small labelled set that needs no download: crops of sample photographs, the question is of which one.

Every crop is drawn anew: a square of 32 to 160 pixels somewhere in the photograph, scaled to 32 x 32 and
mirrored half of the time. It is no benchmark, only something real that a network can learn in a few steps.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.samples import sample

CLASSES = ("chelsea", "coffee", "astronaut", "rocket", "camera", "coins", "brick", "grass")
"""Keys of the photographs, in order of the labels."""
SIDE = 32
_SMALLEST, _LARGEST = 32, 160


@cache
def _photographs() -> tuple[Tensor, ...]:
    """Return the photographs as float [3, H, W] in 0..1."""
    pictures = (np.asarray(sample(key).load().convert("RGB")) for key in CLASSES)
    return tuple(torch.from_numpy(p.copy()).permute(2, 0, 1).float() / 255 for p in pictures)


def batch(count: int, seed: int, number: int = 0) -> tuple[Tensor, Tensor]:
    """Return images [count, 3, 32, 32], about zero mean and unit variance, and labels [count].

    Args:
        count: how many.
        seed: of the set.
        number: which batch of the set.
    """
    generator = torch.Generator().manual_seed(seed * 100_003 + number)

    def draw(high: int) -> int:
        return int(torch.randint(max(1, high), (), generator=generator))

    images, labels = [], torch.randint(len(CLASSES), (count,), generator=generator)
    for label in labels.tolist():
        photo = _photographs()[label]
        height, width = photo.shape[1:]
        side = min(_SMALLEST + draw(_LARGEST - _SMALLEST + 1), height, width)
        top, left = draw(height - side + 1), draw(width - side + 1)
        crop = photo[:, top : top + side, left : left + side]
        small = F.interpolate(crop[None], size=(SIDE, SIDE), mode="area")[0]
        images.append(small.flip(2) if draw(2) else small)
    return (torch.stack(images) - 0.45) / 0.25, labels
