"""Augmentation of whole batches at once, driven by a generator of its own."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.training.recipe import Augmentation


def augment(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return randomly changed copies of float images [N, C, H, W] in 0..1; each image gets its own."""
    if settings.flip:
        mirrored = _random(len(images), generator) < settings.flip
        images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
    if settings.scale or settings.rotate:
        images = _affine(images, settings, generator)
    elif settings.shift:
        images = _shift(images, settings.shift, generator)
    if settings.brightness:
        images = _brightness(images, settings.brightness, generator)
    if settings.cutout:
        images = _cutout(images, settings.cutout, generator)
    return images


def _random(count: int, generator: torch.Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    return torch.rand(count, generator=generator) * (high - low) + low


def _shift(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Move each image by whole pixels, filling with black: no resampling, so edges stay sharp."""
    n, channels, height, width = images.shape
    reach = round(share * height)
    padded = F.pad(images, (reach, reach, reach, reach))
    top, left = torch.randint(0, 2 * reach + 1, (2, n), generator=generator)
    rows = (top[:, None] + torch.arange(height))[:, None, :, None]
    columns = (left[:, None] + torch.arange(width))[:, None, None, :]
    return padded[torch.arange(n)[:, None, None, None], torch.arange(channels)[:, None, None], rows, columns]


def _affine(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    n = len(images)
    zoom = 1 / _random(n, generator, 1 - settings.scale, 1 + settings.scale)
    angle = _random(n, generator, -settings.rotate, settings.rotate) * math.pi / 180
    dx, dy = (_random(n, generator, -2 * settings.shift, 2 * settings.shift) for _ in range(2))
    cos, sin = zoom * angle.cos(), zoom * angle.sin()
    matrix = torch.stack([torch.stack([cos, -sin, dx], 1), torch.stack([sin, cos, dy], 1)], 1)  # [N, 2, 3]
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def _brightness(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    n = len(images)
    gain, offset = (_random(n, generator, -share, share)[:, None, None, None] for _ in range(2))
    mean = images.mean((1, 2, 3), keepdim=True)
    return ((images - mean) * (1 + gain) + mean * (1 + offset)).clamp(0, 1)


def _cutout(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    n, _, height, width = images.shape
    side = round(share * height)
    y, x = (_random(n, generator, 0, height).floor() for _ in range(2))
    rows = (torch.arange(height) - y[:, None]).abs() < side / 2
    columns = (torch.arange(width) - x[:, None]).abs() < side / 2
    hidden = (rows[:, :, None] & columns[:, None, :])[:, None]
    return torch.where(hidden, images.mean((2, 3), keepdim=True), images)
