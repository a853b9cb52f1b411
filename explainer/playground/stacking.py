"""Layers in a chain: how shapes, receptive field, parameters and multiply-adds grow from one to the next.

The chain is built as a real ``nn.Sequential`` on PyTorch's ``meta`` device and traced there: tensors have
shapes but no numbers, so a large network costs no more time than a small one, and the receptive fields are
those of ``explainer.tracing.receptive`` (A. Araujo, W. Norris and J. Sim, Distill 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.playground.layer_specs import LayerSpec
from explainer.playground.shapes import Shape, output_shape, wanted_channels
from explainer.tracing import FieldTable, Node, Trace, cost, receptive_fields, trace
from explainer.wording import later

KINDS = (
    "Conv2d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "BatchNorm2d", "ReLU",
    "ReLU6", "LeakyReLU", "SiLU", "Mish", "Hardswish", "GELU", "Sigmoid", "Tanh", "Identity", "Dropout",
    "Dropout2d", "Flatten", "Linear",
)  # fmt: skip
"""What a chain may consist of."""
CURVED = ("ReLU", "ReLU6", "LeakyReLU", "SiLU", "Mish", "Hardswish", "GELU", "Sigmoid", "Tanh")
"""Nonlinear kinds: without one in between, convolutions in a row are one convolution."""
MOST_PARAMETERS = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of a chain, and everything up to it."""

    spec: LayerSpec
    shape: Shape
    """What comes out of it."""
    parameters: int
    multiply_adds: int
    table: FieldTable
    """The receptive fields of its units in the input."""
    own: FieldTable
    """The windows of its units in the layer before."""

    @property
    def size(self) -> tuple[float, float]:
        """Height and width of the largest receptive field, padding included."""
        return self.table.size

    @property
    def stride(self) -> tuple[float, float]:
        """Pixels of the input between the fields of neighbouring units; nan where they differ."""
        return self.table.stride


@dataclass(frozen=True, eq=False)
class Stack:
    """A chain of layers on an input."""

    input_shape: Shape
    steps: tuple[Step, ...]

    @property
    def specs(self) -> tuple[LayerSpec, ...]:
        """Its layers."""
        return tuple(step.spec for step in self.steps)

    @property
    def parameters(self) -> int:
        """All parameters."""
        return sum(step.parameters for step in self.steps)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one pass of one example."""
        return sum(step.multiply_adds for step in self.steps)

    @property
    def nonlinearities(self) -> int:
        """How many layers are not linear."""
        return sum(step.spec.kind in CURVED or "Max" in step.spec.kind for step in self.steps)


def input_channels(specs: Sequence[LayerSpec]) -> int:
    """Return how many channels the chain expects at its beginning: 3 where any number will do."""
    for spec in specs:
        if (wanted := wanted_channels(spec)) is not None:
            return wanted
        if spec.kind in ("Flatten", "Linear"):
            break
    return 3


@lru_cache(maxsize=64)
def stack(specs: tuple[LayerSpec, ...], side: int) -> Stack:
    """Return a chain on a square input of ``side`` pixels.

    Raises:
        ReaderError: a layer does not fit behind the one before; says which.
    """
    if any(spec.arguments.get("padding_mode", "zeros") != "zeros" for spec in specs):
        raise ReaderError("In a chain the padding is zeros: leave “padding_mode” out.")
    shape: Shape = (input_channels(specs), side, side)
    shapes = [shape]
    for number, spec in enumerate(specs, 1):
        try:
            shapes.append(output_shape(spec, shapes[-1]))
        except ReaderError as what:
            raise ReaderError("Layer {number}: {what}", number=number, what=what) from None
    whole = _traced(specs, shape)
    costs = cost(whole)
    tables = receptive_fields(whole)
    count = sum(one.parameters for one in costs.values())
    if count > MOST_PARAMETERS:
        raise ReaderError("The chain has more than {limit} parameters.", limit=f"{MOST_PARAMETERS:,}")
    nodes = _nodes(whole, len(specs))
    steps = []
    for number, (spec, node) in enumerate(zip(specs, nodes, strict=True)):
        inside = [costs[one] for one in whole.nodes if one.module == str(number)]
        alone = _traced((spec,), shapes[number])
        steps.append(
            Step(
                spec,
                shapes[number + 1],
                sum(one.parameters for one in inside),
                sum(one.flops for one in inside) // 2,
                tables[node],
                receptive_fields(alone)[_nodes(alone, 1)[0]],
            )
        )
    return Stack(shape, tuple(steps))


def _traced(specs: Sequence[LayerSpec], shape: Shape) -> Trace:
    with torch.device("meta"), torch.no_grad():
        network = nn.Sequential(*(getattr(nn, spec.kind)(**spec.arguments) for spec in specs)).eval()
        return trace(network, torch.empty(1, *shape))


def _nodes(recorded: Trace, count: int) -> list[Node]:
    """Return the node that each layer ends with; that of the layer before where it computes nothing."""
    last = {node.module: node for node in recorded.nodes}
    found = [recorded.nodes[0]]
    for number in range(count):
        found.append(last.get(str(number), found[-1]))
    return found[1:]


def mended(specs: Sequence[LayerSpec], side: int) -> tuple[LayerSpec, ...]:
    """Return the chain with the channels and features that come in set to what the layer before puts out.

    Where a layer cannot be made to fit (a kernel larger than the map), it is left as it is.
    """
    shape: Shape = (input_channels(specs), side, side)
    found = []
    for spec in specs:
        fitted = _fitted(spec, shape)
        found.append(fitted)
        try:
            shape = output_shape(fitted, shape)
        except ReaderError:
            return (*found, *specs[len(found) :])
    return tuple(found)


def _fitted(spec: LayerSpec, shape: Shape) -> LayerSpec:
    channels = shape[0]
    if spec.kind == "Linear":
        return spec.but(in_features=shape[-1])
    if spec.kind == "BatchNorm2d":
        return spec.but(num_features=channels)
    if "in_channels" not in spec.arguments or spec["in_channels"] == channels:
        return spec
    depthwise = spec["groups"] == spec["in_channels"] > 1
    if depthwise and spec["out_channels"] == spec["in_channels"]:
        return spec.but(in_channels=channels, out_channels=channels, groups=channels)
    fits = channels % spec["groups"] == 0
    return spec.but(in_channels=channels, groups=spec["groups"] if fits else 1)


def window_ranges(step: Step, direction: int) -> np.ndarray:
    """Return int32 [n, 2]: the first place a unit sees in the layer before, and the one behind the last."""
    table = step.own.rows if direction == 0 else step.own.columns
    return np.nan_to_num(table).astype(np.int32)


# --- chains to begin with -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preset:
    """A chain worth looking at, and one to set against it."""

    title: str
    note: str
    side: int
    """Of the input, in pixels."""
    chain: str
    """As ``read_chain`` reads it."""
    against: str = ""


def _convolutions(count: int, size: int, dilations: Sequence[int] = ()) -> str:
    lines = []
    for number in range(count):
        dilation = dilations[number] if dilations else 1
        more = f", dilation={dilation}" if dilation > 1 else ""
        lines += [f"nn.Conv2d(64, 64, {size}, padding={dilation * (size // 2)}{more})", "nn.ReLU()"]
    return "\n".join(lines)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "two": Preset(
            later("Two 3 × 3 against one 5 × 5"),
            later(
                "The same field, but fewer parameters and one more ReLU in between. The margin grows with "
                "the number of channels (Simonyan and Zisserman 2014)."
            ),
            32,
            _convolutions(2, 3),
            _convolutions(1, 5),
        ),
        "three": Preset(
            later("Three 3 × 3 against one 7 × 7"),
            later("27 weights for each pair of channels, not 49, and three nonlinearities, not one."),
            32,
            _convolutions(3, 3),
            _convolutions(1, 7),
        ),
        "dilated": Preset(
            later("Dilations 1, 2, 4 against 2, 2, 2"),
            later(
                "Growing dilations widen the field exponentially (Yu and Koltun 2016). With equal ones "
                "it has holes: look at the pixels that are really read (Wang et al. 2018)."
            ),
            32,
            _convolutions(3, 3, (1, 2, 4)),
            _convolutions(3, 3, (2, 2, 2)),
        ),
        "vgg": Preset(
            later("VGG's first block"),
            later("Two convolutions, then a pooling: from here on every step is two pixels wide."),
            64,
            "nn.Conv2d(3, 64, 3, padding=1)\nnn.ReLU()\nnn.Conv2d(64, 64, 3, padding=1)\nnn.ReLU()\n"
            "nn.MaxPool2d(2)",
        ),
        "lenet": Preset(
            later("LeNet-5"),
            later(
                "The classic of 1998: 32 × 32 pixels become 6 and 16 maps and at last ten numbers. Here each "
                "of the 16 maps reads all six; the original joined only some of them."
            ),
            32,
            "nn.Conv2d(1, 6, 5)\nnn.Tanh()\nnn.AvgPool2d(2)\nnn.Conv2d(6, 16, 5)\nnn.Tanh()\n"
            "nn.AvgPool2d(2)\nnn.Flatten()\nnn.Linear(400, 120)\nnn.Tanh()\n"
            "nn.Linear(120, 84)\nnn.Tanh()\nnn.Linear(84, 10)",
        ),
    }
)
"""The first is shown at the beginning."""
