"""What a layer's numbers are like on one picture: range, spread, zeros, dead channels, distribution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.tracing import Node, extent, maps

BINS = 64
PERCENTS = (1, 5, 25, 50, 75, 95, 99)


@dataclass(frozen=True, eq=False)
class ChannelFigures:
    """Figures of every channel, each float32 [C] unless stated. Values that are not finite count as zero."""

    low: Tensor
    high: Tensor
    mean: Tensor
    deviation: Tensor
    """Standard deviation over the pixels (divided by their number, not by one less)."""
    rms: Tensor
    """Root of the mean square: the channel's energy per pixel, as a length."""
    zeros: Tensor
    """Share of values that are exactly zero, 0..1."""

    @property
    def dead(self) -> Tensor:
        """Channels that are zero everywhere on this picture, bool [C]; on another they may live."""
        return self.zeros == 1


@dataclass(frozen=True, eq=False)
class LayerFigures:
    """Figures of one layer's output for one picture."""

    values: Tensor
    """The numbers themselves, float32 [C, H·W], finite."""
    not_finite: int
    """How many values are NaN or infinite."""
    channels: ChannelFigures

    @property
    def low(self) -> float:
        """Smallest value."""
        return float(self.channels.low.min())

    @property
    def high(self) -> float:
        """Largest value."""
        return float(self.channels.high.max())

    @property
    def mean(self) -> float:
        """Mean over all channels and pixels."""
        return float(self.channels.mean.double().mean())

    @property
    def deviation(self) -> float:
        """Standard deviation over all channels and pixels."""
        square = float(self.channels.rms.double().square().mean())
        return float(max(0.0, square - self.mean**2) ** 0.5)

    @property
    def zeros(self) -> float:
        """Share of values that are exactly zero, 0..1."""
        return float(self.channels.zeros.double().mean())

    @property
    def dead(self) -> Tensor:
        """Numbers of the channels that are zero everywhere, int64 [D]."""
        return self.channels.dead.nonzero().flatten()

    @property
    def constant(self) -> Tensor:
        """Numbers of the channels with one and the same value everywhere that is not zero, int64 [K].

        None where a channel is one number anyway.
        """
        same = (self.channels.low == self.channels.high) & ~self.channels.dead
        return (same & (self.values.shape[1] > 1)).nonzero().flatten()

    @cached_property
    def edges(self) -> np.ndarray:
        """Borders of the histogram's bins, float64 [BINS + 1], from the smallest value to the largest."""
        low, high = self.low, self.high
        return np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])

    @cached_property
    def channel_counts(self) -> np.ndarray:
        """Histogram of each channel over the layer's ``edges``, int64 [C, bins]."""
        bins = len(self.edges) - 1
        width = (self.edges[-1] - self.edges[0]) / bins
        place = self.values.sub(self.edges[0]).mul_(1 / width).to(torch.int32).clamp_(0, bins - 1)
        place += torch.arange(len(place), dtype=torch.int32)[:, None] * bins
        counts = torch.bincount(place.flatten(), minlength=len(place) * bins)
        return counts.reshape(len(place), bins).numpy()

    @cached_property
    def counts(self) -> np.ndarray:
        """Histogram of all values over ``edges``, int64 [bins]."""
        return self.channel_counts.sum(0)

    @cached_property
    def percentiles(self) -> dict[int, float]:
        """The values below which ``PERCENTS`` of all lie, interpolated as ``numpy.percentile`` does."""
        flat = self.values.flatten().numpy()
        return dict(zip(PERCENTS, np.percentile(flat, PERCENTS).tolist(), strict=True))


def figures(node: Node, item: int = 0) -> LayerFigures:
    """Measure the output of ``node`` for one image of the batch.

    Args:
        node: any operation whose output has a batch axis and holds floating-point numbers.
        item: which image.

    Raises:
        ReaderError: the output holds no such numbers.
    """
    if not node.dtype.is_floating_point or len(node.shape) < 2 or 0 in node.shape:
        raise ReaderError("{node} has no channels to measure.", node=node.name)
    flat = maps(node, item).detach().float().reshape(extent(node)[0], -1)
    energy = torch.linalg.vector_norm(flat, dim=1)
    bad = 0
    if not bool(energy.isfinite().all()):  # one number that is not finite makes the norm so
        bad = int((~flat.isfinite()).sum())
        flat = flat.nan_to_num(0.0, 0.0, 0.0)
        energy = torch.linalg.vector_norm(flat, dim=1)
    size = flat.shape[1]
    mean = flat.mean(1)
    return LayerFigures(
        flat,
        bad,
        ChannelFigures(
            low=flat.amin(1),
            high=flat.amax(1),
            mean=mean,
            deviation=(flat - mean[:, None]).square_().mean(1).sqrt_(),
            rms=energy / size**0.5,
            zeros=1 - torch.count_nonzero(flat, 1) / size,
        ),
    )
