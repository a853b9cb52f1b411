"""A run as a film: what the network made of one image after each epoch, small enough for the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.attribution import cam
from explainer.attribution.cams import CAM_METHODS
from explainer.attribution.cut import class_scores_node
from explainer.render.planes import fit_side
from explainer.tracing import maps, trace
from explainer.training.replay import Curve, Replay, convolution_of, first_convolution

FILTERS, CHANNELS, SIDE = 64, 32, 64
"""At most so many filters of the first convolution, channels of the layer, and pixels of a map's side."""
ANSWERS = 10
"""Classes whose probability is shown."""
_KERNELS = 2600
"""Weights of the layer's kernels that are shown, at most."""
_ROWS = 32
_HEAT_SIDE = 32
METHODS = ("gradcam", "hirescam", "layercam")
"""Class activation maps that need one gradient."""
_BUDGET = 1_100_000
"""Bytes of all feature maps of a film; of many epochs they are smaller."""
_PHOTO_SIDE = 224


@dataclass(frozen=True, eq=False)
class Shot:
    """The network after one epoch, and what it made of the image. All tensors are float32."""

    epoch: int
    first: Tensor
    """[filters, C, kh, kw]: of the first convolution."""
    kernels: Tensor | None
    """[outputs, inputs, kh, kw]: of the layer's convolution; ``None`` where that is the first one."""
    maps: Tensor
    """[channels, h, w]: what the layer made of the image."""
    heat: Tensor
    """[h, w]: class activation map of the layer, at least 0."""
    probabilities: Tensor
    """[classes]."""
    moved: tuple[float, ...]
    """How far each stage is from the start, as a share."""
    counts: tuple[int, int, int, int]
    """How many there are: filters of the first convolution, channels, outputs and inputs of the kernels."""
    names: tuple[str, str]
    """Of the first convolution and of the layer's; the second may be empty."""

    @property
    def size(self) -> int:
        """Bytes."""
        parts = (self.first, self.kernels, self.maps, self.heat, self.probabilities)
        return sum(part.nbytes for part in parts if part is not None)


def shoot(
    replay: Replay, epoch: int, images: Tensor, layer: str, class_index: int, method: str = "gradcam"
) -> Shot:
    """Run the network of an epoch on an image.

    Args:
        replay: its model is put into that epoch.
        epoch: one of ``replay.epochs``.
        images: float [1, C, H, W], as the network takes them.
        layer: name of a convolution or activation in the trace.
        class_index: the class that the class activation map asks about.
        method: one of ``METHODS``.

    Raises:
        ReaderError: the epoch is no longer kept, or there is no such layer.
    """
    recorded = trace(replay.at(epoch), images)
    node, logits, first = recorded[layer], class_scores_node(recorded), first_convolution(recorded)
    channels = maps(node).detach().float()
    own = convolution_of(node)
    if own is first:
        own = None
    weight = first.arguments["weight"].detach().float()
    kernels = None if own is None else own.arguments["weight"].detach().float()
    shown = channels[_evenly(len(channels), CHANNELS)]
    heat = cam(recorded, node, logits, class_index, method).map.detach().float()
    return Shot(
        epoch,
        first=weight[_evenly(len(weight), FILTERS)].clone(),
        kernels=None if kernels is None else _some_kernels(kernels).clone(),
        maps=_smaller(shown, SIDE).clone(),
        heat=_smaller(heat[None], _HEAT_SIDE)[0].clone(),
        probabilities=logits.output[0].float().softmax(0),
        moved=replay.moved(epoch),
        counts=(len(weight), len(channels), *(kernels.shape[:2] if kernels is not None else (0, 0))),
        names=(first.name, "" if own is None else own.name),
    )


def reel(
    shots: Sequence[Shot],
    curve: Curve,
    stages: Sequence[str],
    picture: np.ndarray,
    *,
    layer: str,
    heat_class: int,
    method: str,
    label: int,
) -> dict[str, Any]:
    """Return the film as ``explainer.render.wire.pack`` packs it, below two megabytes.

    In every array of bytes a value is (q - 128) / 127 of the ``scale`` of its epoch (and filter or channel);
    how bright that is, the browser decides from the scales of one epoch or of all.

    Args:
        shots: in the order of their epochs.
        curve: the run's.
        stages: titles of the network's stages.
        picture: what the network saw, uint8 [H, W, 3].
        layer: the layer's name.
        heat_class: the class of the class activation map.
        method: whose it is.
        label: the image's true class, -1 where nobody knows.
    """
    last = shots[-1]
    side = min(SIDE, int((_BUDGET / (len(shots) * len(last.maps))) ** 0.5))
    all_maps = torch.stack([_smaller(shot.maps, side) for shot in shots])
    first = torch.stack([shot.first for shot in shots])
    found = {
        "epochs": np.array([shot.epoch for shot in shots], np.int32),
        "first": {
            "name": last.names[0],
            "of": last.counts[0],
            "size": list(first.shape[1:]),
            **_quantised(first, 2),
        },
        "kernels": None,
        "maps": {
            "name": layer,
            "of": last.counts[1],
            "channels": _evenly(last.counts[1], CHANNELS).int(),
            "size": list(all_maps.shape[1:]),
            **_quantised(all_maps, 2),
        },
        "heat": _heat(shots, heat_class, method),
        "answers": _answers(shots, label),
        "moved": {
            "stages": list(stages),
            "values": torch.tensor([shot.moved for shot in shots]),
        },
        "curve": {
            name: getattr(curve, name)
            for name in ("epochs", "train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
        },
        "photo": _photo(picture),
        "label": label,
    }
    if last.kernels is not None:
        kernels = torch.stack([shot.kernels for shot in shots if shot.kernels is not None])
        found["kernels"] = {
            "name": last.names[1],
            "of": list(last.counts[2:]),
            "size": list(kernels.shape[1:]),
            **_quantised(kernels, 1),
        }
    return found


def _heat(shots: Sequence[Shot], heat_class: int, method: str) -> dict[str, Any]:
    heat = torch.stack([shot.heat for shot in shots])
    return {
        "class": heat_class,
        "method": CAM_METHODS[method].title,
        "size": list(heat.shape[1:]),
        **_quantised(heat, 1),
    }


def _answers(shots: Sequence[Shot], label: int) -> dict[str, Any]:
    """Return the probabilities of few classes: all, or the true one and those that were ever likely."""
    every = torch.stack([shot.probabilities for shot in shots])
    if every.shape[1] <= ANSWERS:
        chosen = list(range(every.shape[1]))
    else:
        peak = every.amax(0)
        if label >= 0:
            peak[label] = 2
        chosen = sorted(peak.topk(ANSWERS).indices.tolist())
    return {"classes": chosen, "of": every.shape[1], "values": every[:, chosen]}


def _photo(picture: np.ndarray) -> dict[str, Any]:
    height, width, _ = picture.shape
    size = fit_side(height, width, _PHOTO_SIDE)
    pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1).float()
    small = F.interpolate(pixels[None], size=size, mode="area")[0] if size != (height, width) else pixels
    return {"height": size[0], "width": size[1], "pixels": small.round().byte().permute(1, 2, 0)}


def _quantised(values: Tensor, kept: int) -> dict[str, Tensor]:
    """Return bytes of the values' shape, and the magnitude that 127 steps stand for, of the first axes."""
    scale = values.abs().flatten(kept).amax(kept)
    wide = scale.reshape(*scale.shape, *[1] * (values.ndim - kept))
    steps = values * torch.where(wide > 0, 127 / wide, torch.zeros_like(wide))
    return {"pixels": steps.add(128.5).nan_to_num(128.5).clamp(1, 255).byte(), "scale": scale}


def _evenly(count: int, most: int) -> Tensor:
    """Return at most so many places of a row, evenly among them: the same for every epoch."""
    if count <= most:
        return torch.arange(count)
    return torch.linspace(0, count - 1, most).round().long()


def _some_kernels(weight: Tensor) -> Tensor:
    """Return a part [outputs, inputs, kh, kw] of the kernels that a reader can still take in."""
    outputs, inputs, height, width = weight.shape
    most = max(4, int((_KERNELS / (height * width)) ** 0.5))
    columns = min(inputs, most, _ROWS)
    rows = min(outputs, max(most, _KERNELS // (height * width * columns)), _ROWS)
    return weight[_evenly(outputs, rows)][:, _evenly(inputs, columns)]


def _smaller(planes: Tensor, most: int) -> Tensor:
    """Return planes [C, H, W] shrunk by area averages to at most ``most`` pixels a side."""
    size = fit_side(int(planes.shape[1]), int(planes.shape[2]), most)
    if tuple(planes.shape[1:]) == size:
        return planes
    return F.interpolate(planes[None], size=size, mode="area")[0]
