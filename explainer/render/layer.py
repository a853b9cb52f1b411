"""One opened layer: an atlas of all its channels with their figures."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from explainer.render.planes import planes, quantise, statistics
from explainer.tracing import Node

ATLAS_BYTES = 1_200_000
"""An atlas is shrunk until it fits, so that opening any layer stays a quick transfer."""


def layer(
    node: Node, contribution: Tensor | None = None, contribution_class: int | None = None
) -> dict[str, Any]:
    """Return the message that opens a layer.

    Args:
        node: the layer's operation, with an output that has channels.
        contribution: float [C], what each channel adds to a class, if it has been worked out.
        contribution_class: index of that class.
    """
    channels = planes(node)
    if channels is None:
        return {"type": "layer", "node": node.index, "channels": 0}
    count, height, width = channels.shape
    divisor = 1
    while count * -(-height // divisor) * -(-width // divisor) > ATLAS_BYTES:
        divisor += 1
    size = -(-height // divisor), -(-width // divisor)
    figures = statistics(channels)
    return {
        "type": "layer",
        "node": node.index,
        "channels": count,
        "height": size[0],
        "width": size[1],
        "pixels": quantise(channels, figures.scale, size),
        "scale": figures.scale,
        "mean": channels.float().mean((1, 2)),
        "high": figures.high,
        "low": figures.low,
        "rms": figures.rms,
        "contribution": contribution,
        "contribution_class": contribution_class,
    }
