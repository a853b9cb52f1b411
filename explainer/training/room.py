"""The memory that the images of a data set may take, and the sizes at which they keep to it."""

from __future__ import annotations

from collections.abc import Iterator

MOST = 2_000_000_000
"""Bytes of all images of a data set together, as they are held in memory: a byte for each value."""
STEP = 32
"""Pixels; most networks halve an image up to five times, so sides are offered in multiples of it."""


def bytes_of(count: int, channels: int, side: int) -> int:
    """Return what so many images [channels, side, side] take in memory."""
    return count * channels * side * side


def sides_below(count: int, channels: int, side: int) -> Iterator[int]:
    """Yield the sides less than ``side`` at which so many images fit, the largest first."""
    for smaller in range((side - 1) // STEP * STEP, 0, -STEP):
        if bytes_of(count, channels, smaller) <= MOST:
            yield smaller
