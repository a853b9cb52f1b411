"""What the view of YOLO step by step is sent: everything between one photo and its boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from explainer.detection.provenance import (
    TARGETS,
    Cell,
    cell_at,
    cell_cam,
    effective_field_of,
    field_of,
    layers_before,
    usual_layer,
)
from explainer.detection.yolox import STRIDES

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.detection.yolox_detector import YoloStages
    from explainer.tracing import Trace

MOST_CLASSES = 8
"""Up to so many classes every cell is sent all its logits; beyond, those of the cells asked for."""
LARGEST = 416
"""Longest side of the picture that is sent, in pixels."""
BLOCK = 4
"""The effective receptive field is summed over blocks of so many pixels a side."""


def frame(stages: YoloStages, classes: Sequence[str], *, score: float, iou: float) -> dict[str, Any]:
    """Return what the view needs of a photo, without place, texts and origin.

    Values are the tensors' own, as float32; of many classes only the likeliest of each cell, see ``row`` and
    ``plane`` for the others.

    Args:
        stages: of the photo.
        classes: the names that the reader sees.
        score: the least score in ``stages``.
        iou: the overlap in ``stages``.
    """
    height, width = stages.picture.shape[:2]
    side = stages.canvas.shape[-1]
    few = len(classes) <= MOST_CLASSES
    tops = (stages.objectness[:, None] * stages.class_scores).amax(0)
    cells = stages.candidates.numpy()
    return {
        "picture": {"width": width, "height": height},
        "shown": _shown(stages),
        "side": side,
        "factor": stages.factor,
        "scaled": list(_scaled(stages)),
        "grids": _grids(side),
        "raw": stages.raw[:, :5],
        "logits": stages.raw[:, 5:] if few else None,
        "boxes": stages.boxes,
        "objectness": stages.objectness,
        "best": stages.class_scores.amax(1),
        "labels": stages.labels.int(),
        "scores": stages.scores,
        "classes": list(classes),
        "tops": tops,
        "byScore": tops.argsort(descending=True, stable=True).tolist(),
        "score": score,
        "iou": iou,
        "candidates": cells.astype(np.int32),
        "rounds": _rounds(stages, cells),
        "kept": stages.kept.int(),
        "found": stages.result.boxes,
    }


def row(stages: YoloStages, cell: int) -> dict[str, Any]:
    """Return the logits of all classes at one cell."""
    return {"cell": cell, "logits": stages.raw[cell, 5:]}


def plane(stages: YoloStages, label: int) -> dict[str, Any]:
    """Return the score of one class, 0..1, at all cells."""
    return {"label": label, "scores": stages.class_scores[:, label]}


def origin(
    trace: Trace, index: int, label: int, *, box: Sequence[float], target: str, layer: str, method: str
) -> dict[str, Any]:
    """Return where a cell's score comes from: what it can see, what it sees, what of a layer speaks for it.

    Args:
        trace: of the network on the canvas.
        index: number of the cell.
        label: its class.
        box: its box on the canvas.
        target: key of ``TARGETS``, what is explained.
        layer: name of one of the layers before the cell; the usual one where it is none of them.
        method: key of ``METHODS``.

    Raises:
        ReaderError: no such cell, class, target or method.
    """
    side = trace.input.shape[-1]
    cell = cell_at(index, side)
    layers = layers_before(cell)
    layer = layer if layer in layers else usual_layer(cell)
    seen = field_of(trace, cell)
    effect = effective_field_of(trace, cell, label, target)
    found = cell_cam(trace, cell, label, layer, target, method)
    blocks = _blocks(effect)
    return {
        "cell": index,
        "target": target,
        "layer": layer,
        "usual": usual_layer(cell),
        "layers": [list(one) for one in layers.items()],
        "cam": method,
        "value": found.value,
        "field": list(seen.field),
        "inside": list(seen.inside),
        "effective": {"size": blocks.shape[-1], "values": blocks, "peak": float(blocks.max())},
        "half": half_of(effect),
        "inBox": share_inside(effect, box),
        "map": {
            "height": found.map.shape[0],
            "width": found.map.shape[1],
            "values": found.map,
            "peak": float(found.map.max()),
        },
    }


def share_inside(effect: Tensor, box: Iterable[float]) -> float:
    """Return how much of an effect [H, W] lies in a box (left, top, right, bottom), 0..1."""
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    total = float(effect.sum())
    return float(effect[top:bottom, left:right].sum()) / total if total else 0.0


def half_of(effect: Tensor) -> float:
    """Return the smallest share of pixels that holds half of an effect, 0..1; 0 where there is none."""
    falling = effect.flatten().double().sort(descending=True).values.cumsum(0)
    total = float(falling[-1])
    return int((falling < total / 2).sum() + 1) / len(falling) if total else 0.0


def usual_place(place: dict[str, str]) -> tuple[str, str, str]:
    """Return target, layer and method of a place in the link, usual ones where it names none."""
    target = place.get("target", "")
    cam = place.get("cam", "")
    known = target if target in TARGETS else "score"
    return known, place.get("layer", ""), cam if cam == "hirescam" else "gradcam"


def cell_in_link(text: str, side: int) -> Cell | None:
    """Return the cell that a link names as stride, column, row (``16,12,9``); ``None`` for all else."""
    parts = text.split(",")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    stride, column, line = map(int, parts)
    if stride not in STRIDES or max(column, line) >= side // stride:
        return None
    return Cell(STRIDES.index(stride), line, column)


def _grids(side: int) -> list[dict[str, int]]:
    grids, start = [], 0
    for stride in STRIDES:
        size = side // stride
        grids.append({"stride": stride, "size": size, "start": start})
        start += size * size
    return grids


def _scaled(stages: YoloStages) -> tuple[int, int]:
    """Return width and height of the photo on the canvas."""
    height, width = stages.picture.shape[:2]
    return max(1, int(width * stages.factor)), max(1, int(height * stages.factor))


def _shown(stages: YoloStages) -> dict[str, Any]:
    """Return the photo as it lies on the canvas, RGB, no larger than needed."""
    width, height = _scaled(stages)
    pixels = stages.canvas[:, :height, :width].flip(0).permute(1, 2, 0).round().byte().contiguous().numpy()
    if max(width, height) > LARGEST:
        image = Image.fromarray(pixels)
        image.thumbnail((LARGEST, LARGEST))
        pixels = np.asarray(image)
    return {"width": pixels.shape[1], "height": pixels.shape[0], "pixels": pixels}


def _rounds(stages: YoloStages, cells: np.ndarray) -> dict[str, Any]:
    """Return the rounds of the suppression: who stays, and one by one who goes with which overlap."""
    starts, gone, overlaps = [0], [], []
    for one in stages.rounds:
        gone += [int(cells[place]) for place in one.suppressed]
        overlaps += [float(one.overlaps[place]) for place in one.suppressed]
        starts.append(len(gone))
    return {
        "keepers": np.array([cells[one.keeper] for one in stages.rounds], np.int32),
        "starts": np.array(starts, np.int32),
        "gone": np.array(gone, np.int32),
        "overlaps": np.array(overlaps, np.float32),
    }


def _blocks(effect: Tensor) -> Tensor:
    """Return the sums over blocks; the side of the input is a multiple of 32."""
    side = effect.shape[-1] // BLOCK
    return effect.reshape(side, BLOCK, side, BLOCK).sum((1, 3))
