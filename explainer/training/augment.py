"""Augmentation of whole batches at once, driven by a generator of its own.

First everything is drawn, on the CPU, then it is done, on whatever device the images are: what a seed gives
depends neither on the device nor on how many images are worked on at a time.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

import torch
from torch import Tensor

from explainer.tracing.memory import keep_freed_memory
from explainer.training import pixels
from explainer.training.geometry import Geometry, cut, draw, draw_box, draw_geometry, move, sample, source_map
from explainer.training.policies import Chosen, apply_policy, choose
from explainer.training.recipe import Augmentation

ERASED_AREA = (0.02, 0.33)
"""Of the image, by Zhong et al. (2020)."""
ERASED_ASPECT = (0.3, 1 / 0.3)
_PIECE = 1 << 20
"""Numbers that are worked on at a time on a CPU: they stay in its cache from one change to the next."""

Record = TypeVar("Record")


@dataclass(frozen=True, eq=False)
class Changes:
    """What is done to each image of a batch, in this order; ``None`` where nothing of the kind is."""

    geometry: Geometry
    matrix: Tensor | None = None
    """[N, 3, 3]: the geometry as ``source_map`` gives it, where pixels are resampled."""
    policy: Chosen | None = None
    contrast: Tensor | None = None
    """[N]: factor of the distance to the image's mean."""
    brightness: Tensor | None = None
    """[N]: factor of that mean."""
    saturation: Tensor | None = None
    """[N]: factor."""
    hue: Tensor | None = None
    """[N]: share of the colour circle."""
    hidden: Tensor | None = None
    """int64 [N, 4]: top, bottom, left, right of a square set to the mean; it may lie outside in part."""
    erased: Tensor | None = None
    """int64 [N, 4]: the same of a rectangle that is filled with noise; empty where nothing is erased."""
    noise: Tensor | None = None
    """[pixels]: 0..1, for all rectangles of the batch and their channels."""


def augment(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return randomly changed copies of images [N, C, H, W]; each image gets its own.

    Args:
        images: float in 0..1 or, which is faster, uint8; with one channel or three, on any device.
        settings: what is changed and how far.
        generator: on the CPU.

    Returns:
        Float in 0..1.
    """
    return apply(images, draw_changes(settings, images.shape, generator))


def draw_changes(settings: Augmentation, shape: tuple[int, ...], generator: torch.Generator) -> Changes:
    """Draw what is done to a batch of images [N, C, H, W], from a generator on the CPU."""
    count, channels, height, width = shape
    geometry = draw_geometry(settings, count, height, width, generator)
    matrix = None if geometry.whole or geometry.upright else source_map(geometry, height, width)
    policy = choose(settings.policy, count, height, width, generator)
    drawn: dict[str, Tensor] = {}
    if settings.brightness:
        for name in ("contrast", "brightness"):
            drawn[name] = 1 + draw(count, generator, -settings.brightness, settings.brightness)
    if settings.colour:
        drawn["saturation"] = 1 + draw(count, generator, -settings.colour, settings.colour)
        drawn["hue"] = draw(count, generator, -settings.colour / 10, settings.colour / 10)
    if settings.cutout:
        drawn["hidden"] = _draw_square(settings.cutout, count, height, width, generator)
    if settings.erase:
        erases = draw(count, generator) < settings.erase
        box = draw_box(count, height, width, ERASED_AREA, ERASED_ASPECT, generator) * erases[:, None]
        top, left, tall, wide = box.unbind(1)
        drawn["erased"] = torch.stack([top, top + tall, left, left + wide], 1)
        drawn["noise"] = torch.rand(int((tall * wide).sum()) * channels, generator=generator)
    return Changes(geometry, matrix, policy, **drawn)


def apply(images: Tensor, changes: Changes) -> Tensor:
    """Return images [N, C, H, W], float in 0..1 or uint8, with changes that were drawn, as float in 0..1."""
    keep_freed_memory()  # getting it from the system for every batch took longer than filling it
    if changes.matrix is not None:
        changes = dataclasses.replace(changes, geometry=Geometry())  # the matrix says it all
    changes = _each(changes, lambda drawn: drawn.to(images.device))
    whole = dataclasses.replace(changes, noise=None)
    at_once = max(1, _PIECE // images.shape[1:].numel()) if images.device.type == "cpu" else len(images)
    if len(images) <= at_once:
        changed = _changed(images, whole)
    else:
        layout = torch.channels_last if changes.geometry.upright else torch.contiguous_format
        changed = torch.empty_like(images, dtype=torch.float32, memory_format=layout)
        for start in range(0, len(images), at_once):
            piece = slice(start, start + at_once)
            changed[piece] = _changed(images[piece], _each(whole, itemgetter(piece)))
    if changes.erased is not None and changes.noise is not None and len(changes.noise):
        changed = changed.masked_scatter(_inside(changes.erased, changed), changes.noise)
    return changed


def _changed(images: Tensor, changes: Changes) -> Tensor:
    """Do all that is done to each image alone."""
    geometry, matrix = changes.geometry, changes.matrix
    if geometry.upright:
        images = cut(images, geometry)
    elif matrix is None:
        images = move(images, geometry)
    if not images.is_floating_point():
        images = images.float().div_(255)
    if matrix is not None:
        images = sample(images, matrix)
    if changes.policy is not None:
        images = apply_policy(images, changes.policy)
    if changes.contrast is not None and changes.brightness is not None:
        mean = images.mean((1, 2, 3), keepdim=True)
        gain, level = changes.contrast[:, None, None, None], changes.brightness[:, None, None, None]
        images = ((images - mean) * gain + mean * level).clamp_(0, 1)
    if changes.saturation is not None and changes.hue is not None:
        images = pixels.hue_turned(pixels.saturated(images, changes.saturation), changes.hue)
    if changes.hidden is not None:
        images = torch.where(_inside(changes.hidden, images), images.mean((2, 3), keepdim=True), images)
    return images


def _draw_square(share: float, count: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """Draw squares around a pixel that may be any of the image's, so that their side is odd: int64 [N, 4]."""
    reach = math.ceil(round(share * min(height, width)) / 2) - 1
    middles = [draw(count, generator, 0, extent).long() for extent in (height, width)]
    return torch.stack([edge for middle in middles for edge in (middle - reach, middle + reach + 1)], 1)


def _inside(boxes: Tensor, images: Tensor) -> Tensor:
    """Return where the boxes [N, 4] (top, bottom, left, right) lie: bool [N, 1, H, W]."""
    top, bottom, left, right = boxes.T[:, :, None]
    y, x = (torch.arange(side, device=images.device) for side in images.shape[2:])
    rows, columns = (y >= top) & (y < bottom), (x >= left) & (x < right)
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def _each(record: Record, change: Callable[[Tensor], Tensor]) -> Record:
    """Return a record with its tensors changed, also those of records in it."""
    found = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}  # type: ignore[arg-type]
    changed = {
        name: change(value) if isinstance(value, Tensor) else _each(value, change)
        for name, value in found.items()
        if value is not None
    }
    return dataclasses.replace(record, **changed)  # type: ignore[type-var]
