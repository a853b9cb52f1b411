"""Answers to what the network map asks for: a layer, exact values, an explanation, code, a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from explainer.attribution import channel_contributions
from explainer.render.layer import layer
from explainer.render.planes import planes
from explainer.render.reading import reach, reading
from explainer.render.snippet import Origin, snippet
from explainer.render.values import values
from explainer.tracing import Node, Trace, explain

GROUPS = 64
"""An explanation is sent with so many of its groups, the largest; the rest as their number and their sum."""


def answer(
    trace: Trace,
    key: str,
    ask: Mapping[str, Any],
    *,
    logits: Node,
    class_index: int,
    origin: Origin,
    translate: Callable[[str], str] = str,
) -> list[dict[str, Any]]:
    """Return the messages that answer one request of the map.

    Args:
        trace: the forward pass that is on the screen.
        key: its identity; a request about another trace gets no answer.
        ask: what the browser asked: any of ``layer`` (node index), ``contribution`` ({node}), ``values`` and
            ``arithmetic`` and ``reading`` ({node, channel, y, x}), ``reach`` (node index), ``code`` and
            ``file`` (a place as in the link).
        logits: the node with the class scores.
        class_index: the class that contributions are for.
        origin: where model and image come from, for the code.
        translate: puts an English sentence template into the reader's language.
    """
    if ask.get("trace") != key:
        return []
    messages: list[dict[str, Any]] = []
    contribution = _node(trace, (ask.get("contribution") or {}).get("node"))
    if contribution is not None and planes(contribution) is not None and logits.output.ndim == 2:
        shares = channel_contributions(trace, contribution, logits, class_index)
        messages.append(layer(contribution, shares, class_index))
    opened = _node(trace, ask.get("layer"))
    if opened is not None and opened is not contribution:
        messages.append(layer(opened))
    seen = _node(trace, ask.get("reach"))
    if seen is not None and planes(seen) is not None:
        messages.append(reach(trace, seen, translate))
    for name in ("values", "arithmetic", "reading"):
        place = ask.get(name) or {}
        node = _node(trace, place.get("node"))
        if node is None or planes(node) is None:
            continue
        channel, y, x = _inside(node, place)
        if name == "values":
            messages.append(values(node, channel, y, x))
        elif name == "reading":
            scores = logits if logits.output.ndim == 2 and node.index <= logits.index else None
            messages.append(reading(trace, node, channel, y, x, scores, class_index))
        else:
            found = explain(node, channel, y, x).to_json(max_groups=GROUPS, translate=translate)
            messages.append(
                found | {"type": "arithmetic", "node": node.index, "channel": channel, "y": y, "x": x}
            )
    if "code" in ask:
        messages.append(
            {
                "type": "code",
                "serial": ask.get("serial"),
                "code": _code(trace, origin, str(ask["code"]), logits),
            }
        )
    if "file" in ask:
        messages.append({"serial": ask.get("serial"), **_file(trace, str(ask["file"]))})
    return [message | {"trace": key} for message in messages]


def _node(trace: Trace, index: Any) -> Node | None:
    return trace.nodes[index] if isinstance(index, int) and 0 <= index < len(trace.nodes) else None


def _inside(node: Node, place: Mapping[str, Any]) -> tuple[int, int, int]:
    """Channel, y and x of a request, moved into the output if they lie outside."""
    channels = planes(node)
    assert channels is not None
    wanted = (int(place.get(name) or 0) for name in ("channel", "y", "x"))
    channel, y, x = (min(max(value, 0), size - 1) for value, size in zip(wanted, channels.shape, strict=True))
    return channel, y, x


def read_place(trace: Trace, text: str) -> tuple[Node, int | None, int | None, int | None]:
    """Read a place as it stands in the link, ``layer1.0.conv1/12/3,7``; unknown parts are left out."""
    name, *rest = text.split("/")
    node = trace[name] if name in trace else trace.input  # noqa: SIM401 - a trace is no dict
    try:
        channel = int(rest[0]) if rest else None
        y, x = (int(part) for part in rest[1].split(",")) if len(rest) > 1 else (None, None)
    except ValueError:
        return node, None, None, None
    if channel is None or y is None or x is None:
        return node, channel, None, None
    return node, *_inside(node, {"channel": channel, "y": y, "x": x})


def _code(trace: Trace, origin: Origin, place: str, logits: Node) -> str:
    return snippet(origin, *read_place(trace, place), logits=logits)


def _file(trace: Trace, place: str) -> dict[str, Any]:
    node, *_ = read_place(trace, place)
    buffer = io.BytesIO()
    np.save(buffer, node.output.detach().numpy())
    data = np.frombuffer(buffer.getvalue(), np.uint8)
    return {"type": "file", "name": f"{node.name.replace(':', '-')}.npy", "data": data}
