"""Occlusion sensitivity: cover a part of the photo and see what becomes of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import torch
from torch import Tensor, nn

from explainer.attribution.scores import logits, many_logits
from explainer.progress import Progress

Box = tuple[int, int, int, int]
"""Top, left, bottom, right in input pixels, half-open."""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """The answers of a network with a patch at every place of a grid."""

    map: Tensor
    """What covering a pixel costs the class, float [H, W]: the mean fall of the score over the patches that
    cover it. Zero where none does."""
    table: Tensor
    """All class scores by place, float [rows, columns, classes]."""
    intact: Tensor
    """Class scores of the uncovered image, float [classes]."""
    boxes: tuple[tuple[Box, ...], ...]
    """The patch of each place, by row and column."""
    class_index: int

    @property
    def scores(self) -> Tensor:
        """Score of the class by place, float [rows, columns]."""
        return self.table[..., self.class_index]

    @cached_property
    def probabilities(self) -> Tensor:
        """Probability of the class by place, float [rows, columns]."""
        return self.table.softmax(-1)[..., self.class_index]


def places(height: int, width: int, size: int, stride: int) -> tuple[tuple[Box, ...], ...]:
    """Return the patches that cover a picture, by row and column; the last ones end at the border."""

    def starts(length: int) -> range:
        return range(0, (ceil(max(0, length - size) / stride) + 1) * stride, stride)

    return tuple(
        tuple((top, left, min(top + size, height), min(left + size, width)) for left in starts(width))
        for top in starts(height)
    )


def occlusion(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    *,
    size: int,
    stride: int,
    fill: Tensor | None = None,
    progress: Progress | None = None,
) -> Occlusion:
    """Slide a patch over the image and record the scores at every place.

    Zeiler and Fergus, 2014, Visualizing and understanding convolutional networks, section 4.2.

    Args:
        model: gives [N, classes]; only read.
        images: [1, C, H, W]; the first is explained.
        class_index: the class.
        size: side of the patch in input pixels.
        stride: step from place to place; larger than ``size``, pixels are left out.
        fill: what the patch shows, [1, C, H, W] or broadcastable to it (a colour, a blurred copy of the
            image); ``None`` for zeros as the network is fed them.
        progress: told the places done.
    """
    image = images[:1].detach()
    cover = torch.zeros_like(image) if fill is None else fill.detach().to(image).expand_as(image)
    height, width = image.shape[2:]
    grid = places(height, width, size, stride)
    boxes = [box for row in grid for box in row]

    def covered(numbers: Sequence[int]) -> Tensor:
        batch = image.repeat(len(numbers), 1, 1, 1)
        for one, number in zip(batch, numbers, strict=True):
            top, left, bottom, right = boxes[number]
            one[:, top:bottom, left:right] = cover[0, :, top:bottom, left:right]
        return batch

    with torch.no_grad():
        intact = logits(model, image)[0]
    table = many_logits(model, len(boxes), covered, image, progress)
    falls = intact[class_index] - table[:, class_index]
    total, times = torch.zeros(height, width), torch.zeros(height, width)
    for (top, left, bottom, right), fall in zip(boxes, falls.tolist(), strict=True):
        total[top:bottom, left:right] += fall
        times[top:bottom, left:right] += 1
    return Occlusion(
        map=total / times.clamp_min(1),
        table=table.view(len(grid), len(grid[0]), -1),
        intact=intact,
        boxes=grid,
        class_index=class_index,
    )
