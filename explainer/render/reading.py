"""One number read three more ways: what it can see, what it does see, what it means for a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.attribution import unit_contribution
from explainer.errors import ReaderError
from explainer.render.planes import fit_side
from explainer.tracing import Node, Trace, effective_receptive_field, receptive_fields

HEAT_SIDE = 112
"""Longer side of the heat that is sent, in pixels; it is drawn as a thumbnail."""


def reach(trace: Trace, node: Node, translate: Callable[[str], str] = str) -> dict[str, Any]:
    """Return the message with the part of the image that each unit of a layer can see.

    ``rows`` and ``columns`` hold start and end, in input pixels, for every row and column of the layer; so
    the box follows the pointer without a question. ``translate`` puts the reason of a bound into the reader's
    language.
    """
    table = receptive_fields(trace)[node]
    return {
        "type": "reach",
        "node": node.index,
        "status": table.status,
        "reason": table.reason.translated(translate),
        "rows": table.rows,
        "columns": table.columns,
    }


def reading(
    trace: Trace, node: Node, channel: int, y: int, x: int, logits: Node | None, class_index: int
) -> dict[str, Any]:
    """Return the message with the effective receptive field of one unit and its meaning for a class.

    ``heat`` is uint8 [height, width], 255 where the unit reacts most to a change of the pixel; ``None`` where
    the gradient is zero everywhere. Without ``logits`` there is no meaning.
    """
    message: dict[str, Any] = {
        "type": "reading",
        "node": node.index,
        "channel": channel,
        "y": y,
        "x": x,
        "heat": None,
        "class": None,
    }
    try:
        heat = effective_receptive_field(trace, node, channel, y, x)
        message |= _as_bytes(heat)
    except ReaderError:
        pass  # no gradient reaches the image: the box says why
    if logits is not None:
        unit = unit_contribution(trace, node, channel, y, x, logits, class_index)
        message |= {"class": class_index, "value": unit.value, "gradient": unit.gradient}
    return message


def _as_bytes(heat: Tensor) -> dict[str, Any]:
    height, width = fit_side(heat.shape[0], heat.shape[1], HEAT_SIDE)
    small = F.adaptive_max_pool2d(heat[None, None], (height, width))[0, 0]
    peak = float(small.max())
    if peak <= 0:
        return {}
    return {"heat": (small / peak * 255).round().to(torch.uint8), "height": height, "width": width}
