"""Pictures that say nothing: what a photo is compared with, or what covers a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.wording import later

if TYPE_CHECKING:
    from explainer.models import Preprocessing

BASELINES: Mapping[str, str] = MappingProxyType(
    {
        "black": later("Black"),
        "grey": later("Middle grey"),
        "mean": later("The picture's mean colour"),
        "blur": later("The picture, blurred"),
        "noise": later("Noise"),
    }
)
"""Titles by key."""

BLUR = 0.05
"""Standard deviation of the blur as a share of the shorter side: 11 pixels of 224. The 5 pixels that RISE was
published with leave large objects plain to see."""


def baseline(kind: str, images: Tensor, preprocessing: Preprocessing, *, seed: int = 0) -> Tensor:
    """Return a picture without information, as the network is fed it: [1, C, H, W].

    No choice is neutral (Sturmfels et al., 2020, Visualizing the impact of feature attribution baselines):
    against black, what is black in the photo cannot matter.

    Args:
        kind: a key of ``BASELINES``.
        images: the photo as the network is fed it, [1, C, H, W].
        preprocessing: says which number black is.
        seed: of the noise, which is uniform over all colours.

    Raises:
        KeyError: there is no such kind.
    """
    mean, std = scale(preprocessing, images)
    image = images[:1].detach()
    if kind == "mean":
        return image.mean((2, 3), keepdim=True).expand_as(image).clone()
    if kind == "blur":
        return blurred(image, BLUR * min(image.shape[2:]))
    if kind == "noise":
        generator = torch.Generator().manual_seed(seed)
        pixels = torch.rand(image.shape, generator=generator).to(image)
    else:
        pixels = torch.full_like(image, {"black": 0.0, "grey": 0.5}[kind])
    return (pixels - mean) / std


def scale(preprocessing: Preprocessing, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation as [1, C, 1, 1]: a pixel in 0..1 is ``images * std + mean``."""
    return (
        images.new_tensor(preprocessing.mean).view(1, -1, 1, 1),
        images.new_tensor(preprocessing.std).view(1, -1, 1, 1),
    )


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Return images [N, C, H, W] after a Gaussian blur; the border is mirrored as far as the picture goes."""
    for axis in (2, 3):
        size = images.shape[axis]
        reach = min(max(1, round(3 * sigma)), size - 1)
        offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
        kernel = torch.exp(-0.5 * (offsets / max(sigma, 1e-6)) ** 2)
        kernel = (kernel / kernel.sum()).to(images)
        shape = [1, 1, 1, 1]
        shape[axis] = kernel.numel()
        pad = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
        channels = images.shape[1]
        images = F.conv2d(
            F.pad(images, pad, mode="reflect"),
            kernel.view(shape).expand(channels, *shape[1:]),
            groups=channels,
        )
    return images
