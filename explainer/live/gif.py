"""Write frames into a GIF that repeats, with one palette for all of them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

_COLOURS = 255
"""One less than there is room for: what stays as it was in the frame before needs none."""
_PALETTE_FRAMES = 12
"""How many frames the palette is made from."""


def encoded_gif(frames: Sequence[Image.Image], lasting: Sequence[int], *, dither: bool) -> bytes:
    """Return an animation.

    Args:
        frames: RGB, at least one, all of one size.
        lasting: milliseconds that each stands; a GIF counts in steps of ten.
        dither: whether colours that the palette lacks are made of dots: good for photos, not for drawings.
    """
    palette = _palette(frames)
    way = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    reduced = [one.quantize(palette=palette, dither=way) for one in frames]
    file = io.BytesIO()
    reduced[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=reduced[1:],
        palette=bytes(palette.getpalette() or ()),  # else every frame brings its own
        duration=list(lasting),
        loop=0,
        optimize=False,
    )
    return file.getvalue()


def _palette(frames: Sequence[Image.Image]) -> Image.Image:
    """Return the colours that serve all frames: those of a sheet with some of them side by side."""
    step = -(-len(frames) // _PALETTE_FRAMES)
    chosen = [*frames[::step], frames[-1]]
    sheet = np.concatenate([np.asarray(one) for one in chosen])
    return Image.fromarray(sheet).quantize(_COLOURS, method=Image.Quantize.MEDIANCUT)
