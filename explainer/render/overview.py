"""The first frame of the network map: the whole graph, and small pictures of the strongest channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explainer.models import Prediction
from explainer.render.groups import fold_tree, label_of
from explainer.render.planes import Statistics, extent_of, fit_side, layout_of, planes, quantise, statistics
from explainer.render.values import operation, tensor
from explainer.tracing import Node, Trace, cost

ALL_CHANNELS = 16
"""Layers of up to so many channels show them all, in their own order; larger ones their strongest."""
STRONGEST = 6
THUMB_SIDES = (64, 48, 36, 28)
"""Longest side of a thumbnail in pixels; deep networks get the first that keeps within the budget."""
THUMB_BYTES = 700_000
"""All thumbnails of a network together."""
SMALL_NETWORK = 300_000
"""A network with at most so many numbers in all outputs travels whole, so that nothing is asked for later."""

_PLUMBING = frozenset(
    """flatten view reshape permute transpose dropout getitem chunk split contiguous clone unsqueeze squeeze
    expand narrow select unflatten unbind to type_as movedim roll identity""".split()
)


def overview(
    trace: Trace,
    *,
    key: str,
    model: dict[str, Any],
    picture: np.ndarray,
    predictions: list[Prediction],
    logits: Node,
    learning: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """Return the messages that open the map (see ``explainer.render.wire`` for how they travel).

    Args:
        trace: the forward pass; only its first image is shown.
        key: identifies model and image; answers to later requests carry it.
        model: what the map says of the model (key, title, trained, classes).
        picture: the image as the network received it, uint8 [H, W, 3].
        predictions: the best classes, best first.
        logits: the node the predictions come from.
        learning: before a training, how fast each module with weights will learn, as a share of the fastest;
            0 where it is frozen.
    """
    groups, group_of = fold_tree(trace)
    costs = cost(trace)
    summed = {
        group.id: (
            sum(costs[n].parameters for n in trace.nodes[group.first : group.last + 1]),
            sum(costs[n].flops for n in trace.nodes[group.first : group.last + 1]),
            sum(costs[n].activation_bytes for n in trace.nodes[group.first : group.last + 1]),
        )
        for group in groups
    }
    height, width = picture.shape[:2]
    rgba = np.dstack([picture, np.full((height, width), 255, np.uint8)])
    small = sum(prod(node.shape) for node in trace.nodes) <= SMALL_NETWORK
    side = _thumb_side(trace)
    nodes = [_describe(node, group_of[node.index], costs[node], logits, side) for node in trace.nodes]
    message = {
        "type": "overview",
        "trace": key,
        "model": model | {"parameters": summed[0][0], "flops": summed[0][1]},
        "nodes": nodes,
        "groups": [
            asdict(group) | dict(zip(("parameters", "flops", "bytes"), summed[group.id], strict=True))
            for group in groups
        ],
        "predictions": [prediction._asdict() for prediction in predictions],
        "output": logits.index,
        "answer": _answer(trace, logits),
        "picture": {"width": width, "height": height, "pixels": rgba},
        "small": small,
        "learning": None
        if learning is None
        else [
            learning.get(node.module) if node.name.split(":")[0] == node.module else None
            for node in trace.nodes
        ],
    }
    messages = [message]
    if small:
        for node in trace.nodes:
            messages += [
                part | {"trace": key} for part in (tensor(node), operation(node)) if part is not None
            ]
    return messages


def _describe(node: Node, group: int, price: Any, logits: Node, side: int) -> dict[str, Any]:
    channels = planes(node)
    role = "input" if node.index == 0 else "output" if node is logits else "main"
    if role == "main" and node.kind in _PLUMBING:
        role = "plumbing"
    described = {
        "index": node.index,
        "name": node.name,
        "kind": node.kind,
        "label": label_of(node),
        "module": node.module,
        "summary": node.call.description if node.name.split(":")[0] == node.module else node.kind,
        "shape": list(node.shape),
        "layout": layout_of(node),
        "inputs": [source.index for source in node.inputs],
        "group": group,
        "role": role,
        "parameters": price.parameters,
        "flops": price.flops,
        "bytes": price.activation_bytes,
    }
    if channels is None:
        return described | {"channels": 0, "height": 0, "width": 0, "peak": 0.0, "low": 0.0, "high": 0.0,
                            "shown": [], "thumb": None}  # fmt: skip
    figures = statistics(channels)
    scale, shown = figures.scale, _shown(channels, figures)
    size = fit_side(channels.shape[1], channels.shape[2], side)
    pixels = None if role == "plumbing" else quantise(channels[shown], scale[shown], size)
    return described | {
        "channels": channels.shape[0],
        "height": channels.shape[1],
        "width": channels.shape[2],
        "peak": float(scale.max()),
        "low": float(figures.low.min()),
        "high": float(figures.high.max()),
        "shown": shown.tolist(),
        "thumb": None
        if pixels is None
        else {"height": size[0], "width": size[1], "pixels": pixels, "scale": scale[shown]},
    }


def _answer(trace: Trace, logits: Node) -> int | None:
    """Return the index of the node that the class bars show, the softmax behind the logits."""
    last = trace.nodes[-1]
    return last.index if last.kind == "softmax" and last.inputs == (logits,) else None


def _thumb_side(trace: Trace) -> int:
    """Return the largest thumbnail side with which the whole network stays within its budget."""
    for side in THUMB_SIDES:
        total = 0
        for node in trace.nodes:
            size = extent_of(node)
            if size is not None and node.kind not in _PLUMBING:
                count = size[0] if size[0] <= ALL_CHANNELS else STRONGEST
                height, width = fit_side(*size[1:], side)
                total += count * height * width
        if total <= THUMB_BYTES:
            break
    return side


def _shown(channels: Tensor, figures: Statistics) -> Tensor:
    count = channels.shape[0]
    if count <= ALL_CHANNELS:
        return torch.arange(count)
    return figures.rms.topk(STRONGEST).indices
