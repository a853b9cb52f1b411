"""Class bars: what a classifier takes the picture for, the likeliest classes with their probabilities."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from explainer.attribution.cut import class_scores
from explainer.detection.detections import Picture
from explainer.live.drawing import COLOURS, LIGHT, shade, text_size, write
from explainer.live.modes.base import Said
from explainer.live.modes.classifier import View, prepare
from explainer.models.predictions import Prediction, top_classes

if TYPE_CHECKING:
    from explainer.models import LoadedModel

MOST = 5
_GROUND = 0.25
"""Share of its light that the picture keeps under the words."""


@dataclass(frozen=True, eq=False)
class BarsResult:
    """The likeliest classes of a frame."""

    best: tuple[Prediction, ...]
    """The likeliest first."""
    view: View

    def draw(self, frame: Picture) -> Picture:
        """Return the frame with a table of names, bars and percentages along its lower edge."""
        canvas = frame.copy()
        self.view.mark(canvas)
        draw_bars(canvas, self.best)
        return canvas

    def said(self) -> tuple[Said, ...]:
        """Return names and probabilities, the likeliest first."""
        return tuple(Said(one.name, one.probability) for one in self.best)


def draw_bars(canvas: Picture, best: tuple[Prediction, ...]) -> None:
    """Draw names, bars and percentages into a frame, from its lower edge upwards."""
    height, width = canvas.shape[:2]
    size = text_size(height)
    row, pad = round(1.5 * size), size // 2
    top = height - row * len(best) - pad
    names, figures = round(0.36 * width), round(3.2 * size)
    shade(canvas, (0, top - pad, width, height), _GROUND)
    room = width - names - figures - 3 * pad
    for place, one in enumerate(best):
        y = top + place * row
        left = pad
        write(canvas[:, : names - pad // 2], one.name, left, y, size, LIGHT, 600 if place == 0 else 400)
        y0, y1 = y + round(0.2 * size), y + round(1.05 * size)
        colour = COLOURS[0] if place == 0 else (150, 158, 168)
        length = max(1, round(room * one.probability))
        canvas[y0:y1, names : names + length] = colour
        write(canvas, f"{one.probability:.0%}", names + room + pad, y, size, LIGHT, 500)


@dataclass(frozen=True)
class ClassBars:
    """Say what a picture is.

    Args:
        loaded: a classifier.
    """

    loaded: LoadedModel

    @property
    def sides(self) -> tuple[int, ...]:
        """None: a classifier's input has one size."""
        return ()

    @property
    def weight(self) -> Hashable:
        """The network."""
        return id(self.loaded)

    def run(self, frame: Picture, side: int | None = None) -> BarsResult:
        """Return what a frame is taken for."""
        images, view = prepare(self.loaded, frame)
        with torch.inference_mode():
            scores = class_scores(self.loaded.model(images))
        return BarsResult(tuple(top_classes(scores[0], self.loaded.classes, MOST)), view)
