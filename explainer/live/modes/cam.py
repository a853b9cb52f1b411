"""Live Grad-CAM: where in the picture a layer sees what speaks for a class."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explainer.attribution import formulas
from explainer.attribution.cut import cut_at
from explainer.detection.detections import Picture
from explainer.errors import ReaderError
from explainer.live.drawing import DARK, chip, cover, fade, heat_layers, text_size
from explainer.live.modes.base import Said
from explainer.live.modes.classifier import View, prepare

if TYPE_CHECKING:
    from explainer.models import LoadedModel

OPACITY = 0.72


@dataclass(frozen=True, eq=False)
class CamResult:
    """A class activation map of a frame."""

    heat: NDArray[np.float32]
    """[h, w], at the layer's resolution, at least 0, as ``grad_cam`` returns it."""
    view: View
    name: str
    """Of the class."""
    probability: float
    opacity: float = OPACITY
    _layers: dict[tuple[int, int], tuple[Picture, Picture]] = field(default_factory=dict, repr=False)

    def draw(self, frame: Picture) -> Picture:
        """Return the frame with the map over the part that the network sees."""
        canvas = frame.copy()
        self.view.mark(canvas)
        left, top, right, bottom = self.view.pixels(frame)
        part = canvas[top:bottom, left:right]
        size = (part.shape[1], part.shape[0])
        layers = self._layers.get(size)
        if layers is None:  # it is drawn on several frames, most of them of one size
            layers = heat_layers(self.heat / (float(self.heat.max()) or 1.0), size, self.opacity)
            self._layers.clear()
            self._layers[size] = layers
        fade(part)
        cover(part, *layers)
        letters = text_size(frame.shape[0])
        chip(canvas, f"{self.name} {self.probability:.0%}", left, top, letters, DARK)
        return canvas

    def said(self) -> tuple[Said, ...]:
        """Return the class and its probability."""
        return (Said(self.name, self.probability),)


@dataclass(frozen=True)
class GradCam:
    """Show where a class is seen (Selvaraju et al., 2017, "Grad-CAM", equations 1 and 2).

    One forward pass that records gradients only behind the layer, and one short backward pass.

    Args:
        loaded: a classifier.
        layer: name of one of its modules.
        class_index: the class; what the frame is taken for, where it is ``None``.
        opacity: of the map where it is strongest, 0 to 1.
    """

    loaded: LoadedModel
    layer: str
    class_index: int | None = None
    opacity: float = OPACITY

    @property
    def sides(self) -> tuple[int, ...]:
        """None: a classifier's input has one size."""
        return ()

    @property
    def weight(self) -> Hashable:
        """The network and the layer that gradients go back to."""
        return id(self.loaded), self.layer

    def run(self, frame: Picture, side: int | None = None) -> CamResult:
        """Return the map of a frame.

        Raises:
            ReaderError: there is no such layer, or its output has no rows and columns.
        """
        images, view = prepare(self.loaded, frame)
        model = self.loaded.model
        try:
            layer = model.get_submodule(self.layer)
        except AttributeError:
            raise ReaderError("There is no layer called {layer} in this network.", layer=self.layer) from None
        cut = cut_at(model, images, layer, class_index=self.class_index, name=self.layer)
        weights = formulas.grad_cam_weights(cut.activation, cut.gradient)
        heat = formulas.weighted_sum(weights, cut.activation).relu()[0]
        index, names = cut.classes[0], self.loaded.classes
        return CamResult(
            heat.numpy().astype(np.float32),
            view,
            names[index] if index < len(names) else f"class {index}",
            float(cut.logits[0].softmax(0)[index]),
            self.opacity,
        )
