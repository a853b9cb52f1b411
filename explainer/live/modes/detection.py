"""Boxes: what a detector finds, drawn where it is, also on a frame of another size."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explainer.detection.detections import Detections, Detector, Picture
from explainer.live.drawing import chip, colour_of, outline, text_size
from explainer.live.modes.base import Said


@dataclass(frozen=True, eq=False)
class DetectionResult:
    """What a detector found on a frame."""

    found: Detections
    """In pixels of the frame that it was found on."""
    places: NDArray[np.float32]
    """[n, 4]: left, top, right, bottom as shares of the frame's width and height."""
    classes: tuple[str, ...]
    engine: str = ""
    """What ran the network, where that is not the network itself."""

    def draw(self, frame: Picture) -> Picture:
        """Return the frame with the boxes; the surest lies on top."""
        canvas = frame.copy()
        height, width = frame.shape[:2]
        size, line = text_size(height), max(2, round(height / 200))
        scale = np.array((width - 1, height - 1, width - 1, height - 1))
        corners = np.round(self.places * scale).astype(int)
        labels, scores = self.found.labels.tolist(), self.found.scores.tolist()
        for place in reversed(range(len(labels))):
            left, top, right, bottom = (int(one) for one in corners[place])
            colour = colour_of(labels[place])
            outline(canvas, (left, top, right, bottom), colour, line)
            text = f"{self.name(labels[place])} {scores[place]:.0%}"
            tall = round(1.5 * size)
            chip(canvas, text, left - line // 2, top - tall if top >= tall else top, size, colour)
        return canvas

    def name(self, label: int) -> str:
        """Return what a class is called."""
        return self.classes[label] if label < len(self.classes) else f"class {label}"

    def said(self) -> tuple[Said, ...]:
        """Return classes and scores, the surest first."""
        pairs = zip(self.found.labels.tolist(), self.found.scores.tolist(), strict=True)
        return tuple(Said(self.name(label), score) for label, score in pairs)


@dataclass(frozen=True)
class Detection:
    """Find objects.

    Args:
        detector: what finds them.
        score: least score of a detection.
        iou: overlap from which of two boxes of one class only the surer stays.
        only: labels to show; all of them where it is ``None``.
        sides: input sizes to choose among, rising; empty for detectors that have but one.
        engine: ``"onnxruntime"`` or ``"torch"`` for the same weights with less work, made at the first run;
            for detectors that cannot be had so, and without it, the network as it is.
        names: what the classes are called on the frame; as the detector calls them where there are none.
    """

    detector: Detector
    score: float = 0.25
    iou: float = 0.45
    only: frozenset[int] | None = None
    sides: tuple[int, ...] = ()
    engine: str = ""
    names: tuple[str, ...] = ()

    @property
    def weight(self) -> Hashable:
        """The detector and what runs it: thresholds cost next to nothing."""
        return id(self.detector), self.engine

    def run(self, frame: Picture, side: int | None = None) -> DetectionResult:
        """Return what is on a frame."""
        side = side or (self.sides[-1] if self.sides else None)
        make = getattr(self.detector, "faster", None)
        detector: Detector = make(self.engine) if make and self.engine else self.detector
        (found,) = detector.detect([frame], score=self.score, iou=self.iou, side=side)
        if self.only is not None:
            wanted = [place for place, label in enumerate(found.labels.tolist()) if label in self.only]
            found = Detections(found.boxes[wanted], found.labels[wanted], found.scores[wanted])
        height, width = frame.shape[:2]
        places = found.boxes.detach().numpy().astype(np.float32)
        places /= np.array((width, height, width, height), np.float32)
        names = self.names or tuple(detector.classes)
        return DetectionResult(found, places, names, getattr(detector, "engine", ""))
