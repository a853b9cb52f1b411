"""Boxes: how far two of them overlap, and how many candidates become one detection, step by step.

Boxes are float [n, 4]: left, top, right, bottom, as in ``torchvision.ops``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Decay = Literal["linear", "gaussian"]
"""How soft-NMS lowers a score: ``1 - IoU`` above the threshold, or ``exp(-IoU² / sigma)`` everywhere."""


@dataclass(frozen=True, eq=False)
class Round:
    """One round of non-maximum suppression: the surest box that is left stays and suppresses others."""

    keeper: int
    """The box that stays."""
    overlaps: Tensor
    """[n]: IoU of the keeper with every box still there, of whatever class; -1 elsewhere and for itself."""
    suppressed: tuple[int, ...]
    """The boxes that go, the surest first."""


@dataclass(frozen=True, eq=False)
class SoftRound:
    """One round of soft-NMS: the surest box that is left is done, the scores of the others sink."""

    keeper: int
    overlaps: Tensor
    """[n]: IoU of the keeper with every box still there, of whatever class; -1 elsewhere and for itself."""
    before: Tensor
    """[n]: all scores before the round; of a box that is done, the one that it was done with."""
    after: Tensor
    """[n]: all scores after the round."""
    dropped: tuple[int, ...]
    """Boxes whose score has sunk below the least one, the surest first."""


@dataclass(frozen=True)
class Overlap:
    """Two boxes and every area that says how well they agree."""

    areas: tuple[float, float]
    """Of both boxes."""
    shared: tuple[float, float, float, float] | None
    """The box that both have in common; None where they have none."""
    intersection: float
    """Area of that box."""
    enclosing: tuple[float, float, float, float]
    """The smallest box that holds both."""
    enclosed: float
    """Area of that box."""
    distance: float
    """Between both centres."""
    diagonal: float
    """Of the enclosing box."""

    @property
    def union(self) -> float:
        """Return the area that either covers."""
        return self.areas[0] + self.areas[1] - self.intersection

    @property
    def iou(self) -> float:
        """Return intersection over union; 0 where both boxes are empty."""
        return self.intersection / self.union if self.union else 0.0

    @property
    def giou(self) -> float:
        """Return generalised IoU (Rezatofighi et al., 2019, algorithm 1): less for empty space between."""
        return self.iou - ((self.enclosed - self.union) / self.enclosed if self.enclosed else 0.0)

    @property
    def diou(self) -> float:
        """Return distance IoU (Zheng et al., 2020, equation 7): less for centres that lie apart."""
        return self.iou - ((self.distance / self.diagonal) ** 2 if self.diagonal else 0.0)


def overlap(a: Sequence[float], b: Sequence[float]) -> Overlap:
    """Return how two boxes (left, top, right, bottom) lie to each other."""
    left, top, right, bottom = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    meet = right > left and bottom > top
    enclosing = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    width, height = enclosing[2] - enclosing[0], enclosing[3] - enclosing[1]
    return Overlap(
        areas=((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])),
        shared=(left, top, right, bottom) if meet else None,
        intersection=(right - left) * (bottom - top) if meet else 0.0,
        enclosing=enclosing,
        enclosed=width * height,
        distance=math.hypot(a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3]) / 2,
        diagonal=math.hypot(width, height),
    )


def iou_matrix(a: Tensor, b: Tensor) -> Tensor:
    """Return the IoU [n, m] of every box of ``a`` with every box of ``b``; 0 where both are empty.

    Otherwise equal to ``torchvision.ops.box_iou``, which gives NaN there.
    """
    areas_a, areas_b = _areas(a), _areas(b)
    corner = torch.maximum(a[:, None, :2], b[:, :2])
    size = (torch.minimum(a[:, None, 2:], b[:, 2:]) - corner).clamp(min=0)
    shared = size[..., 0] * size[..., 1]
    found = shared / (areas_a[:, None] + areas_b - shared)
    return found.masked_fill(found.isnan(), 0)


def nms_rounds(boxes: Tensor, scores: Tensor, iou: float, labels: Tensor | None = None) -> tuple[Round, ...]:
    """Return non-maximum suppression round by round.

    The keepers, in their order, are ``torchvision.ops.nms(boxes, scores, iou)``, with ``labels`` those of
    ``batched_nms``: of equal scores the first box comes first, and a box goes when its IoU is *greater* than
    ``iou``.

    Args:
        boxes: float [n, 4].
        scores: float [n].
        iou: the threshold, 0 to 1.
        labels: int [n]; with them, a box suppresses only boxes of its own class.
    """
    order = scores.argsort(descending=True, stable=True).tolist()
    there = torch.ones(len(boxes), dtype=torch.bool)
    rounds = []
    for keeper in order:
        if not there[keeper]:
            continue
        there[keeper] = False
        overlaps = _overlaps(boxes, keeper, there)
        gone = _greater(overlaps, iou) & _rivals(labels, keeper, there)
        rounds.append(Round(keeper, overlaps, tuple(one for one in order if gone[one])))
        there &= ~gone
    return tuple(rounds)


def soft_nms(
    boxes: Tensor,
    scores: Tensor,
    decay: Decay = "gaussian",
    *,
    iou: float = 0.3,
    sigma: float = 0.5,
    least: float = 0.001,
    labels: Tensor | None = None,
) -> tuple[SoftRound, ...]:
    """Return soft-NMS (Bodla, Singh, Chellappa and Davis, 2017, figure 2) round by round.

    Nothing is suppressed outright: the score of each box still there sinks the more, the more it overlaps
    the surest one. The rounds' keepers are what stays, ``after[keeper]`` their new scores.

    Args:
        boxes: float [n, 4].
        scores: float [n].
        decay: what a score is multiplied by: "linear" ``1 - IoU`` where the IoU is greater than ``iou`` (as
            in the authors' code; the paper writes "at least"), "gaussian" ``exp(-IoU² / sigma)``.
        iou: threshold of the linear decay.
        sigma: width of the Gaussian decay.
        least: a box whose score sinks below it is dropped.
        labels: int [n]; with them, a box lowers only scores of its own class.
    """
    now = scores.clone()
    there = now >= least
    rounds = []
    while there.any():
        keeper = int(now.masked_fill(~there, -math.inf).argmax())
        there[keeper] = False
        overlaps = _overlaps(boxes, keeper, there)
        rivals = _rivals(labels, keeper, there)
        if decay == "linear":
            factor = torch.where(_greater(overlaps, iou), 1 - overlaps, 1.0)
        else:
            factor = torch.exp(-overlaps.square() / sigma)
        before, now = now, torch.where(rivals, now * factor, now)
        dropped = there & (now < least)
        there &= ~dropped
        falling = now.argsort(descending=True, stable=True).tolist()
        rounds.append(SoftRound(keeper, overlaps, before, now, tuple(one for one in falling if dropped[one])))
    return tuple(rounds)


def _areas(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _overlaps(boxes: Tensor, keeper: int, there: Tensor) -> Tensor:
    row = iou_matrix(boxes[keeper : keeper + 1], boxes)[0]
    return row.masked_fill(~there, -1)


def _greater(overlaps: Tensor, iou: float) -> Tensor:
    # Compared as float64, as torchvision does: float32(0.1) is a little greater than the 0.1 asked for.
    return overlaps.double() > iou


def _rivals(labels: Tensor | None, keeper: int, there: Tensor) -> Tensor:
    """Return whom the keeper may suppress: all that are there, or all of its class."""
    return there if labels is None else there & (labels == labels[keeper])
