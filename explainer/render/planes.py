"""A node's output as planes, one picture a channel, and planes as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.tracing import Node
from explainer.tracing.arithmetic import extent, maps

Layout = Literal["map", "vector", "tokens", "other"]


def layout_of(node: Node) -> Layout:
    """Say how an output is arranged: map [N, C, H, W], vector [N, C], tokens [N, L, C], or other."""
    if not node.dtype.is_floating_point or prod(node.shape) == 0:
        return "other"
    return {4: "map", 2: "vector", 3: "tokens"}.get(len(node.shape), "other")  # type: ignore[return-value]


def planes(node: Node, item: int = 0) -> Tensor | None:
    """Return one image's output as planes [C, H, W], a view where possible.

    The planes that ``explain`` counts its positions in: vectors are planes of one pixel, tokens planes of one
    row, channels come first also where the network keeps them last. ``None`` for outputs of another kind
    (shapes without a batch axis, integers).
    """
    if layout_of(node) == "other" or node.shape[0] <= item:
        return None
    return maps(node, item).detach()


def extent_of(node: Node) -> tuple[int, int, int] | None:
    """Return the size of ``planes(node)``, (C, H, W), without the need for its values."""
    return None if layout_of(node) == "other" else extent(node)


@dataclass(frozen=True)
class Statistics:
    """Per-channel figures of planes [C, H, W], each float32 [C]."""

    low: Tensor
    high: Tensor
    rms: Tensor

    @property
    def scale(self) -> Tensor:
        """Largest magnitude of each channel."""
        return torch.maximum(self.low.abs(), self.high.abs())


def statistics(channels: Tensor) -> Statistics:
    """Measure planes [C, H, W]; values that are not finite count as zero."""
    flat = channels.float().flatten(1)
    found = _measure(flat)
    return found if bool(found.rms.isfinite().all()) else _measure(flat.nan_to_num(0.0, 0.0, 0.0))


def _measure(flat: Tensor) -> Statistics:
    # Two passes: torch.aminmax along an axis is not vectorised and takes five times as long.
    rms = torch.linalg.vector_norm(flat, dim=1) / flat.shape[1] ** 0.5
    return Statistics(flat.amin(1), flat.amax(1), rms)


def fit_side(height: int, width: int, most: int) -> tuple[int, int]:
    """Return a plane's size shrunk to at most ``most`` pixels on the longer side, never enlarged."""
    shrink = max(height, width) / most
    if shrink <= 1:
        return height, width
    return max(1, round(height / shrink)), max(1, round(width / shrink))


def quantise(channels: Tensor, scale: Tensor, size: tuple[int, int]) -> Tensor:
    """Return planes [C, H, W] as bytes uint8 [C, h, w], shrunk by area averages to ``size``.

    A byte q stands for (q - 128) / 127 of the channel's scale; zero is exactly 128.
    """
    small = channels.float()
    if tuple(small.shape[1:]) != size:
        small = F.interpolate(small[None], size=size, mode="area")[0]
    gain = torch.where(scale > 0, 127 / scale, torch.zeros_like(scale))
    # Adding a half before the cut rounds to nearest; all results lie in 1..255.
    return small.mul(gain[:, None, None]).add_(128.5).nan_to_num_(128.5).clamp_(1, 255).to(torch.uint8)
