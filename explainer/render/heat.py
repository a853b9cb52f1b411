"""The wall of heat maps as the browser gets it: the picture, the maps with their exact values, the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from explainer.render.heat_methods import METHODS, Heat, Value
from explainer.render.snippet import Origin, opening_lines

_FEW = 4096
"""Maps of more values than this have spikes: their colours end at a quantile."""
_QUANTILE = 0.995
_BEFORE = {
    "gradcam": "parts.total",
    "hirescam": "(parts.activation * parts.gradient).sum(0)",
    "layercam": "(parts.activation * parts.gradient.relu()).sum(0)",
}
"""What the maps are before their ReLU; the others have weights."""


@dataclass(frozen=True)
class Tile:
    """One place on the wall."""

    key: str
    """Stands in the link while it is enlarged."""
    title: str
    subtitle: str
    method: str
    """Key of ``METHODS``."""
    heat: Heat | None
    """``None`` while it is being computed, or will not be."""
    message: str = ""
    """Why there is no map."""
    stopped: bool = False
    """Whether the reader may have it computed after all."""
    code: str = ""
    """PyTorch code for the same map."""
    note: str = ""
    """What to know about the map."""
    file: str = "heat"
    """What a downloaded file is called."""


def wall(
    picture: np.ndarray,
    tiles: Sequence[Tile],
    *,
    opposed: bool = False,
    scale: str = "own",
    answers: Sequence[Mapping[str, Any]] = (),
    chosen: Sequence[int] = (),
    several: bool = False,
    text: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the message that ``explainer.render.wire.pack`` packs.

    Args:
        picture: what the network saw, uint8 [H, W, 3].
        tiles: what is on the wall.
        opposed: whether to show what speaks against the class, too.
        scale: where the colours end while the reader has not chosen: ``"shared"`` or ``"own"``.
        answers: the first classes: index, name, probability.
        chosen: the classes on the wall.
        several: whether more than one may be.
        text: translations.
    """
    height, width, _ = picture.shape
    return {
        "picture": {"width": width, "height": height, "pixels": picture},
        "tiles": [_message(tile, opposed) for tile in tiles],
        "scale": scale,
        "answers": [dict(answer) for answer in answers],
        "chosen": list(chosen),
        "several": several,
        "text": dict(text or {}),
    }


def _message(tile: Tile, opposed: bool) -> dict[str, Any]:
    method = METHODS[tile.method]
    said = {
        "key": tile.key,
        "title": tile.title,
        "subtitle": tile.subtitle,
        "method": method.title,
        "paper": method.paper,
        "short": f"{method.paper.split(',')[0].split(' and ')[0].removesuffix(' et al.')} {method.year}",
        "year": method.year,
        "url": method.url,
        "message": tile.message,
        "stopped": tile.stopped,
        "note": tile.note,
        "code": tile.code,
        "file": tile.file,
    }
    heat = tile.heat
    if heat is None:
        return said | {"map": None}
    signed = method.signed or (opposed and heat.opposed is not None)
    shown = heat.opposed if opposed and heat.opposed is not None else heat.map
    return said | {
        "map": {
            "height": shown.shape[0],
            "width": shown.shape[1],
            "data": shown,
            "low": float(shown.min()),
            "high": float(shown.max()),
            "ceiling": ceiling(shown),
            "signed": signed,
        },
        "seconds": heat.seconds,
        "forward": heat.forward,
        "backward": heat.backward,
    }


def ceiling(values: torch.Tensor) -> float:
    """Return the magnitude at which a map's own colours end: its largest, or without its few spikes.

    Gradients of single pixels have outliers beside which everything else would be blank.
    """
    size = values.abs().flatten()
    most = float(size.max())
    if size.numel() <= _FEW:
        return most
    # torch.quantile takes at most 16 million values
    kept = float(size.kthvalue(max(1, round(_QUANTILE * size.numel()))).values)
    return kept or most


def code(
    origin: Origin,
    method: str,
    layer: str | None,
    class_index: int,
    values: Mapping[str, Value],
    *,
    opposed: bool = False,
) -> str:
    """Return a script that computes one map in a fresh interpreter and prints its range."""
    imports, lines = _call(method, layer, class_index, values, opposed)
    return "\n".join(
        [
            *opening_lines(origin, *imports),
            *lines,
            "print(tuple(heat.shape), heat.min().item(), heat.max().item())",
            "",
        ]
    )


def _call(
    method: str, layer: str | None, class_index: int, values: Mapping[str, Value], opposed: bool
) -> tuple[list[str], list[str]]:
    gradients = "from explainer.attribution.gradients import"
    reduce = "collapse" if opposed else "magnitude"
    scores = "from explainer.attribution.cams import class_scores_node"
    record = "recorded = trace(loaded.model, images)"
    tracing = "from explainer.tracing import trace"
    if METHODS[method].layered and not (opposed and method != "eigencam"):
        name = "" if method == "gradcam" else f', method="{method}"'
        return ["from explainer.attribution import grad_cam"], [
            f'heat = grad_cam(loaded.model, images, "{layer}", {class_index}{name})  # [h, w], after the ReLU'
        ]
    if METHODS[method].layered:
        place = f'(recorded, recorded["{layer}"], class_scores_node(recorded), {class_index}'
        used = ["grad_cam_parts"] if method in _BEFORE else ["cam", "grad_cam_parts"]
        weigh = [] if method in _BEFORE else [f'weights = cam{place}, "{method}").weights']
        total = _BEFORE.get(method, "(weights[:, None, None] * parts.activation).sum(0)")
        return [f"from explainer.attribution import {', '.join(used)}", scores, tracing], [
            record,
            f"parts = grad_cam_parts{place})",
            *weigh,
            f"heat = {total}  # [h, w], before the ReLU",
        ]
    if method in ("saliency", "guided"):
        function = "saliency" if method == "saliency" else "guided_backpropagation"
        return [
            f"{gradients} {', '.join(sorted((reduce, function)))}",
            scores,
            tracing,
        ], [
            record,
            f"heat = {reduce}({function}(recorded, class_scores_node(recorded), {class_index}))",
        ]
    if method == "smoothgrad":
        given = f"samples={values['samples']}, noise={values['noise']}, seed={values['seed']}"
        return [f"{gradients} {reduce}, smooth_grad"], [
            f"heat = {reduce}(smooth_grad(loaded.model, images, {class_index}, {given}))"
        ]
    start = "from explainer.attribution.baselines import baseline"
    if method == "integrated":
        return [
            start,
            f"{gradients} collapse",
            "from explainer.attribution.integrated import integrated_gradients",
        ], [
            f'start = baseline("{values["baseline"]}", images, loaded.preprocessing)',
            f"found = integrated_gradients(loaded.model, images, {class_index}, baseline=start, "
            f"steps={values['steps']})",
            "heat = collapse(found.attribution)",
        ]
    return [start, "from explainer.attribution.occlusion import occlusion"], [
        f'cover = baseline("{values["fill"]}", images, loaded.preprocessing)',
        f"found = occlusion(loaded.model, images, {class_index}, size={values['size']}, "
        f"stride={values['stride']}, fill=cover)",
        "heat = found.map",
    ]
