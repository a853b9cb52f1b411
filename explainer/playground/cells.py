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

STEPS = 20
"""Painted values are kept in twentieths."""
LARGEST = 127 * 8 / STEPS
_MOST_BYTES = 65_536


@dataclass(frozen=True)
class Pattern:
    """Something to paint over."""

    title: str
    value: Callable[[float, float], float]
    """From row and column, each from -1 to 1, to a value."""


def _ring(y: float, x: float) -> float:
    return float(0.45 <= (y * y + x * x) ** 0.5 <= 0.8)


PATTERNS: Mapping[str, Pattern] = {
    "cross": Pattern(later("Cross"), lambda y, x: float(min(abs(y), abs(x)) < 0.13)),
    "edge": Pattern(later("Vertical edge"), lambda y, x: float(x >= 0)),
    "diagonal": Pattern(later("Diagonal"), lambda y, x: float(abs(y - x) < 0.13)),
    "ring": Pattern(later("Ring"), _ring),
    "dot": Pattern(later("One dot"), lambda y, x: float(max(abs(y), abs(x)) < 0.13)),
    "ramp": Pattern(later("Ramp"), lambda y, x: round((x + 1) / 2 * 10) / 10),
    "steps": Pattern(later("Horizontal stripes"), lambda y, x: float(int((y + 1) * 1.75) % 2)),
    "ones": Pattern(later("All ones"), lambda y, x: 1.0),
    "empty": Pattern(later("Empty"), lambda y, x: 0.0),
}
NOISE = "noise"
"""Name of the pattern of random whole numbers."""


def pattern(name: str, rows: int, columns: int, channel: int = 0) -> Tensor:
    """Return a pattern, float [rows, columns]; of random whole numbers 0 to 9 for ``NOISE``."""
    if name == NOISE:
        dice = random.Random(channel + 1)
        return torch.tensor([[float(dice.randint(0, 9)) for _ in range(columns)] for _ in range(rows)])
    value = PATTERNS[name].value

    def at(index: int, count: int) -> float:
        return (2 * index - (count - 1)) / max(1, count - 1) if count > 1 else 0.0

    # Of an even number of cells none is in the middle; the one after it stands in.
    return torch.tensor(
        [
            [value(_settled(at(y, rows), rows), _settled(at(x, columns), columns)) for x in range(columns)]
            for y in range(rows)
        ]
    )


def _settled(place: float, count: int) -> float:
    """Move the cell right after the middle of an even number of cells onto the middle."""
    first = 1 / max(1, count - 1)
    return 0.0 if count % 2 == 0 and abs(place - first) < 1e-9 else place


def patterns(name: str, channels: int, rows: int, columns: int) -> Tensor:
    """Return a pattern for each channel, the named one first, float [channels, rows, columns]."""
    names = [key for key in PATTERNS if key != "empty"]
    if name in (NOISE, "empty", "ones"):
        return torch.stack([pattern(name, rows, columns, channel) for channel in range(channels)])
    start = names.index(name)
    chosen = [names[(start + channel) % len(names)] for channel in range(channels)]
    return torch.stack([pattern(one, rows, columns) for one in chosen])


def write_cells(values: Tensor) -> str:
    """Return painted cells [C, H, W] as text for a link; values are rounded to ``1 / STEPS``."""
    steps = (values * STEPS).round().clamp(-1016, 1016).to(torch.int16).numpy().astype("<i2")
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
