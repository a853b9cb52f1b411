"""RoIAlign (He, Gkioxari, Dollár and Girshick, 2017, section 3) point by point.

A box is laid on a feature map without rounding and cut into bins. In every bin the map is read at a few
regularly spaced points by bilinear interpolation; the bin's value is their mean. torchvision's operator does
the sums; here is where it reads, so that they can be done by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Sampling:
    """Where one box is read on one feature map.

    Bins are counted [row, column], the points in a bin likewise.
    """

    box: Tensor
    """float32 [4]: left, top, right, bottom on the map; a cell's value stands at its row and column."""
    points: Tensor
    """float32 [rows, columns, r, r, 2]: x and y of each point on the map."""
    corners: Tensor
    """int64 [rows, columns, r, r, 4, 2]: x and y of the four cells around a point: left above, right above,
    left below, right below."""
    weights: Tensor
    """float32 [rows, columns, r, r, 4]: what each of those cells counts; they add up to 1, or to 0 for a
    point that lies more than a cell beside the map."""

    def read(self, features: Tensor) -> Tensor:
        """Return the map's values at the points.

        Args:
            features: [C, H, W].

        Returns:
            [C, rows, columns, r, r]
        """
        x, y = self.corners.unbind(-1)
        return (features[:, y, x] * self.weights).sum(-1)

    def pool(self, features: Tensor) -> Tensor:
        """Return the mean of each bin's points: [C, rows, columns]."""
        return self.read(features).mean((-2, -1))


def sampling(
    box: Tensor, scale: float, size: tuple[int, int], *, bins: tuple[int, int] = (7, 7), ratio: int = 2
) -> Sampling:
    """Return where ``torchvision.ops.roi_align(..., aligned=False)`` reads a box.

    Args:
        box: [4] in pixels of the network's input.
        scale: cells of the map per pixel of the input, such as 1 / 16.
        size: height and width of the map.
        bins: rows and columns.
        ratio: points of a bin in each direction; 0 or less: as many as cells it reaches over.
    """
    left, top, right, bottom = (box.float() * scale).unbind()
    x, corner_x, weight_x = _along(left, right, bins[1], ratio, size[1])
    y, corner_y, weight_y = _along(top, bottom, bins[0], ratio, size[0])
    rows, columns, down, across = len(y), len(x), y.shape[1], x.shape[1]
    shape = (rows, columns, down, across)
    every_x = x[None, :, None, :].expand(shape)
    every_y = y[:, None, :, None].expand(shape)
    corners = [
        torch.stack(
            (
                corner_x[None, :, None, :, i].expand(shape),
                corner_y[:, None, :, None, j].expand(shape),
            ),
            -1,
        )
        for j in (0, 1)
        for i in (0, 1)
    ]
    weights = [weight_y[:, None, :, None, j] * weight_x[None, :, None, :, i] for j in (0, 1) for i in (0, 1)]
    return Sampling(
        torch.stack((left, top, right, bottom)),
        torch.stack((every_x, every_y), -1),
        torch.stack(corners, -2),
        torch.stack(weights, -1),
    )


def _along(start: Tensor, end: Tensor, bins: int, ratio: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return points [bins, r], the two cells around each [bins, r, 2] and their weights in one direction."""
    length = (end - start).clamp(min=1.0)  # as the operator does without ``aligned``
    step = length / bins
    count = ratio if ratio > 0 else max(1, int(torch.ceil(step)))
    place = torch.arange(bins)[:, None] * step + (torch.arange(count) + 0.5)[None] * step / count
    points = start + place
    inside = (points >= -1) & (points <= size)
    held = points.clamp(min=0)
    low = held.floor().long().clamp(max=size - 1)
    high = (low + 1).clamp(max=size - 1)
    share = torch.where(low >= size - 1, torch.zeros(()), held - low)
    weights = torch.stack((1 - share, share), -1) * inside[..., None]
    return points, torch.stack((low, high), -1), weights
