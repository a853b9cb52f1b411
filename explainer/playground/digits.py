"""Digits drawn by this project, every one a little different: a small stand-in for handwriting.

A digit begins as the way of a pen (``explainer.drawings``, and some other ways of writing it). It is bent by
a smooth random field, slanted, turned, stretched, drawn with a pen of random width, and brought to size and
place as MNIST does it (``explainer.models.digits``). No scanned handwriting is in it.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from explainer import drawings
from explainer.models.digits import FIELD, centre_digit

SIDE = 28
"""Side of a picture, as in MNIST."""
CLASSES = tuple("0123456789")
_DRAWN = 64
"""Side at which a digit is drawn before it is scaled down."""
_BORDER = (FIELD - SIDE) // 2

_OTHERS: dict[int, tuple[tuple[drawings.Point, ...], ...]] = {
    1: (((0.5, 0.14), (0.5, 0.86)),),
    2: (((0.3, 0.2), (0.68, 0.18), (0.7, 0.4), (0.34, 0.8), (0.76, 0.82)),),
    3: (((0.3, 0.17), (0.7, 0.18), (0.48, 0.44), (0.7, 0.62), (0.58, 0.84), (0.28, 0.8)),),
    4: (((0.66, 0.86), (0.66, 0.15), (0.26, 0.62), (0.8, 0.62)),),
    5: (((0.72, 0.17), (0.34, 0.17), (0.32, 0.46), (0.62, 0.46), (0.7, 0.66), (0.54, 0.85), (0.28, 0.78)),),
    7: (((0.26, 0.18), (0.74, 0.18), (0.44, 0.86)), ((0.36, 0.52), (0.7, 0.5))),
    9: (((0.68, 0.32), (0.5, 0.17), (0.32, 0.34), (0.48, 0.5), (0.68, 0.36), (0.66, 0.86)),),
}
"""Another way of writing some of the digits."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures float32 [N, 1, 28, 28], 0 black to 1 white, and what they show, int64 [N]."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)


@cache
def drawn(count: int, seed: int) -> Digits:
    """Draw so many digits, all ten equally often, in random order. Do not change what is returned."""
    dice = random.Random(f"digits/{seed}")
    values = [place % 10 for place in range(count)]
    dice.shuffle(values)
    images = torch.stack([as_input(draw(value, dice)) for value in values])
    return Digits(images, torch.tensor(values))


def as_input(image: Image.Image) -> Tensor:
    """Return a light digit on black as the networks see it: sized and centred, float32 [1, 28, 28]."""
    field = centre_digit(image).crop((_BORDER, _BORDER, _BORDER + SIDE, _BORDER + SIDE))
    return torch.from_numpy(np.asarray(field, dtype=np.float32) / 255)[None]


def draw(value: int, dice: random.Random) -> Image.Image:
    """Draw one digit in a chance hand: mode ``"L"``, light on black."""
    ways = [drawings.strokes(value)] + ([_OTHERS[value]] if value in _OTHERS else [])
    bend = _bend(dice)
    image = Image.new("L", (_DRAWN, _DRAWN))
    pen = ImageDraw.Draw(image)
    width = dice.uniform(3.0, 8.5)
    for stroke in dice.choice(ways):
        points = [bend(x, y) for x, y in _dense(stroke)]
        pen.line(points, fill=255, width=round(width), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return image


def _dense(stroke: tuple[drawings.Point, ...]) -> list[drawings.Point]:
    """Put points between the points of a stroke, so that straight lines bend too."""
    found = [stroke[0]]
    for (x0, y0), (x1, y1) in pairwise(stroke):
        pieces = max(1, round(math.hypot(x1 - x0, y1 - y0) / 0.08))
        found += [(x0 + (x1 - x0) * k / pieces, y0 + (y1 - y0) * k / pieces) for k in range(1, pieces + 1)]
    return found


class _bend:  # noqa: N801 - it stands for a function
    """A smooth random change of the plane: slant, turn, stretch, and two slow waves."""

    def __init__(self, dice: random.Random) -> None:
        angle, slant = math.radians(dice.gauss(0, 10)), dice.gauss(-0.12, 0.25)
        wide, high = dice.uniform(0.65, 1.25), dice.uniform(0.85, 1.1)
        cos, sin = math.cos(angle), math.sin(angle)
        self.matrix = (wide * cos, high * (slant * cos - sin), wide * sin, high * (slant * sin + cos))
        self.waves = [(dice.gauss(0, 0.05), dice.uniform(2, 8), dice.uniform(0, math.tau)) for _ in range(4)]

    def __call__(self, x: float, y: float) -> drawings.Point:
        """Return where a point of the unit square is drawn."""
        (a, f, p), (b, g, q), (c, h, r), (d, k, s) = self.waves
        x, y = (
            x - 0.5 + a * math.sin(f * y + p) + c * math.sin(h * x + r),
            y - 0.5 + b * math.sin(g * x + q) + d * math.sin(k * y + s),
        )
        xx, xy, yx, yy = self.matrix
        scale = 0.8 * _DRAWN
        return (_DRAWN / 2 + scale * (xx * x + xy * y), _DRAWN / 2 + scale * (yx * x + yy * y))
