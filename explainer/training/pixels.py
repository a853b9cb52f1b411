"""Changes of the colours of whole batches, by an amount for each image.

Images are float [N, C, H, W] in 0..1 with one channel or three, amounts [N]. The operations are those of
Pillow and of ``torchvision.transforms.v2.functional``, which takes one amount for all images.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_RED, _GREEN, _BLUE = 0.2989, 0.587, 0.114
"""Shares of the colours in grey, as ITU-R BT.601 rounds them."""


def grey(images: Tensor) -> Tensor:
    """Return [N, 1, H, W]: how bright each pixel looks."""
    if images.shape[1] != 3:
        return images
    red, green, blue = images.split(1, 1)
    return (red * _RED).add_(green, alpha=_GREEN).add_(blue, alpha=_BLUE)


def brighter(images: Tensor, factor: Tensor) -> Tensor:
    """Multiply all values; a factor of 1 changes nothing, 0 gives black."""
    return (images * _each(factor)).clamp_(0, 1)


def saturated(images: Tensor, factor: Tensor) -> Tensor:
    """Move colours away from grey; a factor of 1 changes nothing, 0 gives grey. Grey images stay."""
    return images if images.shape[1] != 3 else _away(images, grey(images), factor)


def contrasted(images: Tensor, factor: Tensor) -> Tensor:
    """Move values away from the image's mean grey; a factor of 1 changes nothing, 0 gives that grey."""
    return _away(images, grey(images).mean((1, 2, 3), keepdim=True), factor)


def sharpened(images: Tensor, factor: Tensor) -> Tensor:
    """Move values away from a blurred image; a factor of 1 changes nothing, 0 blurs. Edge pixels stay."""
    channels, height, width = images.shape[1:]
    if min(height, width) < 3:
        return images
    kernel = torch.ones(3, 3, device=images.device)
    kernel[1, 1] = 5
    kernel = (kernel / kernel.sum()).expand(channels, 1, 3, 3)
    blurred = images.clone()
    blurred[:, :, 1:-1, 1:-1] = F.conv2d(images, kernel, groups=channels)
    return _away(images, blurred, factor)


def hue_turned(images: Tensor, turn: Tensor) -> Tensor:
    """Turn all hues by a share of the colour circle: 1/3 makes red green. Grey images stay.

    Hue, saturation and value after Smith (1978): a colour is what its largest value is lowered by, channel by
    channel.
    """
    if images.shape[1] != 3:
        return images
    red, green, blue = images.unbind(1)
    value = images.amax(1)
    span = value - images.amin(1)
    by = span.clamp_min(torch.finfo(images.dtype).tiny)
    sixth = torch.where(
        value == red,
        (green - blue) / by,
        torch.where(value == green, 2 + (blue - red) / by, 4 + (red - green) / by),
    )
    sixth = sixth + 6 * turn[:, None, None]
    lowered = []
    for start in (5, 3, 1):  # red, green, blue
        place = (sixth + start).remainder_(6)
        lowered.append(torch.minimum(place, 4 - place).clamp_(0, 1))
    return (value[:, None] - span[:, None] * torch.stack(lowered, 1)).clamp_(0, 1)


def posterized(images: Tensor, bits: Tensor) -> Tensor:
    """Keep the first bits of each value as a byte; 8 changes nothing but to round to bytes."""
    step = _each(2 ** (8 - bits))
    return (images * 255).round_().div_(step).floor_().mul_(step).div_(255)


def solarized(images: Tensor, threshold: Tensor) -> Tensor:
    """Turn values from the threshold (0..1) on into their opposites."""
    return torch.where(images >= _each(threshold), 1 - images, images)


def stretched(images: Tensor) -> Tensor:
    """Stretch the values of each channel to 0..1: autocontrast."""
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    same = low == high
    return torch.where(same, images, ((images - low) / (high - low + same)).clamp_(0, 1))


def equalized(images: Tensor) -> Tensor:
    """Make all bytes of each channel about equally frequent, by Pillow's integer rule.

    A value becomes the number of smaller ones, in steps of (pixels − those of the largest value) // 255.
    Where that is 0 the channel stays.
    """
    values = (images * 255).round_().long().flatten(0, 1).flatten(1)  # [N * C, pixels]
    rows = len(values)
    shelf = values + 256 * torch.arange(rows, device=images.device)[:, None]
    count = shelf.flatten().bincount(minlength=256 * rows).view(rows, 256)
    step = (values.shape[1] - count.gather(1, values.amax(1, keepdim=True))) // 255
    smaller = count.cumsum(1) - count
    table = ((smaller + step // 2) // step.clamp_min(1)).clamp_(0, 255)
    result = (table.gather(1, values).to(images.dtype) / 255).view_as(images)
    return torch.where((step == 0).view(*images.shape[:2], 1, 1), images, result)


def _each(amount: Tensor) -> Tensor:
    return amount[:, None, None, None]


def _away(images: Tensor, base: Tensor, factor: Tensor) -> Tensor:
    return (base + _each(factor) * (images - base)).clamp_(0, 1)
