"""What the view of receptive fields is sent: a node's tables of boxes, its map, the heat of one unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.render.planes import fit_side, planes
from explainer.render.snippet import Origin, opening_lines
from explainer.tracing import FieldTable, Node, Trace, effective_receptive_field, receptive_fields

WHOLE = 1 << 18
"""A layer of up to so many numbers is sent at once, a larger one channel by channel."""
HEAT_SIDE = 448
"""Longer side of the heat that is sent, in pixels."""


def opening(
    trace: Trace,
    node: Node,
    picture: np.ndarray,
    channel: int,
    translate: Callable[[str], str] = str,
    *,
    names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the message with all that moving about in one node takes: no question is asked while pointing.

    Args:
        trace: the recorded forward pass.
        node: a node with planes.
        picture: the image as the network received it, uint8 [H, W, 3].
        channel: the channel whose values are sent, unless all are.
        translate: puts the reason of a bound into the reader's language.
        names: what the channels are called, where they are classes.
    """
    table = receptive_fields(trace)[node]
    channels = planes(node)
    assert channels is not None, f"{node} has no planes"
    height, width = picture.shape[:2]
    return {
        "type": "field",
        "node": node.name,
        "names": list(names) if names else None,
        "extent": list(channels.shape),
        "planes": _values(node, range(len(channels)) if channels.numel() <= WHOLE else [channel]),
        "status": table.status,
        "reason": table.reason.translated(translate),
        "size": list(table.size),
        "stride": list(table.stride),
        "padding": list(table.padding),
        "local": None if table.local is None else {name: list(v) for name, v in vars(table.local).items()},
        "tables": [_table(plane) for plane in table.planes],
        "picture": {"height": height, "width": width, "pixels": picture},
        "steps": steps(trace, node),
    }


def plane(node: Node, channel: int) -> dict[str, Any]:
    """Return the message with the values of one channel."""
    return {"type": "plane", "node": node.name, "planes": _values(node, [channel])}


def effective(trace: Trace, node: Node, channel: int, y: int, x: int) -> dict[str, Any]:
    """Return the message with the effective receptive field of one unit on this photo.

    Raises:
        ReaderError: if no gradient leads to the photo, or there is no such unit.
    """
    return heat(effective_receptive_field(trace, node, channel, y, x), node, channel, y, x)


def heat(values: Tensor, node: Node, channel: int, y: int, x: int, *, photos: int = 1) -> dict[str, Any]:
    """Return the message with the heat [H, W] of one unit; ``photos`` it is the average over.

    Of a large photo several pixels are sent as one, by their largest value.
    """
    height, width = fit_side(values.shape[-2], values.shape[-1], HEAT_SIDE)
    if (height, width) != tuple(values.shape):
        values = F.adaptive_max_pool2d(values[None, None].float(), (height, width))[0, 0]
    return {
        "type": "heat",
        "node": node.name,
        "channel": channel,
        "y": y,
        "x": x,
        "photos": photos,
        "height": height,
        "width": width,
        "values": values.to(torch.float32).nan_to_num(0, 0, 0),
    }


def steps(trace: Trace, node: Node) -> list[dict[str, Any]]:
    """Return how the field grows on the way from the image to a node: one entry wherever it changes.

    Where ways join, the one that sees most through windows alone is followed back; the field is that of the
    middle unit. ``local`` is the field without what looks at the whole map at once, ``None`` where there is
    no other.
    """
    tables = receptive_fields(trace)
    way = [node]
    while way[-1].inputs:
        before = [source for source in way[-1].inputs if tables[source].status != "undefined"]
        if not before:
            break
        way.append(max(before, key=lambda source: _seen(tables[source])))
    found: list[dict[str, Any]] = []
    for step in _growing([_step(tables[one]) for one in reversed(way)]):
        if not found or step["node"] == node.name or _grown(found[-1], step):
            found.append(step)
    return found


def _growing(way: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out where the field seems larger than behind it: there tokens stand among the channels."""
    kept: list[dict[str, Any]] = []
    least = np.inf
    for step in reversed(way):
        area = np.prod(step["local"] or step["size"] or [np.inf])
        if area <= least:
            kept.append(step)
            least = area if step["local"] or step["size"] else least
    return kept[::-1]


def _grown(last: dict[str, Any], step: dict[str, Any]) -> bool:
    """Whether a field is another than before; beside a local one the bound is always the whole image."""
    sizes = ("local",) if step["local"] and last["status"] == step["status"] else ("local", "size", "status")
    return any(step[name] != last[name] for name in sizes)


def _step(table: FieldTable) -> dict[str, Any]:
    field = table.field()
    local = field.local
    return {
        "node": table.node.name,
        "kind": table.node.kind,
        "size": None if field.box is None else list(field.size),
        "local": None if local is None else [local[2] - local[0], local[3] - local[1]],
        "status": table.status,
    }


def _seen(table: FieldTable) -> tuple[float, float]:
    """Area of the middle unit's local field, then of its whole field."""
    field = table.field()
    areas = [
        0.0 if box is None else (box[2] - box[0]) * (box[3] - box[1]) for box in (field.local, field.box)
    ]
    return areas[0], areas[1]


def _table(plane: np.ndarray) -> dict[str, Any]:
    """Return the intervals of one direction: [height, width, 2] of each kind, nan where nothing is seen."""
    _, height, width = plane.shape
    message: dict[str, Any] = {"height": height, "width": width}
    for first, name in ((0, "field"), (2, "seen"), (4, "local")):
        pair = np.stack([plane[first], -plane[first + 1]], axis=-1).astype(np.float32)
        pair[~np.isfinite(pair)] = np.nan
        message[name] = pair
    return message


def _values(node: Node, channels: Any) -> dict[str, Any]:
    found = planes(node)
    assert found is not None
    numbers = list(channels)
    whole = len(numbers) == len(found)
    return {"channels": None if whole else numbers, "values": found if whole else found[numbers]}


def snippet(origin: Origin, node: Node, channel: int, y: int, x: int, *, logits: Node) -> str:
    """Return a script that prints the box of one unit and the heat over it.

    Args:
        origin: where model and image come from.
        node: the operation shown.
        channel: of the unit.
        y: its row.
        x: its column.
        logits: the network's own last operation; the app adds a softmax behind it.
    """
    softmax = node.index > logits.index
    names = ["effective_receptive_field", "receptive_field", "trace"] + ["with_softmax"] * softmax
    lines = [
        *opening_lines(origin, f"from explainer.tracing import {', '.join(names)}"),
        "recorded = trace(loaded.model, images)",
    ]
    if softmax:
        lines.append(f'recorded = with_softmax(recorded, recorded["{logits.name}"])')
    lines += [
        f'node = recorded["{node.name}"]',
        "",
        f"field = receptive_field(recorded, node, {y}, {x})",
        "print(field.box, field.status)  # top, left, bottom, right in pixels of the image",
        "print(field.size, field.stride, field.padding)",
        "",
        f"heat = effective_receptive_field(recorded, node, {channel}, {y}, {x})  # [H, W]",
        "print(heat.max().item())",
    ]
    if node.name == node.module and not softmax:
        position = {2: f"0, {channel}", 4: f"0, {channel}, {y}, {x}"}.get(len(node.shape))
        if position:
            lines += [
                "",
                "# The same heat without ConvScope:",
                "# outputs = []",
                f'# module = loaded.model.get_submodule("{node.module}")',
                "# module.register_forward_hook(lambda module, args, output: outputs.append(output))",
                "# images.requires_grad_()",
                "# loaded.model(images)",
                f"# outputs[0][{position}].backward()",
                "# heat = images.grad[0].abs().sum(0)",
            ]
    return "\n".join(lines) + "\n"
