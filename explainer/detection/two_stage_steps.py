"""Faster R-CNN (Ren, He, Girshick and Sun, 2015) step by step, by torchvision's own parts.

Every tensor here is the one from which the network itself goes on: the last step is what ``model([image])``
returns, bit for bit. Boxes are left, top, right, bottom. The input is what the backbone gets: resized and
padded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.models.detection.rpn import concat_box_prediction_layers
from torchvision.models.detection.transform import resize_boxes
from torchvision.ops import batched_nms, box_iou, clip_boxes_to_image, remove_small_boxes

from explainer.detection.detections import Detections
from explainer.detection.roi_align import Sampling, sampling

if TYPE_CHECKING:
    from torchvision.models.detection import FasterRCNN

_LEAST = 1e-2
"""Pixels that a refined box must have in each direction, in torchvision."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """The photo as the network gets it."""

    photo: tuple[int, int]
    """Height and width of the photo."""
    size: tuple[int, int]
    """Height and width after the resize."""
    factor: float
    """By which it was resized, before rounding to whole pixels."""
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """Of each channel, of values from 0 to 1: (value - mean) / std."""
    input: Tensor
    """float32 [1, 3, H, W]: normalised; zeros at the right and at the bottom fill it to a multiple of 32."""

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the input per pixel of the photo: to the right and down."""
        return self.size[1] / self.photo[1], self.size[0] / self.photo[0]


@dataclass(frozen=True, eq=False)
class Level:
    """One level of the pyramid (Lin et al., 2017), its anchors, and what the proposal network says of them.

    Of every place [row, column] there are A anchors; they are numbered place by place, row by row.
    """

    name: str
    stride: tuple[int, int]
    """Pixels of the input from one place to the next: down, right."""
    features: Tensor
    """float32 [C, h, w]"""
    first: int
    """Number of its first anchor among those of all levels."""
    anchors: Tensor
    """float32 [h, w, A, 4] on the input."""
    objectness: Tensor
    """float32 [h, w, A]: logits; their sigmoid is the score."""
    deltas: Tensor
    """float32 [h, w, A, 4]: dx, dy, dw, dh."""
    decoded: Tensor
    """float32 [h, w, A, 4]: the anchors moved and stretched by the deltas, not yet clipped to the image."""

    @property
    def count(self) -> int:
        """Return how many anchors it has."""
        return self.objectness.numel()


@dataclass(frozen=True, eq=False)
class Suppressed:
    """A non-maximum suppression: who stayed, and because of whom the others went."""

    keep: Tensor
    """int64 [k]: who stayed, the surest first."""
    by: Tensor
    """int64 [n]: the surest kept one that overlaps this one by more than the threshold; -1 for those kept."""


@dataclass(frozen=True, eq=False)
class Proposals:
    """From all anchors to the regions that the second stage looks at."""

    anchors: Tensor
    """int64 [n]: the anchors with the highest objectness of each level, as numbers among all."""
    levels: Tensor
    """int64 [n]: their levels."""
    boxes: Tensor
    """float32 [n, 4]: decoded, clipped to the image."""
    scores: Tensor
    """float32 [n]: sigmoid of the objectness."""
    dropped: int
    """How many of the highest were left out already: empty, or below the least objectness."""
    nms: Suppressed
    """Within each level; ``keep`` holds all that stayed."""
    limit: int
    """At most so many of them become proposals."""

    @property
    def kept(self) -> Tensor:
        """Return which of the n become proposals, the surest first: int64 [p]."""
        return self.nms.keep[: self.limit]


@dataclass(frozen=True, eq=False)
class Regions:
    """The second stage: every proposal read from the pyramid, named and refined."""

    boxes: Tensor
    """float32 [p, 4]: the proposals on the input."""
    levels: Tensor
    """int64 [p]: which of ``maps`` each is read from (Lin et al., 2017, equation 1)."""
    maps: tuple[int, ...]
    """The pyramid's levels that are read, as places in ``TwoStages.levels``."""
    scales: tuple[float, ...]
    """Cells per pixel of the input of each of ``maps``."""
    bins: tuple[int, int]
    ratio: int
    """Points of a bin in each direction."""
    pooled: Tensor
    """float32 [p, C, rows, columns]: what RoIAlign gives."""
    logits: Tensor
    """float32 [p, K + 1]: of the background, then of the classes."""
    scores: Tensor
    """float32 [p, K + 1]: their softmax."""
    deltas: Tensor
    """float32 [p, K + 1, 4]: one refinement for each class, before the coder's weights divide it."""
    refined: Tensor
    """float32 [p, K + 1, 4]: the refined boxes, clipped to the image."""


@dataclass(frozen=True, eq=False)
class Final:
    """From refined boxes to the answer."""

    regions: Tensor
    """int64 [m]: the proposal of each candidate (one proposal can give a candidate for each class)."""
    labels: Tensor
    """int64 [m]: its class, the background not counted."""
    boxes: Tensor
    """float32 [m, 4] on the input."""
    scores: Tensor
    """float32 [m], all above the least score."""
    nms: Suppressed
    """Within each class."""
    limit: int

    @property
    def kept(self) -> Tensor:
        """Return which candidates are the answer, the surest first: int64 [k]."""
        return self.nms.keep[: self.limit]


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a detection came from."""

    candidate: int
    region: int
    anchor: int
    """Among the anchors of all levels."""
    level: int
    row: int
    column: int
    which: int
    """Among the anchors of the place."""


@dataclass(frozen=True, eq=False)
class TwoStages:
    """Everything between a photo and its detections."""

    fitted: Fitted
    levels: tuple[Level, ...]
    proposals: Proposals
    regions: Regions
    final: Final
    result: Detections
    score: float
    iou: float
    rpn_iou: float
    """Threshold of the suppression among proposals."""
    rpn_weights: tuple[float, float, float, float]
    head_weights: tuple[float, float, float, float]
    """What divides dx, dy, dw, dh in each stage."""

    @property
    def anchor_count(self) -> int:
        """Return how many anchors there are on all levels."""
        return sum(level.count for level in self.levels)

    def place(self, anchor: int) -> tuple[int, int, int, int]:
        """Return level, row, column and place among its neighbours of an anchor numbered among all.

        Raises:
            IndexError: there is no such anchor.
        """
        for number, level in enumerate(self.levels):
            if level.first <= anchor < level.first + level.count:
                _, width, each = level.objectness.shape
                spot, which = divmod(anchor - level.first, each)
                return number, spot // width, spot % width, which
        raise IndexError(f"no anchor {anchor}")

    def origin(self, detection: int) -> Origin:
        """Return where the detection with this place in ``result`` came from."""
        candidate = int(self.final.kept[detection])
        region = int(self.final.regions[candidate])
        anchor = int(self.proposals.anchors[self.proposals.kept[region]])
        return Origin(candidate, region, anchor, *self.place(anchor))

    def sampling(self, region: int) -> Sampling:
        """Return the points at which RoIAlign reads a proposal."""
        found = self.regions
        level = int(found.levels[region])
        features = self.levels[found.maps[level]].features
        return sampling(
            found.boxes[region],
            found.scales[level],
            (features.shape[1], features.shape[2]),
            bins=found.bins,
            ratio=found.ratio,
        )


@torch.no_grad()
def run_steps(model: FasterRCNN, image: Tensor, *, score: float, iou: float) -> TwoStages:
    """Run the network step by step.

    Args:
        model: in evaluation mode; it stays as it is.
        image: float32 [3, H, W] from 0 to 1.
        score: least score of a detection, exclusive.
        iou: overlap above which of two detections of a class only the surer stays.
    """
    images, _ = model.transform([image])
    features: Any = model.backbone(images.tensors)
    if isinstance(features, Tensor):
        features = OrderedDict([("0", features)])
    levels = _levels(model, images, features)
    size = images.image_sizes[0]
    proposals = _propose(model.rpn, levels, size)
    regions = _look(model.roi_heads, features, proposals.boxes[proposals.kept], size)
    fitted = _fitted(model.transform, images, (image.shape[1], image.shape[2]))
    limit = model.roi_heads.detections_per_img
    final, result = _decide(regions, fitted, score, iou, limit)
    return TwoStages(
        fitted,
        levels,
        proposals,
        regions,
        final,
        result,
        score,
        iou,
        model.rpn.nms_thresh,
        tuple(model.rpn.box_coder.weights),
        tuple(model.roi_heads.box_coder.weights),
    )


def with_thresholds(stages: TwoStages, score: float, iou: float) -> TwoStages:
    """Return the same steps with another end, as if run with other thresholds."""
    if (score, iou) == (stages.score, stages.iou):
        return stages
    final, result = _decide(stages.regions, stages.fitted, score, iou, stages.final.limit)
    return replace(stages, final=final, result=result, score=score, iou=iou)


def _fitted(transform: Any, images: Any, photo: tuple[int, int]) -> Fitted:
    factor = min(transform.min_size[-1] / min(photo), transform.max_size / max(photo))
    height, width = images.image_sizes[0]
    return Fitted(
        photo,
        (int(height), int(width)),
        factor,
        tuple(transform.image_mean),
        tuple(transform.image_std),
        images.tensors,
    )


def _levels(model: FasterRCNN, images: Any, features: dict[str, Tensor]) -> tuple[Level, ...]:
    """Return what the proposal network says of every anchor."""
    maps = list(features.values())
    objectness, deltas = model.rpn.head(maps)
    anchors = model.rpn.anchor_generator(images, maps)
    sizes = [(*each.shape[2:], each.shape[1]) for each in objectness]
    logits, offsets = concat_box_prediction_layers(objectness, deltas)
    decoded = model.rpn.box_coder.decode(offsets, anchors).reshape(-1, 4)
    height, width = images.tensors.shape[-2:]
    found, first = [], 0
    for name, (h, w, each) in zip(features, sizes, strict=True):
        part = slice(first, first + h * w * each)
        found.append(
            Level(
                name,
                (height // h, width // w),
                features[name][0],
                first,
                anchors[0][part].reshape(h, w, each, 4),
                logits[part].reshape(h, w, each),
                offsets[part].reshape(h, w, each, 4),
                decoded[part].reshape(h, w, each, 4),
            )
        )
        first = part.stop
    return tuple(found)


def _propose(rpn: Any, levels: tuple[Level, ...], size: tuple[int, int]) -> Proposals:
    """Do what ``rpn.filter_proposals`` does, and keep what it forgets."""
    counts = [level.count for level in levels]
    logits = torch.cat([level.objectness.flatten() for level in levels])
    decoded = torch.cat([level.decoded.reshape(-1, 4) for level in levels])
    number = torch.repeat_interleave(torch.arange(len(levels)), torch.tensor(counts))
    top = rpn._get_top_n_idx(logits[None], counts)[0]
    scores, boxes = torch.sigmoid(logits[top]), clip_boxes_to_image(decoded[top], size)
    usable = remove_small_boxes(boxes, rpn.min_size)
    usable = usable[scores[usable] >= rpn.score_thresh]
    anchors, boxes, scores = top[usable], boxes[usable], scores[usable]
    return Proposals(
        anchors,
        number[anchors],
        boxes,
        scores,
        len(top) - len(usable),
        suppress(boxes, scores, number[anchors], rpn.nms_thresh),
        rpn.post_nms_top_n(),
    )


def _look(heads: Any, features: dict[str, Tensor], boxes: Tensor, size: tuple[int, int]) -> Regions:
    pool = heads.box_roi_pool
    pooled = pool(features, [boxes], [size])
    logits, deltas = heads.box_predictor(heads.box_head(pooled))
    refined = clip_boxes_to_image(heads.box_coder.decode(deltas, [boxes]), size)
    names = [name for name in features if name in pool.featmap_names]
    several = len(names) > 1
    return Regions(
        boxes,
        pool.map_levels([boxes]) if several else torch.zeros(len(boxes), dtype=torch.int64),
        tuple(list(features).index(name) for name in names),
        tuple(pool.scales),
        tuple(pool.output_size),
        pool.sampling_ratio,
        pooled,
        logits,
        F.softmax(logits, -1),
        deltas.reshape(len(boxes), -1, 4),
        refined.reshape(len(boxes), -1, 4),
    )


def _decide(
    regions: Regions, fitted: Fitted, score: float, iou: float, limit: int
) -> tuple[Final, Detections]:
    """Do what ``roi_heads.postprocess_detections`` and ``transform.postprocess`` do."""
    classes = regions.scores.shape[1] - 1
    boxes = regions.refined[:, 1:].reshape(-1, 4)
    scores = regions.scores[:, 1:].reshape(-1)
    sure = torch.where(scores > score)[0]
    sure = sure[remove_small_boxes(boxes[sure], _LEAST)]
    boxes, scores, labels = boxes[sure], scores[sure], sure % classes
    # torchvision counts the background: its labels begin with 1, which the suppression's rounding can see.
    final = Final(sure // classes, labels, boxes, scores, suppress(boxes, scores, labels + 1, iou), limit)
    kept = final.kept
    placed = resize_boxes(boxes[kept], list(fitted.size), list(fitted.photo))
    return final, Detections(placed, labels[kept], scores[kept])


def suppress(boxes: Tensor, scores: Tensor, groups: Tensor, iou: float) -> Suppressed:
    """Suppress within groups as ``torchvision.ops.batched_nms`` does, and say who went because of whom."""
    keep = batched_nms(boxes, scores, groups, iou)
    by = torch.full((len(boxes),), -1, dtype=torch.int64)
    gone = torch.ones(len(boxes), dtype=torch.bool)
    gone[keep] = False
    for group in groups[gone].unique():
        kept = keep[groups[keep] == group]
        rest = torch.where(gone & (groups == group))[0]
        overlap = box_iou(boxes[kept], boxes[rest]).double()  # as torchvision compares
        # Where rounding hides the one above the threshold, the largest overlap is the one.
        first = torch.where((overlap > iou).any(0), (overlap > iou).float().argmax(0), overlap.argmax(0))
        by[rest] = kept[first]
    return Suppressed(keep, by)
