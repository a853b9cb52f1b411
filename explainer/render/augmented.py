"""Frames of augmentation: images with what training would make of them, and what that does to a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explainer.render.photo import rgb
from explainer.render.twins import paired_answers
from explainer.training.preview import Effect, Shown

VALUES = 400_000
"""About so many float32 values of the channels before and after travel."""
CHANNELS = (4, 24)
"""At least and at most so many channels travel."""


def grid_frame(
    images: Tensor,
    labels: Sequence[int],
    classes: Sequence[str],
    draws: Sequence[Sequence[Shown]],
    translate: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Return images with their draws, one row each.

    Args:
        images: uint8 [N, C, H, W].
        labels: the class of each.
        classes: names, as ``preview`` was given them.
        draws: what ``preview`` returned for these images.
        translate: puts an English sentence template into the reader's language.
    """
    places = {name: place for place, name in enumerate(classes)}
    rows = [
        {
            "label": label,
            "draws": [
                {
                    "classes": [places[name] for name, _ in draw[row].shares],
                    "shares": [share for _, share in draw[row].shares],
                    "done": [phrase.translated(translate) for phrase in draw[row].done],
                }
                for draw in draws
            ],
        }
        for row, label in enumerate(labels)
    ]
    height, width = images.shape[-2:]
    changed = [_bytes(one.image) for draw in draws for one in draw]
    return {
        "rows": rows,
        "classes": list(classes),
        "width": width,
        "height": height,
        "pixels": np.stack([*(rgb(image) for image in images), *changed]),
    }


def picture_of(frame: dict[str, Any], row: int, draw: int) -> np.ndarray:
    """Return one picture of an unpacked ``grid_frame``, uint8 [H, W, 3]; draw -1 is the image itself."""
    shape = (-1, frame["height"], frame["width"], 3)
    return np.asarray(frame["pixels"].reshape(shape)[(draw + 1) * len(frame["rows"]) + row])


def effect_frame(found: Effect, classes: Sequence[str], pictures: Sequence[np.ndarray]) -> dict[str, Any]:
    """Return what a change of an image changed in a network, the channels that moved most first.

    Args:
        found: what ``preview.effect`` measured.
        classes: names of the network's.
        pictures: both as the network received them, uint8 [H, W, 3].
    """
    change = found.change
    height, width = found.activations[0].shape[-2:]
    least, most = CHANNELS
    count = min(len(change), most, max(least, VALUES // (2 * height * width)))
    order = change.argsort(descending=True, stable=True)[:count]
    return {
        "pictures": [
            {"width": one.shape[1], "height": one.shape[0], "pixels": np.ascontiguousarray(one)}
            for one in pictures
        ],
        "maps": [
            {"width": one.shape[1], "height": one.shape[0], "values": one.detach().float().contiguous()}
            for one in found.maps
        ],
        "channels": order.to(torch.int32),
        "change": change[order].detach().float(),
        "count": len(change),
        "width": width,
        "height": height,
        "activations": [one.detach()[order].float().contiguous() for one in found.activations],
        "likeness": found.likeness,
        "class": classes[found.class_index],
        "answers": [
            {"name": one.name, "values": [value or 0.0 for value in one.probabilities]}
            for one in paired_answers(
                [list(classes)] * 2,
                [one.detach().double() for one in found.probabilities],
                same=True,
                wanted=found.class_index,
            )
        ],
    }


def _bytes(image: Tensor) -> np.ndarray:
    return rgb(image.mul(255).round().clamp(0, 255).byte())
