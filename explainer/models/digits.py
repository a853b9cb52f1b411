"""A drawn digit the way MNIST prepared its own.

Source: LeCun, Bottou, Bengio, Haffner (1998), "Gradient-Based Learning Applied to Document Recognition", and
the description of the MNIST files: digits are scaled to fit a 20 x 20 box with their proportions kept, and
placed by their centre of mass at the centre of a 28 x 28 field. In the files the centre is pixel number 14
of 0..27: measured there, the mass lies at 14.0, never more than half a pixel away. LeNet-5 sees that field
with a border of 2, 32 x 32.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

BOX = 20
"""Longer side of the scaled digit."""
FIELD = 32
"""Side of the picture that LeNet-5 sees: MNIST's 28 and a border of 2."""
INK = 16
"""Grey values up to this are the background's noise (JPEG, a scanner), not the digit."""


def centre_digit(image: Image.Image) -> Image.Image:
    """Return the digit of ``image``, size-normalised and centred: mode ``"L"``, 32 x 32, light on black.

    Args:
        image: a light digit on black, any size; an empty picture gives an empty field.
    """
    grey = image.convert("L")
    box = grey.point(lambda value: 255 if value > INK else 0).getbbox()
    field = Image.new("L", (FIELD, FIELD))
    if box is None:
        return field
    digit = grey.crop(box)
    scale = BOX / max(digit.size)
    size = tuple(max(1, round(side * scale)) for side in digit.size)
    digit = digit.resize((size[0], size[1]), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    mass = np.asarray(digit, dtype=np.float64)
    corner = []
    for axis, side in ((0, digit.width), (1, digit.height)):
        along = mass.sum(axis=axis)
        centre = float((along * np.arange(side)).sum() / along.sum())
        corner.append(min(max(round(FIELD / 2 - centre), 0), FIELD - side))
    field.paste(digit, (corner[0], corner[1]))
    return field
