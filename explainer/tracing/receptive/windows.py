"""Which input positions each output position of one axis reads: the only thing a field needs of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F


class Windows:
    """For every output position along an axis, the input positions it reads.

    Args:
        spots: int [outputs, taps]; positions below 0 or from ``size`` on lie in the padding.
        size: input positions along the axis.
        factor: by how much one output step is longer than one input step (the stride).
        missing: bool [outputs, taps], taps that read nothing at all (the gaps of a transposed convolution).
        inside: int [outputs, taps], where the padding's content comes from (reflected, repeated); ``None``
            where it is zeros.
    """

    __slots__ = ("blind", "clipped", "count", "factor", "inside", "missing", "over", "size", "still")

    def __init__(
        self,
        spots: np.ndarray,
        size: int,
        factor: float,
        missing: np.ndarray | None = None,
        inside: np.ndarray | None = None,
    ) -> None:
        self.count = len(spots)
        self.size = size
        self.factor = factor
        self.clipped = spots.clip(0, size - 1)
        over = (spots - self.clipped).astype(np.float64)
        outside = over != 0
        self.over = over if outside.any() else None
        """How far a position lies outside the input; ``None`` if none does."""
        self.inside = inside
        blind = outside & (not isinstance(inside, np.ndarray))
        self.blind = np.where(blind, np.inf, 0.0) if blind.any() else None
        """Infinity where nothing of the input is read."""
        self.missing = None if missing is None or not missing.any() else np.where(missing, np.inf, 0.0)
        self.still = (
            spots.shape[1] == 1 and self.count == size and bool((spots[:, 0] == np.arange(size)).all())
        )
        """Whether every output position reads just the input position of the same number."""


@lru_cache(maxsize=4096)
def sliding(size: int, outputs: int, kernel: int, stride: int, padding: int, dilation: int) -> Windows:
    """Slide as convolution and pooling do (``padding``: positions in front)."""
    return Windows(
        np.arange(outputs)[:, None] * stride - padding + np.arange(kernel) * dilation, size, stride
    )


@lru_cache(maxsize=1024)
def transposed(size: int, outputs: int, kernel: int, stride: int, padding: int, dilation: int) -> Windows:
    """Transposed convolution: the inputs whose stamped kernel covers the output."""
    reach = np.arange(outputs)[:, None] + padding - np.arange(kernel) * dilation
    return Windows(reach // stride, size, 1 / stride, missing=reach % stride != 0)


@lru_cache(maxsize=1024)
def adaptive(size: int, outputs: int) -> Windows:
    """Adaptive pooling: windows as even as they can be."""
    index = np.arange(outputs)
    return _spans(index * size // outputs, -(-(index + 1) * size // outputs), size, size / outputs)


@lru_cache(maxsize=1024)
def resized(
    size: int,
    outputs: int,
    mode: str,
    align_corners: bool | None,
    antialias: bool,
    scale: float | None,
) -> Windows:
    """Resizing by ``torch.nn.functional.interpolate``, with exactly the positions PyTorch itself reads.

    Resizing is linear, so each input position is sent through alone: where it arrives, it is read.
    """
    alone = torch.eye(size, dtype=torch.float64)[None, :, :, None]
    options: dict[str, Any] = {}
    if mode not in ("nearest", "nearest-exact", "area"):
        options["align_corners"] = align_corners
    if antialias and mode in ("bilinear", "bicubic"):
        options["antialias"] = True
    with torch.inference_mode():
        if scale is None:
            weights = F.interpolate(alone, size=(outputs, 1), mode=mode, **options)
        else:
            weights = F.interpolate(
                alone, scale_factor=(scale, 1.0), mode=mode, recompute_scale_factor=False, **options
            )
    read = weights[0, :, :outputs, 0].numpy().T != 0
    if len(read) != outputs:
        raise ValueError(f"{size} positions become {len(read)}, not {outputs}")
    return _spans(read.argmax(1), size - read[:, ::-1].argmax(1), size, size / outputs)


@lru_cache(maxsize=1024)
def padded(size: int, before: int, after: int, mode: str) -> Windows:
    """Pad (or, where negative, crop) at both ends."""
    spots = np.arange(-before, size + after)
    inside = None
    if mode == "reflect":
        last = max(size - 1, 1)
        inside = last - abs(last - spots % (2 * last))
    elif mode == "replicate":
        inside = spots.clip(0, size - 1)
    elif mode == "circular":
        inside = spots % size
    return Windows(spots[:, None], size, 1, inside=None if inside is None else inside[:, None])


def picked(spots: Sequence[int] | np.ndarray, size: int, factor: float) -> Windows:
    """Single positions: slices, flips, rolls, and lists of indices."""
    return Windows(np.asarray(spots, dtype=np.int64).reshape(-1, 1), size, factor)


def _spans(first: np.ndarray, last: np.ndarray, size: int, factor: float) -> Windows:
    """Windows of unequal widths, from ``first`` up to ``last`` (exclusive): the last tap is repeated."""
    widest = int((last - first).max())
    return Windows(np.minimum(first[:, None] + np.arange(widest), last[:, None] - 1), size, factor)
