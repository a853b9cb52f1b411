"""A Grad-CAM taken apart, as the browser gets it: the strongest channels exactly, all others as one sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from explainer.attribution import GradCamParts

_MOST_CHANNELS = 64
_MOST_BYTES = 3 << 19
"""What the maps of the channels may weigh together."""
_LEAST_CHANNELS = 8


def taken_apart(
    parts: GradCamParts,
    picture: np.ndarray,
    *,
    layer: str,
    name: str,
    texts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the header of the frame for ``explainer.components.cam_sum``.

    Args:
        parts: weights, maps, sum.
        picture: what the network saw, uint8 [H, W, 3].
        layer: the layer's name.
        name: the class's name.
        texts: translations of what the ES modules say.

    Returns:
        The strongest channels with their maps and weights as float32 and, so that everything adds up, the
        sum of the products of all others.
    """
    channels, height, width = parts.activation.shape
    fitting = _MOST_BYTES // (4 * height * width)
    shown = parts.order[: min(channels, _MOST_CHANNELS, max(_LEAST_CHANNELS, fitting))]
    chosen = parts.weighted[shown].double().sum(0)
    rest = parts.weighted.double().sum(0) - chosen if len(shown) < channels else chosen * 0
    return {
        "texts": dict(texts or {}),
        "layer": layer,
        "name": name,
        "channels": channels,
        "height": height,
        "width": width,
        "shown": shown.int(),
        "weights": parts.weights[shown],
        "maps": parts.activation[shown],
        "rest": rest,
        "total": parts.total,
        "photo": {"height": picture.shape[0], "width": picture.shape[1], "pixels": picture},
    }
