"""What the browser gets of a photo: its bytes, and a table for everything that is computed of a byte."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from explainer.playground.pixels import (
    IMAGENET,
    MOST_BITS,
    SIGNED,
    Scale,
    codes,
    grey,
    normalised,
    own_scale,
    restored,
)


def sent(pixels: Tensor) -> dict[str, Any]:
    """Return the photo for the component ``pixel_view``.

    A byte has 256 values, so everything that is computed of one is a table of 256 numbers, made by PyTorch;
    the browser looks them up and computes nothing itself.

    Args:
        pixels: uint8 [H, W, 3].
    """
    every = torch.arange(256)
    level = every.to(torch.uint8)
    steps = [codes(level, bits) for bits in range(1, MOST_BITS + 1)]
    shades = grey(pixels)
    scales = {"imagenet": IMAGENET, "signed": SIGNED, "photo": own_scale(pixels)}
    return {
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "pixels": pixels,
        "grey": shades,
        "counts": torch.bincount(shades.flatten().long(), minlength=256).float(),
        "codes": torch.stack(steps),
        "shown": torch.stack([restored(code, bits) for bits, code in enumerate(steps, 1)]),
        "scaled": level.float() / 255,
        "scales": {name: _scale(scale) for name, scale in scales.items()},
    }


def _scale(scale: Scale) -> dict[str, Any]:
    """Return a scale and what it makes of each byte of each colour, float32 [3, 256]."""
    bytes_ = (torch.arange(256).float() / 255).expand(1, 3, 1, 256)
    return {"mean": list(scale.mean), "std": list(scale.std), "table": normalised(bytes_, scale)[0, :, 0]}
