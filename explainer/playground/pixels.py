"""A photograph as numbers: its arrays, its grey levels and their codes, what networks are fed of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

LONGEST = 640
"""Longest side in pixels of a picture that is sent to the browser whole."""
LUMA = (0.299, 0.587, 0.114)
"""How bright red, green and blue look: ITU-R BT.601, section 2.5.1; used by Pillow's ``convert("L")``."""
MOST_BITS = 8

_FIXED = (19595, 38470, 7471)
"""The same weights times 65536, as Pillow rounds them."""


@dataclass(frozen=True)
class Scale:
    """A way of shifting and scaling values 0..1 before a network sees them, one number for each colour."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


IMAGENET = Scale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and standard deviation of ImageNet's training pictures, as torchvision's weights expect them."""
SIGNED = Scale((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Values from -1 to 1."""


def fitted(image: Image.Image) -> Image.Image:
    """Return the picture in RGB, shrunk where its longest side is over ``LONGEST``."""
    image = image.convert("RGB")
    if max(image.size) > LONGEST:
        image = image.copy()
        image.thumbnail((LONGEST, LONGEST))
    return image


def array(image: Image.Image) -> Tensor:
    """Return the pixels of an RGB picture, uint8 [H, W, C]."""
    return torch.from_numpy(np.array(image))


def batch(pixels: Tensor) -> Tensor:
    """Return pixels [H, W, C] as a batch of one for a network, float32 [1, C, H, W] from 0 to 1."""
    return pixels.permute(2, 0, 1)[None].float() / 255


def normalised(images: Tensor, scale: Scale) -> Tensor:
    """Return a batch [N, 3, H, W], its mean taken off and its standard deviation made 1 by ``scale``."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (scale.mean, scale.std))
    return (images - mean) / std


def own_scale(pixels: Tensor) -> Scale:
    """Return mean and standard deviation of the picture's own values 0..1, for each colour."""
    values = pixels.reshape(-1, 3).double() / 255
    mean, std = values.mean(0).tolist(), values.std(0, correction=0).clamp_min(1e-6).tolist()
    return Scale((mean[0], mean[1], mean[2]), (std[0], std[1], std[2]))


def grey(pixels: Tensor) -> Tensor:
    """Return the luminance of pixels [..., 3], uint8 [...], rounded like Pillow's ``convert("L")``."""
    weighted = pixels.to(torch.int32) * torch.tensor(_FIXED, dtype=torch.int32)
    return ((weighted.sum(-1) + 0x8000) >> 16).to(torch.uint8)


def codes(levels: Tensor, bits: int) -> Tensor:
    """Return the step, 0 .. 2^bits - 1, into which each grey level 0..255 falls: floor(g · 2^bits / 256)."""
    if not 1 <= bits <= MOST_BITS:
        raise ValueError(f"{bits} bits")
    return levels >> (MOST_BITS - bits)


def restored(steps: Tensor, bits: int) -> Tensor:
    """Return the grey, uint8, as which each step is shown: the first is black, the last is white."""
    last = 2**bits - 1
    return ((steps.to(torch.int32) * 510 + last) // (2 * last)).to(torch.uint8)


def bits_of(height: int, width: int, bits: int, channels: int = 1) -> int:
    """Return how many bits a picture takes that is stored with no compression."""
    return height * width * channels * bits
