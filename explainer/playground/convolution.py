"""The geometry and the arithmetic of a 2-D convolution, plain or transposed, with what every number does.

Rows and columns do not know of each other, so the geometry is one ``Axis`` each. On it lies the *field*: the
input with everything that the window meets besides it, in coordinates whose 0 is the input's first number.
Padding has coordinates below 0 and from the input's end on. In a transposed convolution the numbers of the
input lie ``stride`` apart with zeros between them, and the window moves by one, turned by half a turn
(V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, sections 2 and 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from explainer.errors import ReaderError

Pair = tuple[int, int]
"""Of rows and of columns."""
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
PADDING_MODES: tuple[PaddingMode, ...] = ("zeros", "reflect", "replicate", "circular")


@dataclass(frozen=True)
class Axis:
    """One direction of a convolution."""

    size: int
    """Numbers of the input."""
    kernel: int
    stride: int = 1
    before: int = 0
    """Padding at the near end."""
    after: int = 0
    dilation: int = 1
    mode: PaddingMode = "zeros"
    transposed: bool = False
    output_padding: int = 0

    @property
    def span(self) -> int:
        """From the kernel's first weight to its last, holes included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def output(self) -> int:
        """How many numbers come out; 0 or less where the window does not fit (``Conv2d``, ``Shape``)."""
        if self.transposed:
            inner = (self.size - 1) * self.stride - self.before - self.after
            return inner + self.span + self.output_padding
        return (self.size + self.before + self.after - self.span) // self.stride + 1

    @property
    def remainder(self) -> int:
        """How many cells of the field are left over at the far end: what the floor cuts off."""
        return 0 if self.transposed else (self.size + self.before + self.after - self.span) % self.stride

    @property
    def step(self) -> int:
        """How far the window moves from one output to the next."""
        return 1 if self.transposed else self.stride

    def position(self, output: int, tap: int) -> int:
        """Return the coordinate in the field over which weight ``tap`` lies for an output."""
        if self.transposed:
            return output + self.before - tap * self.dilation
        return output * self.stride + tap * self.dilation - self.before

    @cached_property
    def field(self) -> range:
        """The coordinates of the field: the input and all that the windows meet besides it."""
        if not self.transposed:
            return range(-self.before, self.size + self.after)
        far = (self.size - 1) * self.stride
        first = self.before - self.span + 1
        return range(min(0, first), max(far, self.output - 1 + self.before) + 1)

    def source(self, coordinate: int) -> int | None:
        """Return which number of the input is read at a coordinate; ``None`` for a zero put there."""
        if self.transposed:
            index, rest = divmod(coordinate, self.stride)
            return index if rest == 0 and 0 <= index < self.size else None
        if 0 <= coordinate < self.size:
            return coordinate
        if self.mode == "replicate":
            return min(max(coordinate, 0), self.size - 1)
        if self.mode == "circular":
            return coordinate % self.size
        if self.mode == "reflect":
            return -coordinate if coordinate < 0 else 2 * (self.size - 1) - coordinate
        return None

    def is_input(self, coordinate: int) -> bool:
        """Whether a number of the input itself lies at a coordinate, not padding nor an inserted zero."""
        if self.transposed:
            return self.source(coordinate) is not None
        return 0 <= coordinate < self.size

    def is_hole(self, coordinate: int) -> bool:
        """Whether a zero lies there that a transposed convolution puts between two numbers of the input."""
        inside = 0 <= coordinate <= (self.size - 1) * self.stride
        return self.transposed and inside and coordinate % self.stride != 0

    def taps(self, output: int) -> tuple[tuple[int, int, int | None], ...]:
        """Return the window of an output: for each weight its index, its coordinate, the input's index."""
        return tuple(
            (tap, place, self.source(place))
            for tap in range(self.kernel)
            for place in (self.position(output, tap),)
        )

    @cached_property
    def read(self) -> frozenset[int]:
        """The coordinates that any window reads."""
        return frozenset(self.position(p, tap) for p in range(self.output) for tap in range(self.kernel))

    def uses(self, tap: int) -> tuple[int, ...]:
        """Return the coordinates over which one weight comes to lie, output by output: all share it."""
        return tuple(self.position(output, tap) for output in range(self.output))

    def fed(self, index: int) -> tuple[tuple[int, int], ...]:
        """Return which outputs a number of the input goes into, each with the weight that it meets."""
        return tuple(
            (output, tap)
            for output in range(self.output)
            for tap, _, source in self.taps(output)
            if source == index
        )


@dataclass(frozen=True)
class Tap:
    """One weight of a window at one place."""

    row: int
    column: int
    """Which weight of the kernel."""
    y: int
    x: int
    """Where in the field."""
    source: Pair | None
    """Which number of the input is read there; ``None`` for a zero from the padding or in between."""


@dataclass(frozen=True)
class Convolution:
    """The settings of ``nn.Conv2d`` or ``nn.ConvTranspose2d``."""

    in_channels: int = 1
    out_channels: int = 1
    kernel: Pair = (3, 3)
    stride: Pair = (1, 1)
    padding: Pair | Literal["same"] = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    padding_mode: PaddingMode = "zeros"
    transposed: bool = False
    output_padding: Pair = (0, 0)
    bias: bool = True

    @property
    def inputs_each(self) -> int:
        """How many input channels one output channel reads."""
        return self.in_channels // self.groups

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Of the weights ordered by output channel: [outputs, inputs read, rows, columns]."""
        return (self.out_channels, self.inputs_each, *self.kernel)

    def inputs(self, output_channel: int) -> range:
        """Return which input channels an output channel reads: those of its group."""
        group = output_channel // (self.out_channels // self.groups)
        return range(group * self.inputs_each, (group + 1) * self.inputs_each)

    @property
    def margins(self) -> tuple[Pair, Pair]:
        """Padding (before, after) of rows and of columns; ``"same"`` puts an odd cell at the far end."""
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel, strict=True)]
            top, left = (total // 2 for total in totals)
            return (top, totals[0] - top), (left, totals[1] - left)
        return (self.padding[0], self.padding[0]), (self.padding[1], self.padding[1])

    def axes(self, size: Pair) -> tuple[Axis, Axis]:
        """Return the directions for an input of ``size`` (rows, columns), checked.

        Raises:
            ReaderError: PyTorch would refuse these settings; the message says why.
        """
        self._check(size)
        rows, columns = (
            Axis(
                size[i],
                self.kernel[i],
                self.stride[i],
                *self.margins[i],
                self.dilation[i],
                self.padding_mode,
                self.transposed,
                self.output_padding[i] if self.transposed else 0,
            )
            for i in (0, 1)
        )
        for axis in (rows, columns):
            if axis.output < 1:
                raise (
                    ReaderError(
                        "The window covers {span} cells, but the input has only {field} with its padding: "
                        "make the kernel or the dilation smaller, or the padding larger.",
                        span=axis.span,
                        field=axis.size + axis.before + axis.after,
                    )
                    if not axis.transposed
                    else ReaderError("The padding cuts away everything: nothing is left of the output.")
                )
        return rows, columns

    def _check(self, size: Pair) -> None:
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ReaderError(
                "{groups} groups must divide both the {inputs} input and the {outputs} output channels.",
                groups=self.groups,
                inputs=self.in_channels,
                outputs=self.out_channels,
            )
        if self.padding == "same" and (self.stride != (1, 1) or self.transposed):
            raise ReaderError("padding='same' is only there for a convolution with stride 1.")
        if self.transposed:
            if self.padding_mode != "zeros":
                raise ReaderError("A transposed convolution pads with zeros only.")
            for extra, stride, dilation in zip(self.output_padding, self.stride, self.dilation, strict=True):
                if extra and extra >= max(stride, dilation):
                    raise ReaderError("output_padding must be smaller than the stride or the dilation.")
        for length, (before, after) in zip(size, self.margins, strict=True):
            most = max(before, after)
            if self.padding_mode == "reflect" and most >= length:
                raise ReaderError(
                    "Reflected padding must be smaller than the input: at most {most} here.", most=length - 1
                )
            if self.padding_mode == "circular" and most > length:
                raise ReaderError(
                    "Circular padding cannot be larger than the input: at most {most} here.", most=length
                )

    def output_size(self, size: Pair) -> Pair:
        """Return rows and columns of the output.

        Raises:
            ReaderError: as ``axes``.
        """
        rows, columns = self.axes(size)
        return rows.output, columns.output

    def window_of(self, size: Pair, y: int, x: int) -> tuple[Tap, ...]:
        """Return what the output at (y, x) reads in each of its input channels, weight by weight."""
        rows, columns = self.axes(size)
        return tuple(
            Tap(row, column, at_y, at_x, None if from_y is None or from_x is None else (from_y, from_x))
            for row, at_y, from_y in rows.taps(y)
            for column, at_x, from_x in columns.taps(x)
        )

    def fed_by(self, size: Pair, y: int, x: int) -> tuple[tuple[Pair, Pair], ...]:
        """Return which outputs the input at (y, x) feeds, each with the weight (row, column) that it meets.

        An output stands there twice where padding reads the same number once more.
        """
        rows, columns = self.axes(size)
        return tuple(
            ((out_y, out_x), (row, column)) for out_y, row in rows.fed(y) for out_x, column in columns.fed(x)
        )

    def padded(self, image: Tensor) -> Tensor:
        """Return the input with its padding, [N, C, H + padding, W + padding]; of a plain convolution."""
        (top, bottom), (left, right) = self.margins
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        return F.pad(image, (left, right, top, bottom), mode=mode)

    def apply(
        self, image: Tensor, weight: Tensor, bias: Tensor | None = None, *, flip: bool = False
    ) -> Tensor:
        """Convolve by ``torch.nn.functional``.

        Args:
            image: float [N, in_channels, H, W].
            weight: float ``weight_shape``, by output channel also for a transposed convolution.
            bias: float [out_channels], used if the layer has one.
            flip: turn every kernel by half a turn first: convolution as mathematics defines it. What PyTorch
                calls a convolution is a cross-correlation.

        Raises:
            ReaderError: as ``axes``.
        """
        self.axes((image.shape[-2], image.shape[-1]))
        if flip:
            weight = weight.flip(-2, -1)
        offset = bias if self.bias else None
        if self.transposed:
            assert self.padding != "same"
            return F.conv_transpose2d(
                image,
                by_input(weight, self.groups),
                offset,
                self.stride,
                self.padding,
                self.output_padding,
                self.groups,
                self.dilation,
            )
        return F.conv2d(self.padded(image), weight, offset, self.stride, 0, self.dilation, self.groups)


def by_input(weight: Tensor, groups: int) -> Tensor:
    """Order weights [O, I / groups, h, w] as ``nn.ConvTranspose2d`` keeps them: [I, O / groups, h, w]."""
    per_group = weight.reshape(groups, -1, *weight.shape[1:])
    return per_group.transpose(1, 2).flatten(0, 1).contiguous()


def formula(axis: Axis, letter: str) -> str:
    """Return the output size by the formula of PyTorch's documentation, in LaTeX, with the numbers put in.

    Args:
        axis: the direction.
        letter: what its size is called: ``"H"`` or ``"W"``.
    """
    n, k, s, d = axis.size, axis.kernel, axis.stride, axis.dilation
    same = axis.before == axis.after
    if axis.transposed:
        extra = axis.output_padding
        symbols = f"({letter} - 1) \\cdot S - 2P + D \\cdot (K - 1) + P_\\text{{out}} + 1"
        numbers = f"({n} - 1) \\cdot {s} - 2 \\cdot {axis.before} + {d} \\cdot ({k} - 1) + {extra} + 1"
        return f"{letter}_\\text{{out}} = {symbols} = {numbers} = {axis.output}"
    padding = "2P" if same else "P_\\text{before} + P_\\text{after}"
    filled = f"2 \\cdot {axis.before}" if same else f"{axis.before} + {axis.after}"
    symbols = f"\\left\\lfloor \\frac{{{letter} + {padding} - D \\cdot (K - 1) - 1}}{{S}} \\right\\rfloor + 1"
    numbers = f"\\left\\lfloor \\frac{{{n} + {filled} - {d} \\cdot ({k} - 1) - 1}}{{{s}}} \\right\\rfloor + 1"
    above = n + axis.before + axis.after - axis.span
    middle = f"\\left\\lfloor {above / s:.4g} \\right\\rfloor + 1"
    return f"{letter}_\\text{{out}} = {symbols} = {numbers} = {middle} = {axis.output}"
