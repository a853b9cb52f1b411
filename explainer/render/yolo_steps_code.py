"""The PyTorch code of YOLO step by step."""

from __future__ import annotations

from collections.abc import Sequence


def yolo_code(
    detector: str,
    image: str,
    imports: Sequence[str],
    *,
    cell: int,
    score: float,
    iou: float,
) -> str:
    """Return a script from a photo to boxes, with one cell decoded by hand.

    It runs in a fresh interpreter in the project's folder.

    Args:
        detector: an expression that opens it, as ``opener`` gives it.
        image: an expression that gives the photo.
        imports: lines that it needs.
        cell: number of the chosen cell.
        score: the least score.
        iou: the overlap from which a box is suppressed.
    """
    several = (
        "import numpy as np",
        "import torch",
        "from torchvision.ops import batched_nms",
        "from explainer.detection import load_detector",
        "from explainer.detection.yolox import cells",
        "from explainer.detection.yolox_detector import fitted",
    )
    lines = [
        *dict.fromkeys((*several, *imports)),
        "",
        f"detector = {detector}",
        f'photo = np.asarray({image}.convert("RGB"))',
        "",
        "canvas, factor = fitted(photo, detector.side)  # letterbox: [1, 3, side, side], BGR, 0..255",
        "with torch.inference_mode():",
        "    raw = detector.model(canvas)[0]  # [cells, 5 + classes]: tx, ty, tw, th, obj, classes",
        "places, strides = cells(*canvas.shape[-2:])  # column and row of every cell, its stride",
        "",
        f"cell = {cell}  # one cell by hand",
        "tx, ty, tw, th, obj = raw[cell, :5]",
        "column, row = places[cell]",
        "stride = strides[cell, 0]",
        "cx, cy = (tx + column) * stride, (ty + row) * stride",
        "w, h = tw.exp() * stride, th.exp() * stride",
        "best, label = raw[cell, 5:].sigmoid().max(0)",
        'print(f"cell {cell}: stride {stride:g}, column {column:g}, row {row:g}")',
        'print(f"middle {cx:.2f}, {cy:.2f}, size {w:.2f} x {h:.2f} on the canvas")',
        'print(f"{detector.classes[label]}: {obj.sigmoid():.4f} * {best:.4f} = {obj.sigmoid() * best:.4f}")',
        "",
        "centre = (raw[:, :2] + places) * strides  # all cells at once",
        "half = raw[:, 2:4].exp() * strides / 2",
        "boxes = torch.cat((centre - half, centre + half), 1)",
        "best, labels = raw[:, 5:].sigmoid().max(1)",
        "scores = raw[:, 4].sigmoid() * best",
        "",
        f"sure = scores >= {score:g}",
        'print(int(sure.sum()), "of", len(scores), "cells reach the threshold")',
        f"keep = batched_nms(boxes[sure], scores[sure], labels[sure], {iou:g})",
        "height, width = photo.shape[:2]",
        "edge = torch.tensor([width, height, width, height])",
        "found = (boxes[sure][keep] / factor).clamp(min=0).minimum(edge)  # back on the photo",
        "for box, label, one in zip(found, labels[sure][keep], scores[sure][keep]):",
        '    print(detector.classes[label], f"{one:.3f}", [round(v, 1) for v in box.tolist()])',
        "",
    ]
    return "\n".join(lines)
