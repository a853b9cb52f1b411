"""Two building blocks for the browser: their maps, what they cost, and where streams join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import prod
from typing import Any

import torch

from explainer.playground.feeding import KINDS, Fed, block_nodes, features_of, figures
from explainer.render.overview import overview
from explainer.render.planes import extent_of, planes, quantise, statistics
from explainer.render.values import operation, tensor
from explainer.tracing import Node, Trace

ROWS, LOW_ROWS = 3, 2
"""Channels that a column shows; of a block with many branches, which stand below each other."""
WHOLE = 200_000
"""A block with at most so many numbers in its outputs travels whole; of a larger one the browser asks for
the values that it needs."""
_JOINS = frozenset({"add", "mul", "cat"})


def side(fed: Fed, trace: Trace, key: str, picture: Any) -> dict[str, Any]:
    """Return one of the two blocks, as ``explainer.components.block_pair`` wants it.

    Args:
        fed: the block.
        trace: its forward pass behind the layers that feed it.
        key: identifies block and photograph.
        picture: the photograph as the network received it, uint8 [H, W, 3].
    """
    kind = KINDS[fed.choice.kind]
    features = features_of(trace, kind.key)
    own = (features, *block_nodes(trace, kind.key))
    opening, *_ = overview(
        trace,
        key=key,
        model={"key": key, "title": kind.title, "trained": fed.trained, "classes": None},
        picture=picture,
        predictions=[],
        logits=trace.nodes[-1],
    )
    opening["small"] = False
    opening["unfolded"] = [
        group["id"]
        for group in opening["groups"]
        if group["parent"] is None or group["path"].split(".")[0] == kind.key
    ]
    _show_same_channels(opening["nodes"], own, features)
    messages = [opening]
    if sum(prod(node.shape) for node in own) <= WHOLE:
        found = [part for node in own for part in (tensor(node), operation(node)) if part is not None]
        messages += [part | {"trace": key} for part in found]
    return {
        "key": key,
        "messages": messages,
        "kind": kind.key,
        "trained": fed.trained,
        "side": features.shape[-1],
        "figures": asdict(figures(fed, features.output)),
        "joins": joins(trace, kind.key),
        "start": _start(features),
    }


def joins(trace: Trace, kind: str) -> list[dict[str, Any]]:
    """Return where streams meet in a block: sums, products of a map and a gate, concatenations.

    Each has the tensors of its parts and its result; ``then`` is the ReLU behind a sum, if there is one.
    Where a part comes from is ``x`` (the block's input), ``shortcut`` (the input by way of a convolution),
    ``branch``, ``map`` or ``gate``. Of concatenations that are joined again only the last is told, with all
    that has come into it.
    """
    features = features_of(trace, kind)
    found = []
    for node in block_nodes(trace, kind):
        name = node.kind
        after = trace.consumers(node)
        if name not in _JOINS or len(set(node.inputs)) < 2 or (name == "cat" and _cats(after)):
            continue
        then = after[0] if name == "add" and after and after[0].kind == "relu" else None
        sources = _sources(node) if name == "cat" else node.inputs
        found.append(
            {
                "kind": name,
                "parts": [_part(source, name, features, kind) for source in sources],
                "result": _values(node),
                "then": None if then is None else _values(then),
            }
        )
    return found


def _cats(nodes: Sequence[Node]) -> bool:
    return any(node.kind == "cat" for node in nodes)


def _sources(node: Node) -> list[Node]:
    """Return what a concatenation is made of, concatenations before it taken apart."""
    if node.kind != "cat":
        return [node]
    return [source for each in node.inputs for source in _sources(each)]


def _part(source: Node, join: str, features: Node, kind: str) -> dict[str, Any]:
    if source is features:
        role = "x"
    elif source.module.startswith(f"{kind}.shortcut"):
        role = "shortcut"
    elif join == "mul":
        role = "gate" if prod(source.shape[2:]) == 1 else "map"
    else:
        role = "branch"
    named = source.inputs[0] if source.kind == "relu" and source is not features else source
    return {"role": role, "name": named.name.removeprefix(f"{kind}.").split(":")[0]} | _values(source)


def _values(node: Node) -> dict[str, Any]:
    channels = planes(node)
    assert channels is not None
    count, height, width = channels.shape
    return {"node": node.index, "channels": count, "height": height, "width": width, "data": channels}


def _start(features: Node) -> dict[str, float]:
    """Return where there is something to see: the input's strongest channel, its largest value."""
    channels = planes(features)
    assert channels is not None
    channel = int(statistics(channels).rms.argmax())
    y, x = divmod(int(channels[channel].abs().argmax()), channels.shape[2])
    return {"channel": channel, "y": (y + 0.5) / channels.shape[1], "x": (x + 0.5) / channels.shape[2]}


def _show_same_channels(described: list[dict[str, Any]], own: Sequence[Node], features: Node) -> None:
    """Let every column with as many channels as the input show the same ones, those strongest in the input.

    Columns with another number show some that are evenly spread: of a concatenation, of every branch.
    """
    first = planes(features)
    assert first is not None
    rows = LOW_ROWS if any(len(node.inputs) > 3 for node in own) else ROWS
    strongest = statistics(first).rms.topk(rows).indices.sort().values
    for node in own:
        size, about = extent_of(node), described[node.index]
        thumb = about["thumb"]
        if size is None or thumb is None:
            continue
        count = size[0]
        spread = torch.arange(rows) * count // rows if count > rows else torch.arange(count)
        shown = strongest if count == first.shape[0] else spread
        channels = planes(node)
        assert channels is not None
        scale = statistics(channels).scale
        about["shown"] = shown.tolist()
        about["thumb"] = thumb | {
            "pixels": quantise(channels[shown], scale[shown], (thumb["height"], thumb["width"])),
            "scale": scale[shown],
        }
