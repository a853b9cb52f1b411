"""Inputs of the playground: patterns in cells that one can paint over, digits and photos made small."""

from __future__ import annotations

import base64
import binascii
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from explainer.samples import sample
from explainer.wording import later

STEPS = 1020
"""Painted values are kept in these parts of 1, which hold the grey levels 1 / 255 and twentieths exactly."""
LARGEST = 30
"""Magnitude of a painted value."""
_MOST_BYTES = 65_536


@dataclass(frozen=True)
class Pattern:
    """Something to paint over."""

    title: str
    value: Callable[[int, int, int, int], float]
    """From row, column and the numbers of rows and columns to a value."""


def _ring(row: int, column: int, rows: int, columns: int) -> float:
    y, x = (2 * row + 1) / rows - 1, (2 * column + 1) / columns - 1
    return float(0.4 <= (y * y + x * x) ** 0.5 <= 0.75)


NOISE = "noise"
"""Name of the pattern of random whole numbers."""
PATTERNS: Mapping[str, Pattern] = {
    "cross": Pattern(later("Cross"), lambda y, x, h, w: float(y == h // 2 or x == w // 2)),
    "edge": Pattern(later("Vertical edge"), lambda y, x, h, w: float(x >= w // 2)),
    "diagonal": Pattern(later("Diagonal"), lambda y, x, h, w: float(x == y)),
    "ring": Pattern(later("Ring"), _ring),
    "dot": Pattern(later("One dot"), lambda y, x, h, w: float(y == h // 2 and x == w // 2)),
    "ramp": Pattern(later("Ramp"), lambda y, x, h, w: x / 10),
    "steps": Pattern(later("Horizontal stripes"), lambda y, x, h, w: float(y // 2 % 2)),
    "ones": Pattern(later("All ones"), lambda y, x, h, w: 1.0),
    "empty": Pattern(later("Empty"), lambda y, x, h, w: 0.0),
    NOISE: Pattern(later("Random numbers"), lambda y, x, h, w: float(random.Random(y * w + x).randint(0, 9))),
}


def pattern(name: str, rows: int, columns: int) -> Tensor:
    """Return a pattern, float [rows, columns]; the random one is the same every time."""
    value = PATTERNS[name].value
    return torch.tensor([[value(y, x, rows, columns) for x in range(columns)] for y in range(rows)])


def patterns(name: str, channels: int, rows: int, columns: int) -> Tensor:
    """Return a pattern for each channel, the named one first, float [channels, rows, columns]."""
    if name in ("ones", "empty"):
        return pattern(name, rows, columns).repeat(channels, 1, 1)
    names = [key for key in PATTERNS if key != "empty"]
    start = names.index(name)
    return torch.stack([pattern(names[(start + c) % len(names)], rows, columns) for c in range(channels)])


def write_cells(values: Tensor) -> str:
    """Return painted cells [C, H, W] as text for a link; values are rounded to ``1 / STEPS``."""
    steps = (
        (values * STEPS)
        .round()
        .clamp(-LARGEST * STEPS, LARGEST * STEPS)
        .to(torch.int16)
        .numpy()
        .astype("<i2")
    )
    shape = bytes(values.shape)
    packed = zlib.compress(shape + steps.tobytes(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cells(text: str) -> Tensor | None:
    """Return what ``write_cells`` wrote; ``None`` for anything else a link may hold."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        data = zlib.decompressobj().decompress(packed, _MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        return None
    if len(data) < 3 or 0 in data[:3]:
        return None
    channels, rows, columns = data[:3]
    if len(data) != 3 + 2 * channels * rows * columns:
        return None
    steps = np.frombuffer(data, "<i2", offset=3).reshape(channels, rows, columns)
    return torch.from_numpy(steps.astype(np.float32) / STEPS)


def fitted_cells(values: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    """Return painted cells in another shape: cut, or filled up with zeros at the far ends."""
    made = torch.zeros(channels, rows, columns)
    c, h, w = (min(a, b) for a, b in zip(values.shape, made.shape, strict=True))
    made[:c, :h, :w] = values[:c, :h, :w]
    return made


def picture(image: Image.Image, side: int, channels: int) -> Tensor:
    """Return a picture made small, values 0 to 1, float [channels, h, w], its longer side ``side``.

    One channel is its brightness; three are red, green and blue; others go round through these.
    """
    width, height = image.size
    scale = side / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = image.convert("L" if channels == 1 else "RGB").resize(size, Image.Resampling.BOX)
    values = torch.from_numpy(np.asarray(small, np.float32) / 255)
    if channels == 1:
        return values[None]
    planes = values.permute(2, 0, 1)
    return torch.stack([planes[channel % 3] for channel in range(channels)])


def digits(first: int, side: int, channels: int) -> Tensor:
    """Return a sample digit, in further channels the next ones, values 0 to 1, [channels, side, side]."""
    shown = [sample(f"digit-{(first + channel) % 10}").load() for channel in range(channels)]
    return torch.cat([picture(one, side, 1) for one in shown])
