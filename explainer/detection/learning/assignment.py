"""SimOTA: which cells learn to find which object (Ge et al., 2021, YOLOX, section 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import box_iou

RADIUS = 2.5
"""How far from an object's centre a cell may be to be a candidate, in strides."""
CANDIDATES = 10
"""Best overlaps that are added up to say how many cells an object gets."""
_OUTSIDE = 1e5


@dataclass(frozen=True, eq=False)
class Assignment:
    """The cells of one picture that have an object to find."""

    cells: Tensor
    """int64 [positives]: which cells."""
    objects: Tensor
    """int64 [positives]: the object of each."""
    overlap: Tensor
    """float [positives]: how well each finds it at present (IoU)."""


@torch.no_grad()
def assign(
    boxes: Tensor, labels: Tensor, found: Tensor, scores: Tensor, places: Tensor, strides: Tensor
) -> Assignment:
    """Return which cells answer for which objects.

    A cell whose centre lies in an object's box or near the box's centre is a candidate. An object gets the
    candidates that it costs least to turn into it, as many as their overlaps add up to; a cell that two
    objects want goes to the cheaper.

    Args:
        boxes: float [objects, 4] of the objects, in input pixels.
        labels: int64 [objects].
        found: float [cells, 4], the boxes that the cells predict now.
        scores: float [cells, classes], probabilities: of being an object times of the class.
        places: float [cells, 2] and
        strides: float [cells, 1] of the cells.
    """
    none = torch.zeros(0, dtype=torch.int64, device=boxes.device)
    if not len(boxes):
        return Assignment(none, none, boxes.new_zeros(0))
    centres = (places + 0.5) * strides
    inside = _inside(centres, boxes)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = (centres[None] - middle[:, None]).abs().amax(-1) < RADIUS * strides[:, 0]
    candidates = (inside | near).any(0).nonzero()[:, 0]
    inside, near = inside[:, candidates], near[:, candidates]

    overlap = box_iou(boxes, found[candidates])
    wanted = F.one_hot(labels, scores.shape[1]).float()
    given = scores[candidates].clamp(1e-7, 1 - 1e-7).sqrt()
    named = -(wanted @ given.log().T + (1 - wanted) @ (1 - given).log().T)
    cost = named - 3 * (overlap + 1e-8).log() + _OUTSIDE * ~(inside & near)

    count = overlap.topk(min(CANDIDATES, len(candidates)), 1).values.sum(1).int().clamp(min=1)
    chosen = torch.zeros_like(cost, dtype=torch.bool)
    for number, k in enumerate(count.tolist()):
        chosen[number, cost[number].topk(k, largest=False).indices] = True
    contested = chosen.sum(0) > 1
    cheapest = cost[:, contested].argmin(0)
    chosen[:, contested] = F.one_hot(cheapest, len(boxes)).T.bool()

    taken = chosen.any(0)
    objects = chosen[:, taken].int().argmax(0)
    return Assignment(candidates[taken], objects, overlap[objects, taken.nonzero()[:, 0]])


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    """Return bool [boxes, points]."""
    after = (points[None] > boxes[:, None, :2]).all(-1)
    return after & (points[None] < boxes[:, None, 2:]).all(-1)
