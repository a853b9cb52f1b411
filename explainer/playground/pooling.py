"""Pooling: which numbers a window sees, which of them wins, and what becomes of a picture that is moved.

Max and average pooling follow ``torch.nn``; the names of the two properties that the moved picture tests are
those of R. Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019, arXiv:1904.11486:
*shift-invariant* is an output that stays as it is, *shift-equivariant* one that moves along with the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.playground.layer_code import build
from explainer.playground.layer_specs import LayerSpec
from explainer.playground.shapes import output_shape

KINDS = ("MaxPool2d", "AvgPool2d", "AdaptiveMaxPool2d", "AdaptiveAvgPool2d")
SAME = 1e-6
"""Two values that differ by at most this share of the range of values are taken as equal."""

Window = tuple[int, int]
"""The first place a window covers and the one behind its last; places outside the input are padding."""


@dataclass(frozen=True)
class Windows:
    """Where the windows of all outputs lie. Rows and columns do not know of each other."""

    rows: tuple[Window, ...]
    columns: tuple[Window, ...]
    step: tuple[int, int] = (1, 1)
    """From one number that is read to the next: the dilation."""


@dataclass(frozen=True)
class Size:
    """How many outputs there are in one direction, by the formula step by step."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool
    positions: float
    """``(H + 2p - d(k - 1) - 1) / s``, before it is rounded."""
    dropped: bool
    """Whether ``ceil_mode`` would add a window that begins behind the input: PyTorch leaves it out."""
    output: int


def pool(spec: LayerSpec, values: Tensor) -> Tensor:
    """Return what PyTorch's layer makes of one channel [H, W].

    Raises:
        ReaderError: the window is larger than the input with its padding.
    """
    output_shape(spec, (1, *values.shape))
    with torch.no_grad():
        pooled: Tensor = build(spec)(values[None, None])[0, 0]
    return pooled


def is_max(spec: LayerSpec) -> bool:
    """Return whether the largest number wins, not the average."""
    return "Max" in spec.kind


def output_size(spec: LayerSpec, size: int, direction: int) -> Size:
    """Return the number of outputs by the formula of PyTorch's documentation.

    Args:
        spec: a ``MaxPool2d`` or ``AvgPool2d``.
        size: of the input.
        direction: 0 for rows, 1 for columns.
    """
    kernel, stride, padding = (spec[name][direction] for name in ("kernel_size", "stride", "padding"))
    dilation = spec.arguments.get("dilation", (1, 1))[direction]
    positions = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride
    output = (ceil(positions) if spec["ceil_mode"] else floor(positions)) + 1
    dropped = bool(spec["ceil_mode"]) and (output - 1) * stride >= size + padding
    return Size(
        size, kernel, stride, padding, dilation, spec["ceil_mode"], positions, dropped, output - dropped
    )


def windows(spec: LayerSpec, height: int, width: int) -> Windows:
    """Return the windows of a pooling layer on an input of a size."""
    sides = [_along(spec, size, direction) for direction, size in enumerate((height, width))]
    return Windows(sides[0], sides[1], spec.arguments.get("dilation", (1, 1)))


def _along(spec: LayerSpec, size: int, direction: int) -> tuple[Window, ...]:
    if "output_size" in spec.arguments:
        count = spec["output_size"][direction] or size
        return tuple((floor(i * size / count), ceil((i + 1) * size / count)) for i in range(count))
    found = output_size(spec, size, direction)
    span = found.dilation * (found.kernel - 1) + 1
    starts = [i * found.stride - found.padding for i in range(found.output)]
    # A window that ceil_mode lets reach beyond the padding ends with it.
    return tuple((start, min(start + span, size + found.padding)) for start in starts)


def divisor(spec: LayerSpec, rows: Window, columns: Window, height: int, width: int) -> int:
    """Return what the sum of one window of an average pooling is divided by."""
    if spec.arguments.get("divisor_override"):
        return int(spec["divisor_override"])
    if spec.arguments.get("count_include_pad"):
        return (rows[1] - rows[0]) * (columns[1] - columns[0])
    inside = [min(stop, size) - max(start, 0) for (start, stop), size in ((rows, height), (columns, width))]
    return inside[0] * inside[1]


def stride_of(spec: LayerSpec, height: int, width: int) -> tuple[int, int]:
    """Return how far apart neighbouring windows begin."""
    if "stride" in spec.arguments:
        return int(spec["stride"][0]), int(spec["stride"][1])
    rows, columns = spec["output_size"]
    return max(1, height // (rows or height)), max(1, width // (columns or width))


# --- a picture that is moved --------------------------------------------------------------------------------


def shifted(values: Tensor, down: int, right: int) -> Tensor:
    """Return a picture [H, W] moved; where it leaves room, its edge is repeated."""
    height, width = values.shape
    rows = (torch.arange(height) - down).clamp(0, height - 1)
    columns = (torch.arange(width) - right).clamp(0, width - 1)
    return values[rows][:, columns]


@dataclass(frozen=True)
class Change:
    """How much of a map stayed as it was, place by place."""

    same: float
    """Share of the values that stayed."""
    mean: float
    """Mean of the absolute changes, as a share of the range of the input's values."""


@dataclass(frozen=True)
class Shifted:
    """What a shift of the input does to it and to what is pooled of it."""

    input: Change
    output: Change
    """At the same places: 1 and 0 would be shift-invariant."""
    moved: Change | None
    """With the output moved along by ``cells``, where both overlap: 1 and 0 would be shift-equivariant.

    ``None`` where nothing of both is left to compare.
    """
    cells: tuple[int, int]
    """The whole number of cells, down and right, by which the output fits best."""
    whole: bool
    """Whether the shift is a whole number of strides."""


def compare_shift(spec: LayerSpec, values: Tensor, down: int, right: int) -> Shifted:
    """Return what moving the input by whole pixels changes.

    Raises:
        ReaderError: the layer does not fit the input.
    """
    after = shifted(values, down, right)
    maps = pool(spec, values), pool(spec, after)
    return _compare(values, after, maps, windows(spec, *values.shape), (down, right), _strides(spec, values))


def _strides(spec: LayerSpec, values: Tensor) -> tuple[int, int]:
    return stride_of(spec, values.shape[0], values.shape[1])


def _compare(
    before: Tensor,
    after: Tensor,
    maps: tuple[Tensor, Tensor],
    where: Windows,
    shift: tuple[int, int],
    stride: tuple[int, int],
) -> Shifted:
    """Compare two inputs, and the two maps that were made of them."""
    extent = float(before.max() - before.min()) or 1.0
    best: tuple[Change, tuple[int, int]] | None = None
    for down in _near(shift[0], stride[0]):
        rows = _pure(where.rows, before.shape[0], shift[0], down)
        for right in _near(shift[1], stride[1]):
            columns = _pure(where.columns, before.shape[1], shift[1], right)
            if rows and columns:
                moved = maps[0][[row - down for row in rows]][:, [column - right for column in columns]]
                change = _change(moved, maps[1][rows][:, columns], extent)
                if best is None or change.mean < best[0].mean:
                    best = change, (down, right)
    output = _change(maps[0], maps[1], extent)
    moved_change, cells = best or (None, (0, 0))
    whole = all(one % step == 0 for one, step in zip(shift, stride, strict=True))
    return Shifted(_change(before, after, extent), output, moved_change, cells, whole)


def _near(shift: int, stride: int) -> tuple[int, ...]:
    """Return the whole numbers of cells on both sides of a shift."""
    return tuple(dict.fromkeys((floor(shift / stride), ceil(shift / stride))))


def _pure(where: tuple[Window, ...], size: int, shift: int, cells: int) -> list[int]:
    """Return the outputs that see neither padding nor what came in from outside, nor does their partner."""
    full = max(stop - start for start, stop in where)

    def inside(start: int, stop: int) -> bool:
        return start >= 0 and stop <= size and stop - start == full

    return [
        at
        for at, (start, stop) in enumerate(where)
        if inside(start, stop)
        and inside(start - shift, stop - shift)
        and 0 <= at - cells < len(where)
        and inside(*where[at - cells])
    ]


def _change(before: Tensor, after: Tensor, extent: float) -> Change:
    difference = (after - before).abs() / extent
    return Change(float((difference <= SAME).float().mean()), float(difference.mean()))


# --- pooling that bears shifts better -----------------------------------------------------------------------

BLUR = (1.0, 2.0, 1.0)
"""The filter "Triangle-3" of Zhang's article, in one direction."""


def blur_pool(spec: LayerSpec, values: Tensor) -> Tensor:
    """Return max pooling the way Zhang does it: largest value at every place, blurred, then every s-th kept.

    Raises:
        ReaderError: the layer has no stride or does not fit.
    """
    if spec.kind != "MaxPool2d":
        raise ReaderError("Blurring before the stride is shown for max pooling.")
    dense = pool(spec.but(stride=1, ceil_mode=False), values)
    one = torch.tensor(BLUR)
    kernel = (one[:, None] * one[None, :]) / one.sum() ** 2
    padded = F.pad(dense[None, None], (1, 1, 1, 1), mode="replicate")
    stride = (int(spec["stride"][0]), int(spec["stride"][1]))
    return F.conv2d(padded, kernel[None, None], stride=stride)[0, 0]


def _blurred_windows(spec: LayerSpec, height: int, width: int) -> Windows:
    """Return what the outputs of ``blur_pool`` see: windows that are one place longer at both ends."""
    found = windows(spec.but(stride=1, ceil_mode=False), height, width)
    rows, columns = (
        tuple((start - 1, stop + 1) for start, stop in side[::stride])
        for side, stride in zip((found.rows, found.columns), spec["stride"], strict=True)
    )
    return Windows(rows, columns, found.step)


def sweep(spec: LayerSpec, values: Tensor, longest: int) -> tuple[tuple[Shifted, Shifted | None], ...]:
    """Return what shifts to the right by 0, 1, ... ``longest`` pixels change, pooled plainly and with blur.

    Raises:
        ReaderError: the layer does not fit the input.
    """
    stride = _strides(spec, values)
    blurred = spec.kind == "MaxPool2d" and stride[1] > 1 and min(spec["kernel_size"]) > 1
    found = []
    for right in range(longest + 1):
        other = None
        if blurred:
            after = shifted(values, 0, right)
            maps = blur_pool(spec, values), blur_pool(spec, after)
            where = _blurred_windows(spec, *values.shape)
            other = _compare(values, after, maps, where, (0, right), stride)
        found.append((compare_shift(spec, values, 0, right), other))
    return tuple(found)
