"""Live feature maps: the strongest channels of a layer as a mosaic, with the frame in its corner."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explainer.detection.detections import Picture
from explainer.live.drawing import DARK, LIGHT, coloured, text_size, write
from explainer.live.modes.base import Said
from explainer.live.modes.classifier import View, prepare
from explainer.live.partial import output_of

if TYPE_CHECKING:
    from explainer.models import LoadedModel

GRID = 4
"""Tiles across and down; the frame takes two by two of them."""
TILES = GRID * GRID - 4
"""Channels shown, at most."""
_PLACES = tuple((row, column) for row in range(GRID) for column in range(GRID) if row > 1 or column > 1)
_MEMORY = 0.7
"""Share of a channel's strength that stays from one frame to the next."""
_BETTER = 1.15
"""How much stronger a channel must be to take another one's place: a mosaic that jumps cannot be watched."""


class Places:
    """Which channel stands where, from frame to frame: strong ones come in, the others keep their places."""

    def __init__(self) -> None:
        self.channels: list[int] = []
        self._strength: NDArray[np.float32] | None = None

    def choose(self, strength: NDArray[np.float32]) -> list[int]:
        """Return the channels to show, by place, and remember.

        Args:
            strength: [C], of this frame.
        """
        if self._strength is None or len(self._strength) != len(strength):
            self._strength, self.channels = strength, []
        self._strength = _MEMORY * self._strength + (1 - _MEMORY) * strength
        known = self._strength
        order = np.argsort(-known, kind="stable").tolist()
        if len(self.channels) < min(TILES, len(order)):
            self.channels = sorted(order[:TILES])
            return list(self.channels)
        for newcomer in order[:TILES]:
            if newcomer in self.channels:
                continue
            weakest = min(range(len(self.channels)), key=lambda place: known[self.channels[place]])
            if known[newcomer] > _BETTER * known[self.channels[weakest]]:
                self.channels[weakest] = newcomer
        return list(self.channels)


@dataclass(frozen=True, eq=False)
class MapsResult:
    """Some channels of a layer for one frame."""

    layer: str
    channels: tuple[int, ...]
    """Which, by place."""
    maps: NDArray[np.float32]
    """[n, h, w]: their values."""
    view: View
    _drawn: dict[tuple[int, int], Picture] = field(default_factory=dict, repr=False)

    def draw(self, frame: Picture) -> Picture:
        """Return a mosaic of the frame's size: the frame in its corner, a map in each further tile."""
        height, width = frame.shape[:2]
        mosaic = self._drawn.get((height, width))
        if mosaic is None:  # it is drawn on several frames, most of them of one size
            mosaic = self._mosaic(height, width)
            self._drawn.clear()
            self._drawn[height, width] = mosaic
        canvas = mosaic.copy()
        corner = canvas[: _edges(height)[2] - 1, : _edges(width)[2] - 1]
        corner[:] = cv2.resize(frame, corner.shape[1::-1], interpolation=cv2.INTER_AREA)
        self.view.mark(corner)
        size = _letters(height)
        _label(canvas, self.layer, size // 2, _edges(height)[2] - round(1.7 * size), size)
        return canvas

    def _mosaic(self, height: int, width: int) -> Picture:
        """Return the tiles, with nothing in the corner."""
        canvas = np.full((height, width, 3), DARK, np.uint8)
        rows, columns = _edges(height), _edges(width)
        size = _letters(height)
        for (row, column), channel, values in zip(_PLACES, self.channels, self.maps, strict=False):
            top, bottom, left, right = rows[row], rows[row + 1], columns[column], columns[column + 1]
            tile = canvas[top : bottom - 1, left : right - 1]
            _fit(tile, values)
            _label(tile, str(channel), size // 3, size // 5, size)
        return canvas

    def said(self) -> tuple[Said, ...]:
        """Return the numbers of the channels shown."""
        return tuple(Said(f"{self.layer} · {channel}") for channel in self.channels)


def _fit(tile: Picture, values: NDArray[np.float32]) -> None:
    """Draw a map into a tile, as large as it goes, each map on a scale of its own."""
    high, wide = tile.shape[:2]
    scale = min(high / values.shape[0], wide / values.shape[1])
    size = (max(1, int(values.shape[1] * scale)), max(1, int(values.shape[0] * scale)))
    name = "signed" if values.min() < 0 else "magnitude"
    colours = coloured(values, name, float(np.abs(values).max()))
    top, left = (high - size[1]) // 2, (wide - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = cv2.resize(
        colours, size, interpolation=cv2.INTER_NEAREST
    )


def _label(canvas: Picture, text: str, left: int, top: int, size: int) -> None:
    """Write words that can be read on anything: light ones with a dark shadow."""
    write(canvas, text, left + 1, top + 1, size, DARK, 600)
    write(canvas, text, left, top, size, LIGHT, 600)


def _letters(height: int) -> int:
    """Return the size of the words on a mosaic of this height."""
    return max(9, round(0.72 * text_size(height)))


def _edges(length: int) -> list[int]:
    return [round(length * place / GRID) for place in range(GRID + 1)]


@dataclass(frozen=True)
class FeatureMaps:
    """Show the strongest channels of a layer, by their mean magnitude.

    The forward pass ends at the layer.

    Args:
        loaded: a classifier.
        layer: name of one of its modules.
    """

    loaded: LoadedModel
    layer: str
    places: Places = field(default_factory=Places, init=False, compare=False, repr=False)

    @property
    def sides(self) -> tuple[int, ...]:
        """None: a classifier's input has one size."""
        return ()

    @property
    def weight(self) -> Hashable:
        """The network and the layer where the forward pass ends."""
        return id(self.loaded), self.layer

    def run(self, frame: Picture, side: int | None = None) -> MapsResult:
        """Return the strongest channels for a frame.

        Raises:
            ReaderError: there is no such layer, or its output is no map.
        """
        images, view = prepare(self.loaded, frame)
        maps: Tensor = output_of(self.loaded.model, images, self.layer)[0].float()
        channels = self.places.choose(maps.abs().mean((1, 2)).numpy())
        return MapsResult(self.layer, tuple(channels), maps[channels].numpy(), view)
