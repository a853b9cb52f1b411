"""What a YOLOX network is taught by (Ge et al., 2021, section 2.1)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.detection.learning.assignment import assign
from explainer.detection.yolox import decode

BOX_WEIGHT = 5.0
"""Of the boxes' loss against the others."""


def yolox_loss(
    raw: Tensor,
    targets: Sequence[tuple[Tensor, Tensor]],
    places: Tensor,
    strides: Tensor,
) -> dict[str, Tensor]:
    """Return the parts of the loss, each divided by the number of cells with an object.

    Boxes: 1 - IoU²; objectness and classes: binary cross entropy, the class aimed at the cell's IoU; and
    ``l1``, which pulls at tx, ty, tw and th themselves and is meant for the last epochs.

    Args:
        raw: float [N, cells, 5 + classes], as the network returns it.
        targets: for each picture boxes float [objects, 4] in input pixels and labels int64 [objects].
        places: float [cells, 2] and
        strides: float [cells, 1] of the cells.
    """
    raw = raw.float()
    found = decode(raw, places, strides)
    probabilities = raw[..., 5:].detach().sigmoid() * raw[..., 4:5].detach().sigmoid()
    classes = raw.shape[2] - 5
    is_object = torch.zeros_like(raw[..., 4])
    box = name = l1 = raw.sum() * 0
    positives = 0
    for n, (boxes, labels) in enumerate(targets):
        given = assign(boxes, labels, found[n].detach(), probabilities[n], places, strides)
        if not len(given.cells):
            continue
        positives += len(given.cells)
        is_object[n, given.cells] = 1
        wanted = boxes[given.objects]
        box = box + (1 - paired_iou(found[n, given.cells], wanted) ** 2).sum()
        aim = F.one_hot(labels[given.objects], classes).float() * given.overlap[:, None]
        name = name + F.binary_cross_entropy_with_logits(raw[n, given.cells, 5:], aim, reduction="sum")
        exact = encode(wanted, places[given.cells], strides[given.cells])
        l1 = l1 + F.l1_loss(raw[n, given.cells, :4], exact, reduction="sum")
    objectness = F.binary_cross_entropy_with_logits(raw[..., 4], is_object, reduction="sum")
    count = max(positives, 1)
    return {
        "box": BOX_WEIGHT * box / count,
        "objectness": objectness / count,
        "class": name / count,
        "l1": l1 / count,
    }


def encode(boxes: Tensor, places: Tensor, strides: Tensor) -> Tensor:
    """Return the tx, ty, tw, th that ``decode`` makes these boxes of; all [..., 4 or 2 or 1]."""
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    size = boxes[..., 2:] - boxes[..., :2]
    return torch.cat((centre / strides - places, (size / strides + 1e-8).log()), -1)


def paired_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the IoU of each box with the one in the same place; float [n, 4] twice to [n]."""
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    common = (high - low).clamp(min=0).prod(1)
    areas = (first[:, 2:] - first[:, :2]).prod(1) + (second[:, 2:] - second[:, :2]).prod(1)
    return common / (areas - common + 1e-9)
