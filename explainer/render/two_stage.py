"""What the view of a two-stage detector is sent: small maps, the surest boxes, the numbers of one of each."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from explainer.detection.two_stage_steps import Level, TwoStages

MOST = 300
"""So many proposals, and so many of the suppressed ones, are sent."""
_SIDE = 800
"""Pixels of the longer side of the photo that is sent."""
MEAN = -1
"""In place of a channel: the mean of all."""
UNCHOSEN, SUPPRESSED, BEYOND, PROPOSAL = range(4)
"""What became of an anchor: not among the surest of its level, suppressed, surplus, or a proposal."""


@dataclass(frozen=True)
class Look:
    """What the reader looks at."""

    channel: int = MEAN
    """Of the pyramid."""
    region: int = 0
    """A proposal, the surest is 0."""
    spot: tuple[int, int, int, int] | None = None
    """Level, row, column and which of the anchors there; without, the one that became the proposal."""
    pixel: tuple[int, int] | None = None
    """Column and row in the network's input; without, the middle."""


def opening(stages: TwoStages) -> Look:
    """Return what to look at first: the proposal behind the surest detection."""
    return Look(region=stages.origin(0).region if len(stages.result) else 0)


def fit_look(stages: TwoStages, look: Look) -> Look:
    """Return the look with all that is not there replaced by what is."""
    regions = len(stages.regions.boxes)
    channels = stages.levels[0].features.shape[0]
    region = look.region if 0 <= look.region < regions else 0
    spot = look.spot
    if spot is not None:
        level = stages.levels[spot[0]] if 0 <= spot[0] < len(stages.levels) else None
        inside = level is not None and all(
            0 <= at < size for at, size in zip(spot[1:], level.objectness.shape, strict=True)
        )
        spot = spot if inside else None
    if spot is None:
        spot = _place_of(stages, region) if regions else (0, 0, 0, 0)
    height, width = stages.fitted.input.shape[2:]
    x, y = look.pixel or (stages.fitted.size[1] // 2, stages.fitted.size[0] // 2)
    pixel = (min(max(x, 0), width - 1), min(max(y, 0), height - 1))
    return Look(look.channel if 0 <= look.channel < channels else MEAN, region, spot, pixel)


def frame(
    stages: TwoStages, photo: NDArray[np.uint8], classes: tuple[str, ...], look: Look, *, identity: str
) -> dict[str, Any]:
    """Return the view's frame without its texts and state.

    Args:
        stages: of the photo.
        photo: uint8 [H, W, 3].
        classes: names, the background not counted.
        look: what the reader looks at, already fitted.
        identity: the same for the same photo in the same network with the same thresholds.
    """
    spot = look.spot or (0, 0, 0, 0)
    ranks = _ranks(stages)
    return {
        "identity": identity,
        "photo": _photo(photo),
        "fitted": _fitted(stages, look.pixel or (0, 0)),
        "classes": list(classes),
        "channel": look.channel,
        "channels": int(stages.levels[0].features.shape[0]),
        "levels": [_level(stages, number, look.channel) for number in range(len(stages.levels))],
        "counts": counts(stages),
        "rpnIou": stages.rpn_iou,
        "iou": stages.iou,
        "score": stages.score,
        "weights": {"rpn": list(stages.rpn_weights), "head": list(stages.head_weights)},
        "regions": _regions(stages, ranks),
        "rejected": _rejected(stages),
        "candidates": _candidates(stages),
        "result": _result(stages),
        "spot": _spot(stages, spot),
        "region": _region(stages, look.region, look.channel) if len(ranks) else None,
    }


def counts(stages: TwoStages) -> dict[str, int]:
    """Return how many boxes there are at each step."""
    return {
        "anchors": stages.anchor_count,
        "top": len(stages.proposals.boxes) + stages.proposals.dropped,
        "usable": len(stages.proposals.boxes),
        "apart": len(stages.proposals.nms.keep),
        "proposals": len(stages.regions.boxes),
        "over": len(stages.final.boxes),
        "final": len(stages.result),
    }


def _photo(photo: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the photo as a JPEG: it travels with every frame."""
    image = Image.fromarray(photo)
    image.thumbnail((_SIDE, _SIDE))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    height, width, _ = photo.shape
    return {"width": width, "height": height, "jpeg": np.frombuffer(stream.getvalue(), np.uint8)}


def _fitted(stages: TwoStages, pixel: tuple[int, int]) -> dict[str, Any]:
    fitted = stages.fitted
    values = fitted.input[0, :, pixel[1], pixel[0]]
    mean, std = torch.tensor(fitted.mean), torch.tensor(fitted.std)
    return {
        "size": list(fitted.size),
        "input": list(fitted.input.shape[2:]),
        "factor": fitted.factor,
        "scale": list(fitted.scale),
        "mean": list(fitted.mean),
        "std": list(fitted.std),
        "pixel": list(pixel),
        "before": (values * std + mean).tolist(),
        "after": values.tolist(),
    }


def _map_of(level: Level, channel: int) -> Tensor:
    return level.features.mean(0) if channel == MEAN else level.features[channel]


def _level(stages: TwoStages, number: int, channel: int) -> dict[str, Any]:
    level = stages.levels[number]
    height, width, each = level.objectness.shape
    first = level.anchors[0, 0]
    proposals = stages.proposals
    return {
        "name": level.name,
        "stride": list(level.stride),
        "height": height,
        "width": width,
        "each": each,
        "base": first,  # the place (0, 0) lies at the corner of the input, where coordinates begin
        "map": _map_of(level, channel),
        "heat": torch.sigmoid(level.objectness.amax(-1)),
        "count": level.count,
        "usable": int((proposals.levels == number).sum()),
        "apart": int((proposals.levels[proposals.nms.keep] == number).sum()),
        "proposals": int((proposals.levels[proposals.kept] == number).sum()),
        "read": _read_from(stages, number),
    }


def _read_from(stages: TwoStages, number: int) -> int | None:
    """Return how many proposals are read from a level, or None for one that is never read."""
    if number not in stages.regions.maps:
        return None
    return int((stages.regions.levels == stages.regions.maps.index(number)).sum())


def _ranks(stages: TwoStages) -> list[int]:
    """Return the proposals that are sent: the surest, and those behind the detections."""
    behind = stages.final.regions[stages.final.kept].tolist()
    return sorted({*range(min(MOST, len(stages.regions.boxes))), *behind})


def _place_of(stages: TwoStages, region: int) -> tuple[int, int, int, int]:
    return stages.place(int(stages.proposals.anchors[stages.proposals.kept[region]]))


def _regions(stages: TwoStages, ranks: list[int]) -> dict[str, Any]:
    regions = stages.regions
    chosen = torch.tensor(ranks, dtype=torch.int64)
    scores = regions.scores[chosen]
    label = scores[:, 1:].argmax(1)
    every = torch.arange(len(ranks))
    maps = torch.tensor(regions.maps)
    return {
        "ranks": chosen.int(),
        "boxes": regions.boxes[chosen],
        "scores": stages.proposals.scores[stages.proposals.kept[chosen]],
        "anchors": torch.tensor([_place_of(stages, rank) for rank in ranks], dtype=torch.int32).reshape(-1),
        "read": maps[regions.levels[chosen]].int(),
        "labels": label.int(),
        "sure": scores[every, label + 1],
        "refined": regions.refined[chosen, label + 1],
    }


def _rejected(stages: TwoStages) -> dict[str, Any]:
    """Return the surest of those that were suppressed on the way to proposals, and by which proposal."""
    proposals = stages.proposals
    gone = torch.where(proposals.nms.by >= 0)[0]
    gone = gone[proposals.scores[gone].argsort(descending=True)][:MOST]
    rank = torch.full((len(proposals.boxes),), -1, dtype=torch.int32)
    rank[proposals.kept] = torch.arange(len(proposals.kept), dtype=torch.int32)
    return {
        "boxes": proposals.boxes[gone],
        "scores": proposals.scores[gone],
        "by": rank[proposals.nms.by[gone]],
        "levels": proposals.levels[gone].int(),
    }


def _candidates(stages: TwoStages) -> dict[str, Any]:
    """Return the surest candidates, in the order of their scores, and because of whom the others went."""
    final = stages.final
    order = final.scores.argsort(descending=True, stable=True)[:MOST]
    place = torch.full((len(final.boxes) + 1,), -1, dtype=torch.int32)
    place[order] = torch.arange(len(order), dtype=torch.int32)
    kept = torch.full((len(final.boxes),), -1, dtype=torch.int32)
    kept[final.kept] = torch.arange(len(final.kept), dtype=torch.int32)
    return {
        "regions": final.regions[order].int(),
        "labels": final.labels[order].int(),
        "boxes": final.boxes[order],
        "scores": final.scores[order],
        "kept": kept[order],
        "by": place[final.nms.by[order]],  # the last place stands for nobody
    }


def _result(stages: TwoStages) -> dict[str, Any]:
    found = stages.result
    return {
        "boxes": found.boxes,
        "labels": found.labels.int(),
        "scores": found.scores,
        "regions": stages.final.regions[stages.final.kept].int(),
    }


def _spot(stages: TwoStages, spot: tuple[int, int, int, int]) -> dict[str, Any]:
    number, row, column, which = spot
    level = stages.levels[number]
    each = level.objectness.shape[2]
    first = level.first + (row * level.objectness.shape[1] + column) * each
    return {
        "level": number,
        "row": row,
        "column": column,
        "which": which,
        "logits": level.objectness[row, column],
        "scores": torch.sigmoid(level.objectness[row, column]),
        "deltas": level.deltas[row, column],
        "decoded": level.decoded[row, column],
        "fates": [_fate(stages, first + one) for one in range(each)],
    }


def _fate(stages: TwoStages, anchor: int) -> list[int]:
    """Return what became of an anchor: a code, and the proposal that it is or that suppressed it, or -1."""
    proposals = stages.proposals
    found = torch.where(proposals.anchors == anchor)[0]
    if not len(found):
        return [UNCHOSEN, -1]

    def rank(candidate: int) -> int:
        at = torch.where(proposals.kept == candidate)[0]
        return int(at[0]) if len(at) else -1

    by = int(proposals.nms.by[found[0]])
    if by >= 0:
        return [SUPPRESSED, rank(by)]
    number = rank(int(found[0]))
    return [PROPOSAL, number] if number >= 0 else [BEYOND, -1]


def _region(stages: TwoStages, region: int, channel: int) -> dict[str, Any]:
    regions = stages.regions
    found = stages.sampling(region)
    pooled = regions.pooled[region]
    read = int(regions.levels[region])
    return {
        "rank": region,
        "box": regions.boxes[region],
        "objectness": float(stages.proposals.scores[stages.proposals.kept[region]]),
        "anchor": list(_place_of(stages, region)),
        "level": regions.maps[read],
        "scale": regions.scales[read],
        "bins": list(regions.bins),
        "points": found.points,
        "pointShape": list(found.points.shape[:4]),
        "corners": found.corners.int(),
        "cornerWeights": found.weights,
        "onMap": found.box,
        "pooled": pooled.mean(0) if channel == MEAN else pooled[channel],
        "logits": regions.logits[region],
        "scores": regions.scores[region],
        "deltas": regions.deltas[region],
        "refined": regions.refined[region],
    }
