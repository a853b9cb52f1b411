"""What an operation is, in the few forms that the browser can work out by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from explainer.render.planes import planes
from explainer.tracing import Node

ACTIVATIONS = frozenset(
    """relu relu6 sigmoid tanh silu mish hardswish hardsigmoid hardtanh gelu leaky_relu elu selu celu softplus
    softsign""".split()
)


@dataclass(frozen=True)
class Operation:
    """How the browser computes an output value; form ``"server"`` means that it asks."""

    form: str
    inputs: tuple[Node, ...]
    geometry: dict[str, Any] = field(default_factory=dict)
    weight: Tensor | None = None
    """[C_out, C_in / groups, kh, kw]"""
    bias: Tensor | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    """Numbers, or tensors float [C] with one value for each channel."""


def describe(node: Node) -> Operation:
    """Say how a node's values are computed."""
    reader = _READERS.get(node.kind)
    found = reader(node) if reader and planes(node) is not None else None
    if found is None or any(planes(source) is None for source in found.inputs):
        return Operation("server", tuple(node.inputs))
    return found


# --- one reader for each kind of operation ---


def _convolution(node: Node) -> Operation | None:
    arguments = node.arguments
    weight, source, bias = arguments["weight"], arguments["input"], arguments.get("bias")
    if (
        not _plain(weight, bias)
        or not isinstance(source, Node)
        or not isinstance(arguments["padding"], tuple)
    ):
        return None
    geometry: dict[str, Any] = {name: list(arguments[name]) for name in ("stride", "padding", "dilation")}
    geometry |= {"kernel": list(weight.shape[2:]), "groups": arguments["groups"], "c0": 0}
    return Operation(
        "convolution", (source,), geometry, weight.detach(), None if bias is None else bias.detach()
    )


def _linear(node: Node) -> Operation | None:
    """Read a linear layer; over a flattened map it is a convolution whose kernel is the whole map."""
    weight, bias = node.arguments["weight"], node.arguments.get("bias")
    source = node.arguments["input"]
    if not _plain(weight, bias) or not isinstance(source, Node):
        return None
    size, shape = (1, 1), (weight.shape[0], weight.shape[1], 1, 1)
    flat = _before_flatten(source)
    if flat is not None:
        channels, *size = flat.output.shape[1:]  # type: ignore[assignment]
        source, shape = flat, (weight.shape[0], channels, size[0], size[1])
    geometry = {
        "stride": [1, 1],
        "padding": [0, 0],
        "dilation": [1, 1],
        "kernel": list(size),
        "groups": 1,
        "c0": 0,
    }
    return Operation(
        "convolution",
        (source,),
        geometry | {"linear": True},
        weight.detach().reshape(shape),
        None if bias is None else bias.detach(),
    )


def _before_flatten(node: Node) -> Node | None:
    """Return the map [N, C, H, W] that a vector was flattened from without changing a value."""
    while node.kind in ("flatten", "view", "reshape", "dropout", "squeeze") and node.output.ndim == 2:
        source = node.arguments.get("input")
        if not isinstance(source, Node) or source.output[0].numel() != node.output[0].numel():
            return None
        if node.kind == "dropout" and node.arguments.get("training"):
            return None
        if source.output.ndim == 4:
            return source
        node = source
    return None


def _batch_norm(node: Node) -> Operation | None:
    arguments = node.arguments
    names = {"mean": "running_mean", "variance": "running_var", "weight": "weight", "bias": "bias"}
    found = {short: arguments.get(long) for short, long in names.items()}
    if arguments.get("training") or found["mean"] is None or not _plain(*found.values()):
        return None
    parameters = {name: value.detach() for name, value in found.items() if value is not None}
    return Operation("affine", (arguments["input"],), parameters=parameters | {"eps": arguments["eps"]})


def _activation(node: Node) -> Operation | None:
    source = node.arguments.get("input")
    if not isinstance(source, Node):
        return None
    parameters = {
        name: value
        for name, value in node.arguments.items()
        if isinstance(value, int | float | str) and name != "inplace"
    }
    return Operation("activation", (source,), {"name": node.kind}, parameters=parameters)


def _pool(node: Node) -> Operation | None:
    arguments = node.arguments
    geometry: dict[str, Any] = {"kernel": list(arguments["kernel_size"])}
    geometry |= {name: list(arguments.get(name, (1, 1))) for name in ("stride", "padding", "dilation")}
    geometry |= {
        "ceil_mode": arguments.get("ceil_mode", False),
        "count_include_pad": arguments.get("count_include_pad", True),
        "divisor": arguments.get("divisor_override"),
    }
    return Operation(node.kind.removesuffix("2d"), (arguments["input"],), geometry)


def _adaptive_pool(node: Node) -> Operation | None:
    """Each output cell reads the input range floor(i n / m) to ceil((i + 1) n / m)."""
    source = node.arguments["input"]
    spans = {
        name: [[i * n // m, -(-(i + 1) * n // m)] for i in range(m)]
        for name, n, m in zip("yx", source.output.shape[-2:], node.output.shape[-2:], strict=True)
    }
    return Operation("region", (source,), spans | {"reduce": "mean" if "avg" in node.kind else "max"})


def _mean(node: Node) -> Operation | None:
    source, dims = node.arguments["input"], node.arguments["dim"]
    if not isinstance(source, Node) or source.output.ndim != 4 or not isinstance(dims, list | tuple):
        return None
    if sorted(dim % 4 for dim in dims) != [2, 3]:
        return None
    height, width = source.output.shape[-2:]
    return Operation("region", (source,), {"y": [[0, height]], "x": [[0, width]], "reduce": "mean"})


def _elementwise(node: Node) -> Operation | None:
    first, second = node.arguments.get("input"), node.arguments.get("other")
    if node.arguments.get("alpha", 1) != 1 or node.arguments.get("rounding_mode"):
        return None
    sources = [value for value in (first, second) if isinstance(value, Node)]
    if any(source.output.ndim != node.output.ndim for source in sources):
        return None
    if any(source.output.shape[1] != node.output.shape[1] for source in sources):
        return None
    geometry: dict[str, Any] = {"operation": node.kind}
    if len(sources) == 2:
        return Operation("elementwise", tuple(sources), geometry)
    other = second if isinstance(first, Node) else first
    if not sources or not isinstance(other, int | float):
        return None
    return Operation(
        "elementwise", tuple(sources), geometry | {"scalar_first": not isinstance(first, Node)},
        parameters={"scalar": float(other)},
    )  # fmt: skip


def _concat(node: Node) -> Operation | None:
    parts = node.arguments["tensors"]
    if node.arguments["dim"] not in (1, 1 - node.output.ndim) or not all(
        isinstance(part, Node) for part in parts
    ):
        return None
    table, start = [], 0
    for number, part in enumerate(parts):
        stop = start + part.output.shape[1]
        table.append({"input": number, "node": part.index, "from": start, "to": stop})
        start = stop
    return Operation("gather", tuple(parts), {"table": table})


def _softmax(node: Node) -> Operation | None:
    source = node.arguments["input"]
    return Operation("softmax", (source,)) if node.output.ndim == 2 and isinstance(source, Node) else None


def _plain(*tensors: Any) -> bool:
    """Whether these are parameters or constants, not results of other operations."""
    return all(value is None or isinstance(value, torch.Tensor) for value in tensors)


_READERS: dict[str, Callable[[Node], Operation | None]] = {
    "conv2d": _convolution,
    "linear": _linear,
    "batch_norm": _batch_norm,
    "max_pool2d": _pool,
    "avg_pool2d": _pool,
    "adaptive_avg_pool2d": _adaptive_pool,
    "adaptive_max_pool2d": _adaptive_pool,
    "mean": _mean,
    "add": _elementwise,
    "sub": _elementwise,
    "mul": _elementwise,
    "div": _elementwise,
    "cat": _concat,
    "softmax": _softmax,
    **dict.fromkeys(ACTIVATIONS, _activation),
}
