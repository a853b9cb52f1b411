"""What a convolution costs, against a dense layer of the same sizes and a depthwise separable one.

Counted as ``explainer.tracing.cost`` does: a multiply-add is one multiplication with the addition
behind it (two FLOPs); padding is multiplied like any number; adding a bias is not counted. The factorisation
is A. Howard et al., MobileNets, 2017, arXiv:1704.04861, section 3.1; the names are theirs: standard
convolution, depthwise and pointwise convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from explainer.playground.layer_code import parameters_of
from explainer.playground.layer_specs import LayerSpec, layer
from explainer.playground.shapes import Shape, output_shape


@dataclass(frozen=True)
class LayerCost:
    """Parameters (weights and biases) and multiply-adds of one pass of one example. Costs add up."""

    parameters: int
    multiply_adds: int

    def __add__(self, other: LayerCost) -> LayerCost:
        return LayerCost(self.parameters + other.parameters, self.multiply_adds + other.multiply_adds)


@dataclass(frozen=True)
class Comparison:
    """A convolution and what could stand in its place."""

    spec: LayerSpec
    input_shape: Shape
    output_shape: Shape
    itself: LayerCost
    dense: LayerCost
    separable: LayerCost | None
    """``None`` for a layer of which depthwise separable is no saving: already grouped, or of size 1."""


def layer_cost(spec: LayerSpec, input_shape: Shape) -> LayerCost:
    """Return the cost of one layer for one example of a shape.

    Raises:
        ReaderError: the layer does not fit behind data of this shape.
    """
    return LayerCost(parameters_of(spec), _multiply_adds(spec, input_shape, output_shape(spec, input_shape)))


def _multiply_adds(spec: LayerSpec, before: Shape, after: Shape) -> int:
    if spec.kind == "Linear":
        return prod(after) * spec["in_features"]
    if "out_channels" not in spec.arguments:
        return 0
    size = spec["kernel_size"]
    taps = prod(size) if isinstance(size, tuple) else size
    if spec.kind == "ConvTranspose2d":  # every number that comes in is multiplied with a whole kernel
        return prod(before) * spec["out_channels"] // spec["groups"] * taps
    return prod(after) * spec["in_channels"] // spec["groups"] * taps


def dense_cost(before: Shape, after: Shape, bias: bool = True) -> LayerCost:
    """Return the cost of a dense layer between the same numbers: each with a weight to each."""
    joined = prod(before) * prod(after)
    return LayerCost(joined + bias * prod(after), joined)


def separable(spec: LayerSpec) -> tuple[LayerSpec, LayerSpec]:
    """Return the depthwise and the pointwise layer that together take the place of a convolution.

    The first filters every channel by itself, with the size, stride, padding and dilation of the whole; the
    second mixes the channels at every pixel.
    """
    channels = spec["in_channels"]
    depthwise = spec.but(out_channels=channels, groups=channels)
    pointwise = layer(
        "Conv2d", in_channels=channels, out_channels=spec["out_channels"], kernel_size=1, bias=spec["bias"]
    )
    return depthwise, pointwise


def compare(spec: LayerSpec, input_shape: Shape) -> Comparison:
    """Return the costs of a 2-D convolution and of its two alternatives.

    Args:
        spec: a ``Conv2d`` or ``ConvTranspose2d``.
        input_shape: channels, height and width of one example.

    Raises:
        ReaderError: the layer does not fit behind data of this shape.
    """
    after = output_shape(spec, input_shape)
    itself = LayerCost(parameters_of(spec), _multiply_adds(spec, input_shape, after))
    apart = None
    if spec["groups"] == 1 and prod(spec["kernel_size"]) > 1:
        depthwise, pointwise = separable(spec)
        middle = (spec["in_channels"], *after[1:])
        apart = LayerCost(
            parameters_of(depthwise), _multiply_adds(depthwise, input_shape, middle)
        ) + LayerCost(parameters_of(pointwise), _multiply_adds(pointwise, middle, after))
    return Comparison(spec, input_shape, after, itself, dense_cost(input_shape, after, spec["bias"]), apart)


def formulas(found: Comparison) -> tuple[tuple[str, str], ...]:
    """Return parameters and multiply-adds of each alternative as LaTeX with the numbers put in.

    In the order dense, itself, separable (if there is one). C, H, W come in, C', H', W' go out; k is the
    kernel's size, g the number of groups; a bias is the last term.
    """
    spec = found.spec
    (c, h, w), (c2, h2, w2) = found.input_shape, found.output_shape
    kh, kw = spec["kernel_size"]
    g = spec["groups"]
    bias = bool(spec["bias"])
    size = rf"{kh} \cdot {kw}"
    shared = rf" \tfrac{{{c}}}{{{g}}}" if g > 1 else f" {c}"
    rows, columns = (h, w) if spec.kind == "ConvTranspose2d" else (h2, w2)
    inside, outside = rf"{c} \cdot {h} \cdot {w}", rf"{c2} \cdot {h2} \cdot {w2}"

    def line(terms: str, added: str, total: int) -> str:
        return rf"{terms}{f' + {added}' if bias and added else ''} = {_grouped(total)}"

    lines = [
        (
            line(rf"({inside}) \cdot ({outside})", outside, found.dense.parameters),
            line(rf"({inside}) \cdot ({outside})", "", found.dense.multiply_adds),
        ),
        (
            line(rf"{c2} \cdot{shared} \cdot {size}", str(c2), found.itself.parameters),
            line(
                rf"{rows} \cdot {columns} \cdot {c2} \cdot{shared} \cdot {size}",
                "",
                found.itself.multiply_adds,
            ),
        ),
    ]
    if found.separable is not None:
        first = rf"{c} \cdot {size}"
        lines.append(
            (
                line(rf"{first} + {c} \cdot {c2}", f"{c} + {c2}", found.separable.parameters),
                line(
                    rf"{rows} \cdot {columns} \cdot {first} + {h2} \cdot {w2} \cdot {c} \cdot {c2}",
                    "",
                    found.separable.multiply_adds,
                ),
            )
        )
    return tuple(lines)


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "{,}")
