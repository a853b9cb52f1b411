"""Exact numbers for the browser: what an operation is, and the values that one of its channels is made from.

The browser works out every pixel of the common operations itself, so that hovering never asks the server. It
needs the operation's form (``explainer.render.forms``), its geometry, and float32 values.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from explainer.render.forms import Operation, describe
from explainer.render.planes import planes
from explainer.tracing import Node

WINDOW_VALUES = 400_000
"""At most so many float32 input values travel at once; larger inputs are cut to a window around the pixel."""


def tensor(node: Node) -> dict[str, Any] | None:
    """Return the message with all values of a node, for networks small enough to travel whole."""
    channels = planes(node)
    if channels is None:
        return None
    return {
        "type": "tensor",
        **_window(node, 0, channels.shape[0], (0, channels.shape[1]), (0, channels.shape[2])),
    }


def operation(node: Node) -> dict[str, Any] | None:
    """Return the message with the whole operation of a node, for networks small enough to travel whole."""
    if node.index == 0 or planes(node) is None:
        return None
    found = describe(node)
    return {
        "type": "operation",
        "node": node.index,
        "form": found.form,
        "geometry": found.geometry,
        "inputs": [source.index for source in found.inputs if planes(source) is not None],
        "weight": None if found.weight is None else {"data": found.weight, "shape": list(found.weight.shape)},
        "bias": found.bias,
        "parameters": found.parameters,
    }


def values(node: Node, channel: int, y: int, x: int) -> dict[str, Any]:
    """Return the message with what one channel of a node is made from, exact around the pixel (y, x)."""
    output = planes(node)
    if output is None:
        raise IndexError(f"{node.name} has no channels")
    channel = min(max(channel, 0), output.shape[0] - 1)
    found = describe(node)
    rows, columns = (0, output.shape[1]), (0, output.shape[2])
    geometry = dict(found.geometry)
    weight = bias = None
    if found.form == "convolution":
        assert found.weight is not None
        per_group = found.weight.shape[1]
        first = channel // (output.shape[0] // geometry["groups"]) * per_group
        geometry["c0"] = first
        weight = {"data": found.weight[channel], "shape": list(found.weight.shape[1:])}
        bias = None if found.bias is None else float(found.bias[channel])
        rows, columns, inputs = _convolution_windows(found, output, first, per_group, y, x)
    else:
        parts = (_needed(found, source, channel) for source in found.inputs)
        inputs = [part for part in parts if part is not None]
    return {
        "type": "values",
        "node": node.index,
        "channel": channel,
        "form": found.form,
        "geometry": geometry,
        "bias": bias,
        "weight": weight,
        "output": _window(node, channel, 1, rows, columns),
        "inputs": inputs,
        "parameters": {
            name: float(value.flatten()[channel if value.numel() > 1 else 0])
            if isinstance(value, Tensor)
            else value
            for name, value in found.parameters.items()
        },
    }


def _needed(found: Operation, source: Node, channel: int) -> dict[str, Any] | None:
    """Return the part of an input that one output channel reads, for all forms but convolution."""
    channels = planes(source)
    if channels is None:
        return None
    whole = (0, channels.shape[1]), (0, channels.shape[2])
    if found.form == "softmax":
        return _window(source, 0, channels.shape[0], *whole)
    if found.form == "gather":
        part = next(p for p in found.geometry["table"] if p["from"] <= channel < p["to"])
        if found.inputs[part["input"]] is not source:
            return _window(source, 0, 0, *whole)
        channel -= part["from"]
    return _window(source, min(channel, channels.shape[0] - 1), 1, *whole)


def _convolution_windows(
    found: Operation, output: Tensor, first: int, count: int, y: int, x: int
) -> tuple[tuple[int, int], tuple[int, int], list[dict[str, Any]]]:
    source = planes(found.inputs[0])
    assert source is not None
    sides = output.shape[1:]

    def cut(reach: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Output and input ranges around the pixel, ``reach`` output pixels to each side."""
        outer, inner = [], []
        for axis, centre in enumerate((y, x)):
            low = min(max(centre - reach, 0), max(sides[axis] - 1, 0))
            high = min(max(centre + reach + 1, low + 1), sides[axis])
            stride, padding, dilation, kernel = (
                found.geometry[name][axis] for name in ("stride", "padding", "dilation", "kernel")
            )
            start = low * stride - padding
            stop = (high - 1) * stride - padding + (kernel - 1) * dilation + 1
            outer.append((low, high))
            inner.append((max(start, 0), min(max(stop, 1), source.shape[1 + axis])))
        return outer, inner

    reach = max(sides)
    outer, inner = cut(reach)
    while reach and count * (inner[0][1] - inner[0][0]) * (inner[1][1] - inner[1][0]) > WINDOW_VALUES:
        reach = reach * 9 // 10
        outer, inner = cut(reach)
    return outer[0], outer[1], [_window(found.inputs[0], first, count, inner[0], inner[1])]


def _window(
    node: Node, first: int, count: int, rows: tuple[int, int], columns: tuple[int, int]
) -> dict[str, Any]:
    channels = planes(node)
    assert channels is not None
    return {
        "node": node.index,
        "c0": first,
        "channels": count,
        "y0": rows[0],
        "x0": columns[0],
        "height": rows[1] - rows[0],
        "width": columns[1] - columns[0],
        "full": list(channels.shape),
        "data": channels[first : first + count, rows[0] : rows[1], columns[0] : columns[1]],
    }
