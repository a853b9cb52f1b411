"""Pictures this project draws itself: small scenes for the ten-class networks, digits, and test patterns.

Everything is drawn on a unit square, four times as large as wanted, and scaled down.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = str | tuple[int, int, int]

SIDE = 256
"""Side of a finished scene in pixels."""
_OVER = 4


class Canvas:
    """Pillow's shapes in coordinates from 0 to 1, left to right and top to bottom."""

    def __init__(self, sky: Colour, ground: Colour, horizon: float = 0.68) -> None:
        self.side = SIDE * _OVER
        rows = np.linspace(0, 1, self.side)[:, None, None]
        top, bottom = (np.array(Image.new("RGB", (1, 1), c).getpixel((0, 0)), float) for c in (sky, ground))
        shade = np.where(rows < horizon, top * (0.85 + 0.3 * rows), bottom * (1.15 - 0.35 * rows))
        column = Image.fromarray(shade.clip(0, 255).astype(np.uint8))
        self.image = column.resize((self.side, self.side), Image.Resampling.NEAREST)
        self.draw = ImageDraw.Draw(self.image)

    def _scale(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.side, y * self.side) for x, y in points]

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon(self._scale(points), fill=fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """Fill an ellipse around (x, y)."""
        self.draw.ellipse(self._scale([(x - rx, y - ry), (x + rx, y + ry)]), fill=fill)

    def disc(self, x: float, y: float, r: float, fill: Colour) -> None:
        """Fill a circle around (x, y)."""
        self.oval(x, y, r, r, fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, r: float = 0) -> None:
        """Fill a rectangle with corners rounded by ``r``."""
        corners = self._scale([(left, top), (right, bottom)])
        self.draw.rounded_rectangle(corners, radius=r * self.side, fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draw a line with round ends and joints."""
        self.draw.line(self._scale(points), fill=fill, width=round(width * self.side), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, fill)

    def ball(self, x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
        """Paint an ellipse as if lit from the upper left."""
        steps = 48
        for step in range(steps):
            t = step / steps
            light = 0.5 + 0.62 * t
            fill = tuple(min(255, int(channel * light + 70 * max(0.0, t - 0.75))) for channel in colour)
            self.oval(x - 0.3 * rx * t, y - 0.34 * ry * t, rx * (1 - t), ry * (1 - t), fill)  # type: ignore[arg-type]

    def finish(self, seed: int, grain: float = 5.0) -> Image.Image:
        """Scale down, soften as a lens does, and add the grain of a sensor (always the same)."""
        small = self.image.resize((SIDE, SIDE), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.7))
        noise = np.random.default_rng(seed).normal(0, grain, (SIDE, SIDE, 1))
        return Image.fromarray((np.asarray(small) + noise).clip(0, 255).astype(np.uint8))


def school_bus() -> Image.Image:
    """Draw a yellow bus from the side, on a road under trees."""
    c = Canvas((176, 205, 232), (104, 106, 108), 0.72)
    for x in (0.02, 0.22, 0.47, 0.71, 0.95):
        c.ball(x, 0.43, 0.17, 0.19, (70, 118, 58))
    c.box(0, 0.58, 1, 0.735, (112, 142, 84))
    c.oval(0.5, 0.83, 0.47, 0.05, (60, 61, 63))
    c.box(0.05, 0.25, 0.77, 0.79, (236, 172, 26), 0.04)
    c.box(0.05, 0.25, 0.77, 0.31, (250, 200, 70), 0.03)
    c.box(0.72, 0.5, 0.95, 0.79, (236, 172, 26), 0.04)
    for x in (0.09, 0.2, 0.31, 0.42, 0.53):
        c.box(x, 0.36, x + 0.09, 0.5, (38, 48, 58), 0.01)
    c.box(0.655, 0.36, 0.745, 0.7, (52, 66, 78), 0.01)
    for y in (0.55, 0.62, 0.69):
        c.box(0.05, y, 0.645 if y > 0.6 else 0.93, y + 0.014, (28, 26, 22))
    c.box(0.9, 0.6, 0.945, 0.655, (250, 240, 200), 0.012)
    c.box(0.03, 0.755, 0.965, 0.79, (34, 34, 36), 0.01)
    for x in (0.22, 0.82):
        c.disc(x, 0.79, 0.085, (26, 26, 28))
        c.disc(x, 0.79, 0.042, (188, 188, 184))
    return c.finish(1)


def orange() -> Image.Image:
    """Draw two oranges, one of them cut, on a pale table."""
    c = Canvas((238, 232, 220), (222, 212, 192), 0.55)
    c.oval(0.42, 0.82, 0.36, 0.06, (176, 160, 134))
    c.ball(0.4, 0.5, 0.33, 0.33, (246, 140, 16))
    dice = random.Random(3)
    for _ in range(260):
        angle, radius = dice.random() * math.tau, 0.29 * math.sqrt(dice.random())
        c.disc(0.4 + radius * math.cos(angle), 0.5 + radius * math.sin(angle), 0.003, (222, 112, 6))
    c.oval(0.36, 0.22, 0.02, 0.012, (92, 112, 40))
    c.oval(0.74, 0.86, 0.22, 0.04, (176, 160, 134))
    c.disc(0.74, 0.67, 0.21, (240, 132, 14))
    c.disc(0.74, 0.67, 0.19, (255, 226, 166))
    for piece in range(10):
        a, b = (math.tau * (piece + edge) / 10 for edge in (0.06, 0.94))
        rim = [(0.74 + 0.172 * math.cos(t), 0.67 + 0.172 * math.sin(t)) for t in np.linspace(a, b, 9)]
        middle = (a + b) / 2
        c.shape([(0.74 + 0.02 * math.cos(middle), 0.67 + 0.02 * math.sin(middle)), *rim], (252, 158, 34))
    return c.finish(2)


def pizza() -> Image.Image:
    """Draw a round pizza seen from above."""
    c = Canvas((120, 82, 52), (120, 82, 52))
    for row in range(8):
        c.box(0, row / 8, 1, row / 8 + 0.006, (92, 60, 36))
    c.disc(0.5, 0.51, 0.465, (86, 56, 34))
    c.disc(0.5, 0.5, 0.45, (206, 146, 76))
    c.disc(0.5, 0.5, 0.425, (226, 172, 98))
    c.disc(0.5, 0.5, 0.385, (190, 58, 28))
    dice = random.Random(5)
    for _ in range(150):
        angle, radius = dice.random() * math.tau, 0.35 * math.sqrt(dice.random())
        x, y = 0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle)
        cheese = dice.choice(((246, 206, 110), (250, 220, 140), (236, 180, 84)))
        c.oval(x, y, 0.02 + 0.035 * dice.random(), 0.02 + 0.025 * dice.random(), cheese)
    for ring, count in ((0.0, 1), (0.17, 5), (0.3, 9)):
        for k in range(count):
            angle = math.tau * k / count + ring * 3
            x, y = 0.5 + ring * math.cos(angle), 0.5 + ring * math.sin(angle)
            c.ball(x, y, 0.055, 0.053, (186, 50, 34))
    for _ in range(26):
        angle, radius = dice.random() * math.tau, 0.34 * math.sqrt(dice.random())
        x, y = 0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle)
        c.oval(x, y, 0.02, 0.01, (64, 104, 40))
    return c.finish(3)


def ladybug() -> Image.Image:
    """Draw a ladybird on a leaf."""
    c = Canvas((86, 142, 52), (72, 128, 44))
    c.shape([(-0.1, 0.75), (0.3, 0.18), (0.8, 0.02), (1.1, 0.2), (0.9, 0.8), (0.4, 1.05)], (112, 172, 66))
    c.line([(-0.05, 0.85), (0.5, 0.5), (1.05, 0.1)], (150, 200, 100), 0.012)
    for x, y in ((0.2, 0.35), (0.45, 0.22), (0.65, 0.9), (0.85, 0.65)):
        c.line([(0.5, 0.5), (x, y)], (134, 188, 86), 0.008)
    for x, y, tip in ((0.28, 0.45, 0.16), (0.25, 0.6, 0.12), (0.3, 0.74, 0.17)):
        c.line([(x + 0.1, y), (x, y), (tip, y + 0.05)], (22, 20, 20), 0.022)
        c.line([(0.9 - x, y), (1 - x, y), (1 - tip, y + 0.05)], (22, 20, 20), 0.022)
    c.oval(0.53, 0.63, 0.3, 0.3, (62, 104, 36))
    c.disc(0.5, 0.29, 0.12, (24, 22, 22))
    c.line([(0.45, 0.2), (0.38, 0.11)], (24, 22, 22), 0.014)
    c.line([(0.55, 0.2), (0.62, 0.11)], (24, 22, 22), 0.014)
    c.oval(0.43, 0.25, 0.03, 0.025, (236, 232, 220))
    c.oval(0.57, 0.25, 0.03, 0.025, (236, 232, 220))
    c.ball(0.5, 0.58, 0.28, 0.29, (212, 34, 22))
    c.line([(0.5, 0.3), (0.5, 0.86)], (30, 18, 16), 0.014)
    for x, y, r in ((0.36, 0.45, 0.052), (0.33, 0.64, 0.056), (0.42, 0.77, 0.044), (0.43, 0.58, 0.03)):
        c.disc(x, y, r, (24, 18, 18))
        c.disc(1 - x, y, r, (24, 18, 18))
    c.disc(0.5, 0.345, 0.05, (24, 18, 18))
    return c.finish(4)


def lifeboat() -> Image.Image:
    """Draw an orange rescue boat at sea."""
    c = Canvas((186, 206, 222), (58, 98, 132), 0.5)
    dice = random.Random(7)
    for _ in range(90):
        x, y = dice.random(), 0.52 + 0.46 * dice.random()
        c.line([(x, y), (x + 0.05 + 0.06 * y, y)], dice.choice(((92, 132, 160), (40, 76, 110))), 0.006)
    c.oval(0.5, 0.8, 0.46, 0.045, (34, 62, 90))
    c.box(0.3, 0.36, 0.66, 0.6, (240, 108, 24), 0.04)
    c.box(0.3, 0.36, 0.66, 0.41, (252, 140, 52), 0.03)
    for x in (0.345, 0.45, 0.555):
        c.box(x, 0.44, x + 0.07, 0.53, (38, 56, 72), 0.01)
    c.line([(0.48, 0.37), (0.48, 0.14)], (226, 228, 230), 0.014)
    c.box(0.42, 0.2, 0.54, 0.215, (226, 228, 230))
    c.line([(0.48, 0.15), (0.9, 0.58)], (226, 228, 230), 0.004)
    c.shape([(0.05, 0.56), (0.95, 0.56), (0.86, 0.78), (0.16, 0.78)], (28, 54, 110))
    c.shape([(0.05, 0.56), (0.95, 0.56), (0.935, 0.61), (0.068, 0.61)], (244, 112, 26))
    c.line([(0.07, 0.625), (0.93, 0.625)], (240, 240, 238), 0.014)
    c.shape([(0.1, 0.73), (0.89, 0.73), (0.86, 0.79), (0.15, 0.79)], (190, 40, 30))
    for x in np.linspace(0.06, 0.94, 22):
        c.oval(float(x), 0.8 + 0.012 * math.sin(9 * float(x)), 0.035, 0.016, (222, 234, 242))
    return c.finish(5)


def espresso() -> Image.Image:
    """Draw a white cup of coffee seen from above."""
    c = Canvas((104, 66, 42), (104, 66, 42))
    for row in range(6):
        c.box(0, row / 6, 1, row / 6 + 0.006, (78, 48, 30))
    c.oval(0.53, 0.56, 0.45, 0.43, (62, 38, 24))
    c.oval(0.5, 0.52, 0.45, 0.43, (226, 222, 216))
    c.oval(0.5, 0.52, 0.4, 0.38, (242, 240, 236))
    c.oval(0.52, 0.54, 0.3, 0.285, (190, 184, 176))
    c.box(0.72, 0.43, 0.95, 0.52, (246, 244, 240), 0.045)
    c.oval(0.49, 0.5, 0.29, 0.275, (250, 249, 246))
    c.oval(0.49, 0.5, 0.255, 0.24, (94, 52, 26))
    c.oval(0.49, 0.505, 0.245, 0.23, (150, 92, 46))
    c.oval(0.485, 0.51, 0.2, 0.185, (122, 68, 32))
    c.oval(0.46, 0.5, 0.12, 0.1, (168, 110, 60))
    c.oval(0.47, 0.515, 0.09, 0.07, (134, 78, 38))
    dice = random.Random(11)
    for _ in range(60):
        angle, radius = dice.random() * math.tau, 0.2 + 0.035 * dice.random()
        c.disc(
            0.49 + radius * math.cos(angle), 0.505 + 0.94 * radius * math.sin(angle), 0.006, (196, 144, 92)
        )
    c.line([(0.1, 0.86), (0.42, 0.93)], (176, 178, 182), 0.022)
    c.oval(0.08, 0.85, 0.06, 0.035, (196, 198, 202))
    return c.finish(6)


def sports_car() -> Image.Image:
    """Draw a red sports car from the side."""
    c = Canvas((198, 214, 228), (120, 122, 124), 0.6)
    c.box(0, 0.5, 1, 0.62, (120, 146, 96))
    c.oval(0.5, 0.79, 0.46, 0.035, (70, 71, 73))
    c.shape([(0.28, 0.55), (0.4, 0.41), (0.6, 0.4), (0.74, 0.54)], (150, 16, 18))
    c.shape([(0.32, 0.545), (0.415, 0.435), (0.495, 0.43), (0.495, 0.545)], (38, 44, 52))
    c.shape([(0.515, 0.545), (0.515, 0.43), (0.59, 0.425), (0.69, 0.545)], (46, 54, 64))
    body = [(0.04, 0.6), (0.1, 0.545), (0.28, 0.535), (0.74, 0.53), (0.93, 0.575), (0.97, 0.66), (0.95, 0.73)]
    c.shape([*body, (0.06, 0.74), (0.03, 0.68)], (206, 24, 24))
    c.shape([(0.1, 0.55), (0.74, 0.54), (0.92, 0.585), (0.07, 0.6)], (236, 70, 62))
    c.line([(0.3, 0.67), (0.7, 0.665)], (150, 14, 18), 0.012)
    c.oval(0.92, 0.615, 0.035, 0.018, (250, 244, 214))
    c.box(0.035, 0.6, 0.07, 0.64, (110, 8, 10), 0.01)
    for x in (0.22, 0.78):
        c.disc(x, 0.715, 0.098, (22, 22, 24))
        c.disc(x, 0.715, 0.062, (196, 198, 202))
        for spoke in range(5):
            angle = math.tau * spoke / 5
            c.line(
                [(x, 0.715), (x + 0.06 * math.cos(angle), 0.715 + 0.06 * math.sin(angle))],
                (92, 94, 98),
                0.014,
            )
    return c.finish(7)


def bell_pepper() -> Image.Image:
    """Draw a red and a green pepper."""
    c = Canvas((232, 230, 224), (206, 200, 190), 0.6)
    c.oval(0.5, 0.86, 0.42, 0.05, (160, 152, 140))
    for x, colour in ((0.66, (66, 140, 44)), (0.36, (206, 34, 26))):
        for dx in (-0.14, 0.14, 0.0):
            c.ball(x + dx, 0.55, 0.15, 0.31, colour)
        c.oval(x, 0.28, 0.12, 0.045, tuple(int(v * 0.75) for v in colour))  # type: ignore[arg-type]
        c.line([(x, 0.29), (x + 0.01, 0.19), (x + 0.05, 0.12)], (84, 126, 48), 0.045)
    return c.finish(8)


def aeroplane() -> Image.Image:
    """Draw a white airliner against the sky."""
    c = Canvas((94, 152, 214), (128, 178, 226), 0.99)
    for x, y, r in (
        (0.12, 0.85, 0.09),
        (0.24, 0.88, 0.11),
        (0.38, 0.9, 0.08),
        (0.9, 0.14, 0.08),
        (0.8, 0.12, 0.06),
    ):
        c.oval(x, y, r * 1.4, r * 0.7, (226, 236, 246))
    c.shape([(0.44, 0.5), (0.62, 0.5), (0.52, 0.22), (0.46, 0.22)], (176, 184, 194))
    c.shape([(0.06, 0.5), (0.19, 0.48), (0.12, 0.26), (0.05, 0.26)], (34, 74, 150))
    c.box(0.06, 0.44, 0.95, 0.565, (240, 242, 246), 0.062)
    c.box(0.08, 0.525, 0.93, 0.565, (196, 202, 212), 0.02)
    c.shape([(0.08, 0.5), (0.2, 0.5), (0.1, 0.62), (0.05, 0.62)], (196, 202, 210))
    c.shape([(0.4, 0.53), (0.63, 0.53), (0.36, 0.84), (0.29, 0.84)], (206, 212, 220))
    c.box(0.48, 0.61, 0.6, 0.67, (110, 118, 130), 0.03)
    for x in np.linspace(0.2, 0.84, 20):
        c.disc(float(x), 0.485, 0.009, (60, 78, 104))
    c.shape([(0.88, 0.46), (0.93, 0.48), (0.93, 0.495), (0.87, 0.49)], (40, 54, 74))
    return c.finish(9, 3)


def ship() -> Image.Image:
    """Draw a cargo ship on the sea."""
    c = Canvas((178, 206, 230), (46, 92, 132), 0.6)
    dice = random.Random(13)
    for _ in range(80):
        x, y = dice.random(), 0.62 + 0.36 * dice.random()
        c.line([(x, y), (x + 0.08, y)], dice.choice(((76, 122, 158), (34, 70, 106))), 0.006)
    c.shape([(0.04, 0.52), (0.97, 0.52), (0.9, 0.7), (0.1, 0.7)], (32, 36, 46))
    c.shape([(0.085, 0.655), (0.92, 0.655), (0.9, 0.71), (0.1, 0.71)], (160, 36, 30))
    c.box(0.1, 0.24, 0.27, 0.52, (240, 240, 238), 0.01)
    c.box(0.14, 0.13, 0.21, 0.25, (220, 80, 30), 0.01)
    for y in (0.28, 0.36, 0.44):
        c.box(0.12, y, 0.25, y + 0.025, (48, 62, 78))
    boxes = ((188, 66, 44), (52, 104, 152), (212, 150, 46), (78, 128, 82))
    for column in range(6):
        for row in range(2 + column % 2):
            x, y = 0.31 + 0.098 * column, 0.455 - 0.065 * row
            c.box(x, y, x + 0.092, y + 0.06, boxes[(column * 3 + row) % 4])
    c.line([(0.93, 0.52), (0.93, 0.3)], (230, 230, 228), 0.012)
    c.oval(0.5, 0.71, 0.44, 0.014, (206, 222, 234))
    return c.finish(10)


_STROKES: dict[int, tuple[tuple[Point, ...], ...]] = {
    1: (((0.42, 0.26), (0.54, 0.16), (0.51, 0.86)),),
    4: (((0.36, 0.16), (0.26, 0.54), (0.72, 0.5)), ((0.62, 0.2), (0.56, 0.88))),
    7: (((0.26, 0.2), (0.72, 0.18), (0.58, 0.5), (0.46, 0.86)),),
}


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> tuple[Point, ...]:
    """Return points of an elliptic arc, in degrees clockwise from the right."""
    angles = np.radians(np.linspace(start, stop, 25))
    return tuple((x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles)


def strokes(digit: int) -> tuple[tuple[Point, ...], ...]:
    """Return the pen's way through a digit on the unit square, one row of points for each stroke."""
    curved: dict[int, Callable[[], tuple[tuple[Point, ...], ...]]] = {
        0: lambda: (_arc(0.5, 0.51, 0.21, 0.34, -80, 285),),
        2: lambda: ((*_arc(0.48, 0.34, 0.2, 0.18, -160, 40), (0.3, 0.84), (0.74, 0.82)),),
        3: lambda: ((*_arc(0.46, 0.34, 0.19, 0.17, -150, 80), *_arc(0.47, 0.68, 0.22, 0.18, -80, 150)),),
        5: lambda: (((0.68, 0.17), (0.38, 0.18), (0.34, 0.45), *_arc(0.48, 0.64, 0.21, 0.21, -115, 145)),),
        6: lambda: (((0.6, 0.15), (0.4, 0.38), *_arc(0.5, 0.67, 0.18, 0.18, -190, 180)),),
        8: lambda: (_arc(0.5, 0.33, 0.15, 0.16, 90, 450), _arc(0.5, 0.68, 0.18, 0.19, -90, 270)),
        9: lambda: ((*_arc(0.5, 0.34, 0.17, 0.17, 0, -350), (0.66, 0.5), (0.58, 0.87)),),
    }
    return curved[digit]() if digit in curved else _STROKES[digit]


def digit(value: int) -> Image.Image:
    """Draw a digit as if written with a white pen on black, slightly slanted: RGB, 256 x 256."""
    side = SIDE * _OVER
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    width = 0.085 * side
    for stroke in strokes(value):
        points = []
        for x, y in stroke:
            x, y = 0.5 + (x - 0.5) * 0.82 - (y - 0.5) * 0.1, 0.5 + (y - 0.5) * 0.82
            points.append((x * side, y * side))
        draw.line(points, fill=255, width=round(width), joint="curve")
        for x, y in points:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    image = image.filter(ImageFilter.GaussianBlur(side / 160))
    return image.resize((SIDE, SIDE), Image.Resampling.BOX).convert("RGB")


def gratings() -> Image.Image:
    """Draw nine patches of stripes, 0 to 160 degrees: what first-layer edge detectors answer to."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    patch = SIDE / 3
    angle = np.radians(20 * (np.floor(y / patch) * 3 + np.floor(x / patch)))
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * math.tau / 16)
    grey = (127.5 + 110 * wave).round().astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def shapes() -> Image.Image:
    """Draw a circle, a square and a triangle in the primary colours, on white."""
    c = Canvas("white", "white")
    c.box(0, 0, 1, 1, (255, 255, 255))
    c.disc(0.28, 0.3, 0.19, (214, 40, 40))
    c.box(0.55, 0.12, 0.92, 0.49, (38, 84, 180))
    c.shape([(0.5, 0.56), (0.78, 0.94), (0.22, 0.94)], (242, 184, 24))
    return c.finish(12, 0)
