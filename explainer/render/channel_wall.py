"""What the wall of channels is sent: a layer's channels with their figures, and what it asks for later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from explainer.attribution import channel_contributions
from explainer.layers.figures import LayerFigures, figures
from explainer.render.answers import answer
from explainer.render.layer import layer
from explainer.render.planes import extent_of, planes
from explainer.render.snippet import Origin
from explainer.tracing import Node, Trace

WHOLE = 280_000
"""A layer of at most so many values travels exactly, as float32; larger ones as bytes."""


def opening(node: Node, names: Sequence[str] | None = None, *, logits: Node | None = None) -> dict[str, Any]:
    """Return the message that opens a layer: a picture of each channel, and the figures.

    Args:
        node: an operation whose output has channels (``extent_of`` is not ``None``).
        names: what the channels are called, if they have names: the classes.
        logits: the node with the class scores, to which the channels may contribute.
    """
    size = extent_of(node)
    assert size is not None
    found = figures(node)
    if prod(size) <= WHOLE:
        pictures: dict[str, Any] = {"values": found.values}
    else:
        atlas = layer(node)
        pictures = {name: atlas[name] for name in ("pixels", "scale")}
        pictures["atlas"] = [atlas["height"], atlas["width"]]
    own = found.channels
    return {
        "type": "layer",
        "name": node.name,
        "kind": node.kind,
        "size": list(size),
        "image": node.kind == "input" and size[0] in (1, 3),
        "names": None if names is None or len(names) != size[0] else list(names),
        "contributes": logits is not None and _contributes(node, logits),
        "mean": own.mean,
        "low": own.low,
        "high": own.high,
        "energy": own.rms,
        "deviation": own.deviation,
        "zeros": own.zeros,
        "figures": _summary(found),
        "edges": found.edges,
        "counts": found.counts.astype("int32"),
        **pictures,
    }


def replies(
    trace: Trace, node: Node, ask: Mapping[str, Any], *, logits: Node, class_index: int, origin: Origin
) -> list[dict[str, Any]]:
    """Return the messages that answer what the wall asked: any of ``channel``, ``contribution``, ``file``.

    Args:
        trace: the forward pass.
        node: the layer that is shown.
        ask: ``channel`` is a number of which the exact values are wanted, the others are flags.
        logits: the node with the class scores.
        class_index: the class that contributions are for.
        origin: where model and image come from.
    """
    messages: list[dict[str, Any]] = []
    channels = planes(node)
    assert channels is not None
    channel = ask.get("channel")
    if isinstance(channel, int) and 0 <= channel < len(channels):
        messages.append({"type": "channel", "channel": channel, "values": channels[channel].float()})
    if ask.get("contribution") and _contributes(node, logits):
        shares = channel_contributions(trace, node, logits, class_index)
        messages.append({"type": "contribution", "class": class_index, "values": shares})
    if ask.get("file"):
        file = {"trace": "", "serial": ask.get("serial"), "file": node.name}
        messages += answer(trace, "", file, logits=logits, class_index=class_index, origin=origin)
    return messages


def _contributes(node: Node, logits: Node) -> bool:
    return node.index <= logits.index and len(logits.shape) == 2


def _summary(found: LayerFigures) -> dict[str, Any]:
    return {
        "low": found.low,
        "high": found.high,
        "mean": found.mean,
        "deviation": found.deviation,
        "zeros": found.zeros,
        "dead": found.dead.tolist(),
        "constant": found.constant.tolist(),
        "not_finite": found.not_finite,
        "percentiles": [[percent, value] for percent, value in found.percentiles.items()],
    }
