"""SSD (Liu et al., 2016) step by step, by torchvision's own parts: one stage, for comparison with two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import clip_boxes_to_image

from explainer.detection.detections import Detections
from explainer.detection.two_stage_steps import Suppressed, suppress

if TYPE_CHECKING:
    from torchvision.models.detection.ssd import SSD


@dataclass(frozen=True, eq=False)
class SsdStages:
    """What happens between a picture and its detections in one stage."""

    size: tuple[int, int]
    """Height and width of the network's input."""
    grids: tuple[tuple[int, int], ...]
    """Rows and columns of each map that is read."""
    anchors: Tensor
    """float32 [n, 4]: the default boxes on the input."""
    scores: Tensor
    """float32 [n, K + 1]: softmax over background and classes."""
    decoded: Tensor
    """float32 [n, 4]: default boxes moved and stretched, clipped to the image."""
    over: int
    """How many pairs of a box and a class are above the least score."""
    candidates: Tensor
    """int64 [m]: the boxes that are compared, at most ``topk_candidates`` of each class."""
    labels: Tensor
    """int64 [m]: their classes, the background not counted."""
    nms: Suppressed
    """Within each class."""
    result: Detections


@torch.no_grad()
def run_ssd(model: SSD, image: Tensor, *, score: float, iou: float) -> SsdStages:
    """Run the network step by step.

    Args:
        model: in evaluation mode; it stays as it is.
        image: float32 [3, H, W] from 0 to 1.
        score: least score of a detection, exclusive.
        iou: overlap above which of two detections of a class only the surer stays.
    """
    images, _ = model.transform([image])
    features: Any = model.backbone(images.tensors)
    maps = [features] if isinstance(features, Tensor) else list(features.values())
    outputs = model.head(maps)
    anchors = model.anchor_generator(images, maps)[0]
    size = images.image_sizes[0]
    scores = F.softmax(outputs["cls_logits"], -1)[0]
    boxes = clip_boxes_to_image(model.box_coder.decode_single(outputs["bbox_regression"][0], anchors), size)
    chosen, labels, over = [], [], 0
    for label in range(1, scores.shape[1]):
        sure = torch.where(scores[:, label] > score)[0]
        over += len(sure)
        best = scores[sure, label].topk(min(len(sure), model.topk_candidates)).indices
        chosen.append(sure[best])
        labels.append(torch.full_like(best, label))
    candidates, names = torch.cat(chosen), torch.cat(labels)
    nms = suppress(boxes[candidates], scores[candidates, names], names, iou)
    kept = nms.keep[: model.detections_per_img]
    found = {"boxes": boxes[candidates[kept]]}
    photo = (image.shape[1], image.shape[2])
    placed = model.transform.postprocess([found], [size], [photo])[0]["boxes"]
    return SsdStages(
        (int(size[0]), int(size[1])),
        tuple((each.shape[2], each.shape[3]) for each in maps),
        anchors,
        scores,
        boxes,
        over,
        candidates,
        names - 1,
        nms,
        Detections(placed, names[kept] - 1, scores[candidates[kept], names[kept]]),
    )
