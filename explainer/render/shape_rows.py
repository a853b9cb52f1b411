"""A network's table of shapes, read from a trace: a row for each operation, with the numbers put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from explainer.models.structure import WEIGHTED, blocks, cut
from explainer.render.architecture_board import block_row
from explainer.tracing import Cost, FieldTable, Node, Trace, cost, receptive_fields

if TYPE_CHECKING:
    from torch.nn import Parameter

_JOINS = ("add", "cat")


def shape_table(recorded: Trace) -> dict[str, Any]:
    """Return blocks and rows of a trace, the input first.

    Every row has the operation's name and kind, its window (``kernel``, ``stride``, ``padding``, ``groups``)
    where it has one, the shape of its output without the batch, parameters and multiply-adds with the product
    that gives them, its receptive field, and ``block``, the number of the block it belongs to. ``main`` rows
    make a new map or join two; the others only change values.
    """
    costs = cost(recorded)
    fields = receptive_fields(recorded)
    groups = cut(recorded)
    rows = [
        _row(node, costs[node], fields[node], number) for number, nodes in enumerate(groups) for node in nodes
    ]
    return {"blocks": [block_row(block) for block in blocks(recorded, costs)], "rows": rows}


def sequence(rows: Iterable[Mapping[str, Any]]) -> tuple[tuple[int, ...], ...]:
    """Return the shapes that follow one another along the main rows, each change once; 1 × 1 maps as [C]."""
    found: list[tuple[int, ...]] = []
    for row in rows:
        shape = tuple(row["shape"])
        shape = shape[:1] if shape[1:] == (1, 1) else shape
        if row["main"] and shape != (found[-1] if found else None):
            found.append(shape)
    return tuple(found)


def _row(node: Node, spent: Cost, field: FieldTable, block: int) -> dict[str, Any]:
    call = node.call
    return {
        "name": node.name,
        "kind": node.kind,
        "module": call.type if node.name.split(":")[0] == call.path else "",
        "window": window(node),
        "shape": list(node.shape[1:]),
        "parameters": spent.parameters,
        "parametersFrom": parameter_product(node) if spent.parameters else "",
        "multiplyAdds": spent.flops // 2,
        "multiplyAddsFrom": work_product(node) if spent.flops else "",
        "field": _field(field),
        "block": block,
        "main": node.kind == "input" or node.kind in WEIGHTED or "pool" in node.kind or node.kind in _JOINS,
    }


def window(node: Node) -> dict[str, Any] | None:
    """Return kernel, stride, padding and dilation of a convolution or pooling, (rows, columns) each."""
    arguments = node.arguments
    if node.kind == "conv2d":
        kernel = tuple(arguments["weight"].shape[2:])
    elif node.kind in ("max_pool2d", "avg_pool2d"):
        kernel = arguments["kernel_size"]
    else:
        return None
    padding = arguments["padding"]
    return {
        "kernel": list(kernel),
        "stride": list(arguments["stride"] or kernel),
        "padding": list(padding) if not isinstance(padding, str) else padding,
        "dilation": list(arguments.get("dilation", (1, 1))),
        "groups": int(arguments.get("groups", 1)),
        "ceil": bool(arguments.get("ceil_mode", False)),
    }


def parameter_product(node: Node) -> str:
    """Return how the number of parameters comes about: ``"6 × (1 × 5 × 5 + 1)"``."""
    weight, bias = node.arguments.get("weight"), node.arguments.get("bias")
    if node.kind in WEIGHTED and weight is not None:
        inner = " × ".join(map(str, weight.shape[1:]))
        if bias is None:
            return f"{weight.shape[0]} × {inner}"
        return f"{weight.shape[0]} × ({inner} + 1)"
    return " + ".join(str(tensor.numel()) for tensor in _parameters(node))


def work_product(node: Node) -> str:
    """Return how the number of multiply-adds comes about: ``"6 × 28 × 28 × (1 × 5 × 5)"``."""
    outputs = " × ".join(map(str, node.shape[1:]))
    if node.kind in WEIGHTED:
        inner = " × ".join(map(str, node.arguments["weight"].shape[1:]))
        return f"{outputs} × ({inner})" if node.kind != "linear" else f"{outputs} × {inner}"
    return outputs


def _parameters(node: Node) -> list[Parameter]:
    from torch.nn import Parameter

    found = [value for value in (*node.args, *node.kwargs.values()) if isinstance(value, Parameter)]
    return list({id(tensor): tensor for tensor in found}.values())


def _field(field: FieldTable) -> dict[str, Any] | None:
    """Return side and step of the receptive field in pixels of the input; ``whole`` beside it for a gate."""
    measures = field.local
    if field.status == "undefined":
        return None
    if measures is None:
        return {"size": list(map(_plain, field.size)), "step": [0, 0], "whole": False}
    return {
        "size": list(map(_plain, measures.size)),
        "step": list(map(_plain, measures.stride)),
        "whole": field.status == "bound",
    }


def _plain(value: float) -> float | int | None:
    if value != value:
        return None
    return int(value) if value == int(value) else round(value, 2)
