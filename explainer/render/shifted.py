"""A digit at every place and what two networks say of it: a frame for the browser, and PyTorch code."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from explainer.playground.shifted import MAPS, REACH, SIDE, TESTED_ON, Judged, moved, parameters

_SHOWN = 4
"""Feature maps that are shown."""


def frame(judged: Judged, picture: Tensor, label: int | None, here: tuple[int, int]) -> dict[str, Any]:
    """Return the frame of one digit.

    Args:
        judged: both networks and how often they are right.
        picture: the digit in the middle, float32 [1, 28, 28].
        label: what it is; ``None`` where nobody knows.
        here: where the digit stands at first, pixels right and down.
    """
    found = moved(judged.networks, picture)
    middle = len(found.maps) // 2
    strongest = found.maps[middle].amax((1, 2)).topk(_SHOWN).indices.sort().values
    maps = found.maps[:, strongest]
    scales = maps.amax((0, 2, 3)).clamp(min=1e-6)
    return {
        "side": SIDE,
        "reach": REACH,
        "here": list(here),
        "label": label,
        "picture": (picture * 255).round().to(torch.uint8),
        "dense": found.dense,
        "conv": found.convolutional,
        "units": found.units,
        "unitCount": found.units.shape[1],
        "maps": (maps / scales[:, None, None] * 255).round().to(torch.uint8),
        "mapScales": scales.tolist(),
        "mapCount": MAPS,
        "channels": strongest.tolist(),
        "differences": found.differences,
        "denseAccuracy": judged.dense,
        "convAccuracy": judged.convolutional,
        "denseParameters": parameters(judged.networks.dense),
        "convParameters": parameters(judged.networks.convolutional),
        "tested": TESTED_ON,
    }


def shifted_code(head: str, seed: int, value: int, hand: int, right: int, down: int) -> str:
    """Return a script that asks both networks about the digit where it stands, and compares the maps.

    Args:
        head: what stands between feature maps and classes.
        seed: of the weights; 0 are those that come with the project.
        value: the digit.
        hand: seed of how it is written.
        right: how far it is moved.
        down: likewise.
    """
    opening = f'bundled("{head}").networks' if seed == 0 else f'train("{head}", {seed})'
    name = "bundled" if seed == 0 else "train"
    return "\n".join(
        [
            "import random",
            "",
            "from explainer.playground.digits import as_input, draw",
            f"from explainer.playground.shifted import {', '.join(sorted((name, 'place', 'shift')))}",
            "",
            f"networks = {opening}",
            f'digit = place(as_input(draw({value}, random.Random("hand/{hand}")))[None])  # [1, 1, 28, 28]',
            f"moved = shift(digit, {right}, {down})",
            "print(networks.dense(moved).softmax(1))",
            "print(networks.convolutional(moved).softmax(1))",
            "",
            "maps = networks.convolutional[:2]  # nn.Conv2d(1, 8, 5, padding=2) and ReLU",
            f"difference = (maps(moved) - shift(maps(digit), {right}, {down})).abs()",
            f"print(difference[..., {_inner(down)}, {_inner(right)}].max())  # 0: no frame cuts in",
            "",
        ]
    )


def _inner(by: int) -> str:
    return f"{2 + max(by, 0)}:{SIDE - 2 + min(by, 0)}"
