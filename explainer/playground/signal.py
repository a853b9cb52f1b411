"""Convolution in one dimension, a window at a time; every number is computed by PyTorch.

A kernel of ``K`` numbers is laid over ``K`` cells of the data, ``dilation`` apart; what lies on each other is
multiplied and added up; then the kernel moves on by ``stride``. That is what ``torch.nn.functional.conv1d``
computes. In mathematics a convolution reads the kernel backwards; what conv1d does is called
cross-correlation there (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 9.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.errors import ReaderError

MODES = ("zeros", "reflect", "replicate", "circular")
"""What stands in the padding: ``padding_mode`` of ``torch.nn.Conv1d``."""
MOST_DATA, MOST_KERNEL, MOST_STEP = 64, 15, 8
"""Most numbers of the data, of the kernel; most for stride, padding and dilation."""
LARGEST = 1e6
"""Magnitude of a number."""


@dataclass(frozen=True)
class Line:
    """Data, a kernel and how the kernel moves over the data."""

    data: tuple[float, ...]
    kernel: tuple[float, ...]
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    mode: str = "zeros"
    flip: bool = False
    """Whether the kernel is read backwards: a convolution as mathematics defines it."""

    @property
    def reach(self) -> int:
        """Cells from the first to the last that the kernel covers, holes of the dilation included."""
        return self.dilation * (len(self.kernel) - 1) + 1

    @property
    def span(self) -> int:
        """Cells that the window can move over: data and padding."""
        return len(self.data) + 2 * self.padding

    @property
    def size(self) -> int:
        """Numbers of the output, by the formula in the documentation of ``torch.nn.Conv1d``; 0 for none."""
        return max(0, (self.span - self.reach) // self.stride + 1)

    @property
    def weights(self) -> tuple[float, ...]:
        """The kernel in the order in which it is laid over the data."""
        return self.kernel[::-1] if self.flip else self.kernel


def check(line: Line) -> None:
    """Make sure that PyTorch can compute it.

    Raises:
        ReaderError: there is no output, or the padding asks for more data than there are.
    """
    count = len(line.data)
    if line.mode == "reflect" and line.padding >= count:
        raise ReaderError(
            "Reflecting needs more data than padding: {padding} cells cannot be mirrored from {count} "
            "values.",
            padding=line.padding,
            count=count,
        )
    if line.mode == "circular" and line.padding > count:
        raise ReaderError(
            "Going round needs as much data as padding: {padding} cells cannot be taken from {count} values.",
            padding=line.padding,
            count=count,
        )
    if line.size == 0:
        raise ReaderError(
            "The kernel reaches over {reach} cells, but there are only {span}: add data or padding.",
            reach=line.reach,
            span=line.span,
        )


def padded(line: Line) -> Tensor:
    """Return the data with their padding, float32 [N + 2 · padding]."""
    check(line)
    data = torch.tensor(line.data, dtype=torch.float32)
    return _pad(data[None, None], line)[0, 0]


def convolve(line: Line) -> Tensor:
    """Return the output, float32 [size].

    Raises:
        ReaderError: as ``check``.
    """
    check(line)
    return _convolve(torch.tensor(line.data, dtype=torch.float32)[None, None], line)[0, 0]


def windows(line: Line) -> Tensor:
    """Return what lies under the kernel at each of its places, float32 [size, K]."""
    found = padded(line).unfold(0, line.reach, line.stride)
    return found[:, :: line.dilation]


def matrix(line: Line) -> Tensor:
    """Return the matrix whose product with the data is the output, float32 [size, N].

    A convolution is linear: column ``i`` is its answer to data that are 1 at ``i`` and 0 elsewhere. With
    stride 1 and zeros in the padding it is a Toeplitz matrix: one weight along each diagonal.
    """
    check(line)
    return _convolve(torch.eye(len(line.data))[:, None], line)[:, 0].T.contiguous()


def likeness(line: Line) -> Tensor:
    """Return the cosine of the angle between each window and the weights, float32 [size]; 0 for an empty one.

    The output is this cosine times the lengths of both, so a loud window can answer as much as a fitting one.
    """
    weights = torch.tensor(line.weights, dtype=torch.float32)
    return F.cosine_similarity(windows(line), weights[None], dim=1)


def _pad(data: Tensor, line: Line) -> Tensor:
    if line.mode == "zeros":
        return F.pad(data, (line.padding, line.padding))
    return F.pad(data, (line.padding, line.padding), mode=line.mode)


def _convolve(data: Tensor, line: Line) -> Tensor:
    weights = torch.tensor(line.weights, dtype=torch.float32)[None, None]
    return F.conv1d(_pad(data, line), weights, stride=line.stride, dilation=line.dilation)
