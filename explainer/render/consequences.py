"""What a change does, for the browser: classes, every layer downstream, and pictures of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.layers.ablation import Ablations
from explainer.layers.intervention import NodeChange, channel_differences, counterpart
from explainer.render.planes import fit_side, layout_of, planes
from explainer.tracing import Node, Trace

CLASSES = 8
CHANNELS = 6
_SIDE = 72
"""Longer side of a picture in pixels; larger ones are shrunk by area averages."""


def consequences(
    after: Trace,
    changes: Sequence[NodeChange],
    logits: Node,
    *,
    name: Callable[[int], str],
    shown: NodeChange | None,
    channel: int | None = None,
    sweep: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the message for the view.

    Args:
        after: what ``what_if`` made of the forward pass.
        changes: every node downstream, measured; empty where nothing is changed.
        logits: the node of the class scores [1, classes] in the trace before.
        name: what a class is called.
        shown: the layer whose channels are drawn before and after.
        channel: a channel of it to draw in any case.
        sweep: what ``without_each`` returned, if that has been asked for.
    """
    return {
        "sweep": sweep,
        "classes": classes(logits.output[0], counterpart(after, logits.name).output[0], name)
        if len(logits.shape) == 2
        else [],
        "layers": [
            {"name": one.name, "kind": one.before.kind, "relative": one.relative, "peak": one.peak}
            for one in changes
        ],
        "shown": None if shown is None else pictures(shown, channel),
    }


def without_each(layer: str, name: str, found: Ablations, channel: int) -> dict[str, Any]:
    """Return what each channel of a layer is worth to a class.

    Args:
        layer: what the layer is called.
        name: what the class is called.
        found: the class without each of the channels.
        channel: the channel the reader is at.
    """
    return {
        "layer": layer,
        "name": name,
        "whole": found.probability,
        "changes": found.probabilities - found.probability,
        "channel": channel,
    }


def classes(before: Tensor, after: Tensor, name: Callable[[int], str]) -> list[dict[str, Any]]:
    """Return the classes that are likely before or after, each with both probabilities and scores.

    Args:
        before: class scores [C].
        after: likewise.
        name: what a class is called.
    """
    first, second = before.double().softmax(0), after.double().softmax(0)
    order = torch.maximum(first, second).argsort(descending=True, stable=True)[:CLASSES].tolist()
    return [
        {
            "index": index,
            "name": name(index),
            "before": float(first[index]),
            "after": float(second[index]),
            "scores": [float(before[index]), float(after[index])],
        }
        for index in sorted(order, key=lambda index: (-float(first[index]), index))
    ]


def pictures(change: NodeChange, channel: int | None = None) -> dict[str, Any] | None:
    """Return the channels that changed most, before and after, all on one scale.

    Args:
        change: the layer.
        channel: one that is drawn first, whether it changed or not.
    """
    before, after = planes(change.before), planes(change.after)
    if before is None or after is None:
        return None
    moved = channel_differences(change).nan_to_num(0.0)
    order = moved.argsort(descending=True, stable=True).tolist()
    if channel is not None and 0 <= channel < len(order):
        order.remove(channel)
        order.insert(0, channel)
    order = order[:CHANNELS]
    size = fit_side(before.shape[1], before.shape[2], _SIDE)
    both = torch.stack((before[order], after[order])).float()
    small = both if tuple(both.shape[2:]) == size else F.interpolate(both, size=size, mode="area")
    finite = small.nan_to_num(0.0, 0.0, 0.0)
    return {
        "name": change.name,
        "kind": change.before.kind,
        "layout": layout_of(change.before),
        "size": [int(before.shape[1]), int(before.shape[2])],
        "height": size[0],
        "width": size[1],
        "relative": change.relative,
        "count": int(before.shape[0]),
        "touched": int((moved > 0).sum()),
        "channels": order,
        "moved": [float(moved[number]) for number in order],
        "peak": float(finite.abs().max()),
        "gap": float((finite[1] - finite[0]).abs().max()),
        "before": finite[0],
        "after": finite[1],
    }
