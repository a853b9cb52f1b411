"""Labelled pictures for detectors, and the random changes that make more of them."""

from __future__ import annotations

import json
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from explainer.errors import ReaderError

FILL = 114
"""Grey of what lies beside the pictures."""
_SMALLEST = 4.0
"""Sides in pixels under which what is left of a box is no object."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """A picture and what is on it."""

    pixels: NDArray[np.uint8]
    """[H, W, 3], BGR."""
    boxes: NDArray[np.float32]
    """[objects, 4]: left, top, right, bottom in pixels."""
    labels: NDArray[np.int64]
    """[objects]."""


def read_labelled(archive: Path, classes: tuple[str, ...], split: str) -> list[Labelled]:
    """Return the pictures of one split of a zip with ``annotations.json`` (see the training notes)."""
    with zipfile.ZipFile(archive) as opened:
        entries = json.loads(opened.read("annotations.json"))
        return [_read(opened, entry, classes) for entry in entries if entry["split"] == split]


def _read(opened: zipfile.ZipFile, entry: dict, classes: tuple[str, ...]) -> Labelled:
    pixels = cv2.imdecode(np.frombuffer(opened.read(entry["file"]), np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ReaderError("{file} in the archive is not a picture.", file=entry["file"])
    boxes = np.array([one["bbox"] for one in entry["objects"]], np.float32).reshape(-1, 4)
    labels = np.array([classes.index(one["class"]) for one in entry["objects"]], np.int64)
    return Labelled(pixels.astype(np.uint8), boxes, labels)


def placed(one: Labelled, matrix: NDArray[np.float64], side: int) -> Labelled:
    """Return a picture moved by an affine ``matrix`` [2, 3] onto a square canvas, with the boxes still on it.

    A box of which less than a quarter is left on the canvas is dropped.
    """
    pixels = cv2.warpAffine(one.pixels, matrix, (side, side), borderValue=(FILL,) * 3)
    if not len(one.boxes):
        return Labelled(pixels.astype(np.uint8), one.boxes, one.labels)
    left, top, right, bottom = one.boxes.T
    corners = np.stack([left, top, right, top, left, bottom, right, bottom], 1).reshape(-1, 4, 2)
    moved = corners @ matrix[:, :2].T + matrix[:, 2]
    whole = np.concatenate((moved.min(1), moved.max(1)), 1)
    cut = whole.clip(0, side)
    size, before = cut[:, 2:] - cut[:, :2], whole[:, 2:] - whole[:, :2]
    kept = (size.min(1) >= _SMALLEST) & (size.prod(1) > 0.25 * before.prod(1))
    return Labelled(pixels.astype(np.uint8), cut[kept].astype(np.float32), one.labels[kept])


def fitted(one: Labelled, side: int) -> Labelled:
    """Return a picture scaled to fit, at the top left of a square canvas: what detection itself does."""
    factor = min(side / one.pixels.shape[0], side / one.pixels.shape[1])
    return placed(one, np.array([[factor, 0, 0], [0, factor, 0]]), side)


def varied(one: Labelled, side: int, rng: random.Random) -> Labelled:
    """Return a picture at another size and place, sometimes close to one of its objects."""
    height, width = one.pixels.shape[:2]
    fit = min(side / height, side / width)
    if len(one.boxes) and rng.random() < 0.3:
        # As in front of a webcam: one object fills a good part of the picture.
        box = one.boxes[rng.randrange(len(one.boxes))]
        factor = side * rng.uniform(0.2, 0.75) / max(box[2] - box[0], box[3] - box[1])
        factor = min(factor, 8 * fit)
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    else:
        factor = fit * rng.uniform(0.5, 1.6)
        centre = (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.3, 0.7))
    return placed(one, _around(centre, factor, rng.gauss(0, 4), side, rng), side)


def _around(
    centre: tuple[float, float], factor: float, degrees: float, side: int, rng: random.Random
) -> NDArray[np.float64]:
    """Return the matrix that puts ``centre`` near the middle of the canvas."""
    matrix = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), degrees, float(factor))
    target = [side * rng.uniform(0.35, 0.65) for _ in range(2)]
    matrix[:, 2] += np.array(target) - np.array(centre, np.float64)
    return np.asarray(matrix, np.float64)


def mosaic(four: list[Labelled], side: int, rng: random.Random) -> Labelled:
    """Return four pictures around a random point (Bochkovskiy et al., 2020, YOLOv4, section 3.3)."""
    x, y = (int(side * rng.uniform(0.3, 0.7)) for _ in range(2))
    pixels = np.full((side, side, 3), FILL, np.uint8)
    boxes, labels = [], []
    areas = ((0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side))
    for one, (left, top, right, bottom) in zip(four, areas, strict=True):
        height, width = one.pixels.shape[:2]
        factor = max((right - left) / width, (bottom - top) / height) * rng.uniform(0.6, 1.3)
        # The corner of the picture that touches the point stays there.
        shift_x = left if left else right - factor * width
        shift_y = top if top else bottom - factor * height
        part = placed(one, np.array([[factor, 0, shift_x], [0, factor, shift_y]]), side)
        pixels[top:bottom, left:right] = part.pixels[top:bottom, left:right]
        cut = np.stack(
            [
                part.boxes[:, 0].clip(left, right),
                part.boxes[:, 1].clip(top, bottom),
                part.boxes[:, 2].clip(left, right),
                part.boxes[:, 3].clip(top, bottom),
            ],
            1,
        )
        size, before = cut[:, 2:] - cut[:, :2], part.boxes[:, 2:] - part.boxes[:, :2]
        kept = (size.min(1, initial=np.inf) >= _SMALLEST) & (size.prod(1) > 0.25 * before.prod(1))
        boxes.append(cut[kept])
        labels.append(part.labels[kept])
    return Labelled(pixels, np.concatenate(boxes).astype(np.float32), np.concatenate(labels))


def recoloured(one: Labelled, rng: random.Random) -> Labelled:
    """Return a picture in other colours and light, often mirrored, sometimes blurred or grey."""
    hsv = cv2.cvtColor(one.pixels, cv2.COLOR_BGR2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + rng.uniform(-6, 6)) % 180
    hsv[..., 1] *= rng.uniform(0.4, 1.5)
    hsv[..., 2] *= rng.uniform(0.5, 1.4)
    pixels = cv2.cvtColor(hsv.clip(0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
    if rng.random() < 0.15:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.5, 2.0))
    if rng.random() < 0.05:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    boxes = one.boxes.copy()
    if rng.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        boxes[:, [0, 2]] = pixels.shape[1] - boxes[:, [2, 0]]
    return Labelled(np.asarray(pixels, np.uint8), boxes, one.labels)


def example(pictures: list[Labelled], index: int, side: int, rng: random.Random, *, mix: float) -> Labelled:
    """Return one training example made from picture ``index``; with probability ``mix`` a mosaic."""
    if rng.random() < mix:
        others = [pictures[rng.randrange(len(pictures))] for _ in range(3)]
        made = mosaic([pictures[index], *others], side, rng)
    else:
        made = varied(pictures[index], side, rng)
    return recoloured(made, rng)
