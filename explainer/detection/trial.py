"""A detector tried out on labelled pictures: what it found, what that is worth, small copies to see."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from explainer.detection.detections import Detections, Detector, Picture
from explainer.detection.evaluation import Evaluation, Truth, evaluate
from explainer.detection.labelled import ClassMap, LabelledSet, class_map
from explainer.errors import ReaderError

SCORE, OVERLAP = 0.001, 0.65
"""Least score and overlap of the detections that are counted: the usual ones when AP is measured."""
LEVELS: tuple[float, ...] = tuple((np.arange(2, 20) / 20).tolist())
"""IoU thresholds that a reader may choose from."""
_SMALL = 480
"""Longest side of the copies, in pixels."""


@dataclass(frozen=True, eq=False)
class Copy:
    """A picture made small."""

    name: str
    jpeg: bytes
    width: int
    """Of the picture itself, in pixels; the boxes are in these."""
    height: int


@dataclass(frozen=True, eq=False)
class Trial:
    """What came out. Labels are places in the detector's classes."""

    classes: tuple[str, ...]
    meant: ClassMap
    """Which of them are labelled, and which labels the detector does not know."""
    copies: tuple[Copy, ...]
    truths: tuple[Truth, ...]
    found: tuple[Detections, ...]
    usual: Evaluation
    """At COCO's ten thresholds."""
    loose: Evaluation
    """At ``LEVELS``."""
    skipped: tuple[ReaderError, ...]
    """Why pictures were left out."""


def try_out(
    detector: Detector, given: LabelledSet, *, progress: Callable[[int, int], None] | None = None
) -> Trial:
    """Find what is on labelled pictures, and count.

    Args:
        detector: any.
        given: the pictures; one that cannot be read is left out and said.
        progress: told how many pictures are done, of how many; may raise ``Cancelled``.

    Raises:
        ReaderError: none of the labelled classes is one of the detector's, or no picture can be read.
    """
    meant = class_map(given, detector.classes)
    copies, truths, found, skipped = [], [], [], []
    for number, one in enumerate(given.pictures):
        if progress is not None:
            progress(number, len(given.pictures))
        try:
            pixels = one.load()
            truth = meant.truth(one.truth(pixels))
        except ReaderError as error:
            skipped.append(error)
            continue
        truths.append(truth)
        found.append(meant.found(detector.detect([pixels], score=SCORE, iou=OVERLAP)[0]))
        copies.append(_small(one.name, pixels))
    if progress is not None:
        progress(len(given.pictures), len(given.pictures))
    if not copies:
        raise skipped[0] if len(skipped) == 1 else ReaderError("None of the pictures could be read.")
    return Trial(
        detector.classes,
        meant,
        tuple(copies),
        tuple(truths),
        tuple(found),
        evaluate(truths, found, detector.classes),
        evaluate(truths, found, detector.classes, thresholds=LEVELS),
        tuple(skipped),
    )


def _small(name: str, pixels: Picture) -> Copy:
    image = Image.fromarray(pixels)
    image.thumbnail((_SMALL, _SMALL), Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return Copy(name, file.getvalue(), pixels.shape[1], pixels.shape[0])
