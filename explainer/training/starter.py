"""The data set to begin with: small drawings of ten things, made at once and without any file.

Nothing but the form tells the things apart: colours, backgrounds, places, sizes and angles are random, and
neighbours are alike (an apple and a balloon, a tree and a mushroom), so that there are mistakes to look at.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from explainer.training.chance import generator_for
from explainer.training.data import Dataset, Split

SIDE = 64
"""Pixels; the small networks of this project read so many."""
_OVER = 2
"""Drawn so many times as large and averaged, which makes edges soft."""
_NUMBERS = 64
"""Random numbers that a drawing may use."""

Point = tuple[float, float]
Colour = tuple[int, int, int]


class _Pen:
    """Draws on a square of -1 to 1, left to right and top to bottom, that is moved, turned and scaled."""

    def __init__(self, numbers: Sequence[float]) -> None:
        self._numbers = iter(numbers)
        side = SIDE * _OVER
        self.image = Image.new("RGB", (side, side))
        self.draw = ImageDraw.Draw(self.image)
        self._background(side)
        size, angle = side * self.random(0.3, 0.42), math.radians(self.random(-20, 20))
        mirror = -1 if self.random() < 0.5 else 1
        self._x, self._y = (side * self.random(0.41, 0.59) for _ in range(2))
        self._across = (size * mirror * math.cos(angle), size * mirror * math.sin(angle))
        self._down = (-size * math.sin(angle), size * math.cos(angle))

    def random(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return the next random number."""
        return low + (high - low) * next(self._numbers)

    def colour(self, low: float = 0.0, high: float = 1.0, *, bright: float = 0.45) -> Colour:
        """Return a strong colour whose hue lies between two on the circle, 0 to 1."""
        return _colour(self.random(low, high), self.random(0.55, 1), self.random(bright, 1))

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a polygon."""
        (ax, ay), (dx, dy) = self._across, self._down
        self.draw.polygon(
            [(self._x + x * ax + y * dx, self._y + x * ay + y * dy) for x, y in points], fill=fill
        )

    def oval(
        self, x: float, y: float, rx: float, ry: float, fill: Colour, start: float = 0, stop: float = 360
    ) -> None:
        """Fill an ellipse around (x, y), or the part between two angles, clockwise from the right."""
        steps = [math.radians(start + (stop - start) * step / 20) for step in range(21)]
        self.shape([(x + rx * math.cos(a), y + ry * math.sin(a)) for a in steps], fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        """Fill a rectangle."""
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], fill)

    def _background(self, side: int) -> None:
        """Shade from one pale or dark colour to another, with spots that mean nothing."""
        top, bottom = (
            np.array(_colour(self.random(), self.random(0, 0.45), self.random(0.3, 1))) for _ in range(2)
        )
        shade = np.linspace(top, bottom, side).astype(np.uint8)[:, None]
        self.image.paste(Image.fromarray(shade).resize((side, side), Image.Resampling.NEAREST))
        for _ in range(int(self.random(0, 5))):
            fill = _colour(self.random(), self.random(0.1, 0.6), self.random(0.3, 1))
            x, y, r = self.random(0, side), self.random(0, side), self.random(0.03, 0.1) * side
            if self.random() < 0.5:
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)
            else:
                self.draw.rectangle((x - r, y - r / 2, x + r, y + r / 2), fill=fill)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _darker(colour: Colour, share: float = 0.7) -> Colour:
    red, green, blue = colour
    return int(red * share), int(green * share), int(blue * share)


_WOOD = (112, 74, 40)
_PALE = (244, 240, 228)
_BLACK = (34, 34, 38)


def _apple(pen: _Pen) -> None:
    fill = pen.colour(-0.05, 0.35)
    pen.shape([(-0.06, -0.45), (0.0, -0.95), (0.12, -0.92), (0.06, -0.45)], _WOOD)
    pen.oval(0.34, -0.78, 0.27, 0.12, pen.colour(0.25, 0.4))
    for x in (-0.3, 0.3):
        pen.oval(x, 0.12, 0.58, 0.72, fill)
    pen.oval(-0.45, -0.15, 0.12, 0.17, _PALE)


def _balloon(pen: _Pen) -> None:
    fill = pen.colour()
    pen.shape([(-0.03, 0.5), (0.03, 0.5), (0.16, 1.2), (0.09, 1.2)], _darker(fill, 0.5))
    pen.shape([(0, 0.4), (0.15, 0.66), (-0.15, 0.66)], _darker(fill))
    pen.oval(0, -0.25, 0.68, 0.78, fill)
    pen.oval(-0.28, -0.52, 0.13, 0.2, _PALE)


def _boat(pen: _Pen) -> None:
    sail = pen.colour(bright=0.8) if pen.random() < 0.5 else _PALE
    pen.box(-0.05, -1.0, 0.03, 0.4, _WOOD)
    pen.shape([(0.08, -0.95), (0.08, 0.25), (0.8, 0.25)], sail)
    pen.shape([(-0.1, -0.75), (-0.1, 0.25), (-0.6, 0.25)], _darker(sail, 0.85))
    pen.shape([(-1.0, 0.38), (1.0, 0.38), (0.62, 0.85), (-0.66, 0.85)], pen.colour())


def _car(pen: _Pen) -> None:
    fill = pen.colour()
    pen.shape([(-0.6, 0.05), (-0.4, -0.45), (0.3, -0.45), (0.62, 0.05)], fill)
    pen.shape([(-0.45, 0.02), (-0.32, -0.34), (-0.06, -0.34), (-0.06, 0.02)], (206, 226, 240))
    pen.shape([(0.04, 0.02), (0.04, -0.34), (0.25, -0.34), (0.44, 0.02)], (206, 226, 240))
    pen.box(-1.0, 0.0, 1.05, 0.42, fill)
    pen.box(0.9, 0.06, 1.05, 0.18, (250, 236, 150))
    for x in (-0.55, 0.58):
        pen.oval(x, 0.42, 0.26, 0.26, _BLACK)
        pen.oval(x, 0.42, 0.12, 0.12, (190, 190, 190))


def _fish(pen: _Pen) -> None:
    fill = pen.colour()
    pen.shape([(-0.4, 0), (-1.05, -0.5), (-0.9, 0), (-1.05, 0.5)], _darker(fill))
    pen.shape([(-0.25, -0.3), (0.15, -0.75), (0.4, -0.3)], _darker(fill))
    pen.oval(0.15, 0, 0.8, 0.48, fill)
    pen.oval(0.12, 0.05, 0.2, 0.28, _darker(fill, 0.82), 90, 270)
    pen.oval(0.6, -0.12, 0.12, 0.12, _PALE)
    pen.oval(0.63, -0.12, 0.06, 0.06, _BLACK)


def _flower(pen: _Pen) -> None:
    petals, fill, green = round(pen.random(5, 8)), pen.colour(bright=0.7), pen.colour(0.25, 0.4)
    pen.box(-0.05, -0.2, 0.05, 1.1, green)
    pen.oval(0.27, 0.72, 0.26, 0.11, green)
    for petal in range(petals):
        angle = math.tau * petal / petals
        pen.oval(0.42 * math.cos(angle), -0.35 + 0.42 * math.sin(angle), 0.25, 0.25, fill)
    pen.oval(0, -0.35, 0.24, 0.24, pen.colour(0.08, 0.18, bright=0.8))


def _house(pen: _Pen) -> None:
    wall = pen.colour() if pen.random() < 0.6 else _PALE
    pen.box(0.4, -0.9, 0.6, -0.2, _darker(wall, 0.55))
    pen.box(-0.72, -0.2, 0.72, 0.85, wall)
    pen.shape([(-0.95, -0.15), (0, -1.0), (0.95, -0.15)], pen.colour())
    pen.box(-0.5, 0.25, -0.12, 0.85, _WOOD)
    pen.box(0.12, 0.12, 0.5, 0.48, (206, 226, 240))


def _mushroom(pen: _Pen) -> None:
    pen.shape([(-0.24, 0), (0.24, 0), (0.34, 0.95), (-0.34, 0.95)], _PALE)
    pen.oval(0, 0.05, 0.95, 0.85, pen.colour(), 180, 360)
    for x, y, r in ((-0.5, -0.25, 0.13), (0.02, -0.5, 0.16), (0.5, -0.22, 0.12)):
        pen.oval(x, y, r, r, _PALE)


def _star(pen: _Pen) -> None:
    radius = (1.0, pen.random(0.38, 0.48))
    points = [
        (
            radius[corner % 2] * math.sin(math.pi * corner / 5),
            -radius[corner % 2] * math.cos(math.pi * corner / 5),
        )
        for corner in range(10)
    ]
    pen.shape(points, pen.colour(bright=0.6))


def _tree(pen: _Pen) -> None:
    green = pen.colour(0.08, 0.45)
    pen.box(-0.13, 0.2, 0.13, 1.0, _WOOD)
    if pen.random() < 0.5:
        for x, y, r in ((-0.38, 0.05, 0.42), (0.38, 0.05, 0.42), (0.0, -0.45, 0.5)):
            pen.oval(x, y, r, r, green)
    else:
        for step, width in enumerate((0.45, 0.62, 0.8)):
            top = -1.05 + 0.38 * step
            pen.shape([(-width, top + 0.75), (0, top), (width, top + 0.75)], green)


_DRAWN: dict[str, Callable[[_Pen], None]] = {
    "apple": _apple,
    "balloon": _balloon,
    "boat": _boat,
    "car": _car,
    "fish": _fish,
    "flower": _flower,
    "house": _house,
    "mushroom": _mushroom,
    "star": _star,
    "tree": _tree,
}


def starter(train: int = 150, test: int = 30, seed: int = 0) -> Dataset:
    """Draw the data set: RGB, 64 x 64, ten classes, always the same for a seed.

    Args:
        train: training images of each class.
        test: test images of each class; other drawings than those.
        seed: decides all of them; images of the test do not depend on how many are trained on.
    """
    return Dataset(
        _split("train", train, seed),
        _split("test", test, seed),
        tuple(_DRAWN),
        f"drawings of ten things by this project (seed {seed}), {10 * train:,} training and {10 * test:,} "
        "test images",
    )


def _split(use: str, count: int, seed: int) -> Split:
    parts = [_drawn(name, count, generator_for(seed, "starter", use, name)) for name in _DRAWN]
    return Split(torch.cat(parts), torch.arange(len(_DRAWN)).repeat_interleave(count))


def _drawn(name: str, count: int, generator: torch.Generator) -> Tensor:
    """Draw one class: uint8 [count, 3, 64, 64], with the grain of a sensor."""
    pictures = []
    for numbers in torch.rand(count, _NUMBERS, generator=generator).tolist():
        pen = _Pen(numbers)
        _DRAWN[name](pen)
        pictures.append(np.asarray(pen.image.reduce(_OVER)))
    images = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
    grain = torch.rand(count, 1, 1, 1, generator=generator) * 10
    noise = torch.randn(count, 1, SIDE, SIDE, generator=generator) * grain
    return (images + noise).clamp(0, 255).round().byte()
