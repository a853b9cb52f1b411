"""Policies that draw what is done to each image from one table of operations.

RandAugment (Cubuk et al., 2020), TrivialAugment (Müller and Hutter, 2021, the "wide" table) and AugMix
(Hendrycks et al., 2020), with the operations and strengths of torchvision's versions. There one draw serves a
whole batch; here each image has its own, and images that get the same operation are changed together.
Movements are bilinear, and beyond its edges an image goes on as its own mirror image instead of black.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.training import pixels
from explainer.training.geometry import sample
from explainer.training.recipe import Policy

Operation = Callable[[Tensor, Tensor], Tensor]

_MOVING = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")
_COLOURING: dict[str, Operation] = {
    "Brightness": lambda images, strength: pixels.brighter(images, 1 + strength),
    "Color": lambda images, strength: pixels.saturated(images, 1 + strength),
    "Contrast": lambda images, strength: pixels.contrasted(images, 1 + strength),
    "Sharpness": lambda images, strength: pixels.sharpened(images, 1 + strength),
    "Posterize": pixels.posterized,
    "Solarize": pixels.solarized,
    "AutoContrast": lambda images, _: pixels.stretched(images),
    "Equalize": lambda images, _: pixels.equalized(images),
}
OPERATIONS = ("Identity", *_MOVING, *_COLOURING)
"""By the names that torchvision gives them."""
SIGNED = {*_MOVING, "Brightness", "Color", "Contrast", "Sharpness"}
"""Operations that go both ways."""

RANDAUGMENT_STEPS = 2
RANDAUGMENT_LEVEL = 9
"""Of levels 0 to 30."""
AUGMIX_CHAINS = 3
AUGMIX_LONGEST = 3
"""Operations of a chain, at most."""
AUGMIX_SEVERITY = 3
"""Levels below it are drawn, of 0 to 9."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """What a policy does to each image of a batch."""

    operation: Tensor
    """int64 [N, steps]: places in ``OPERATIONS``."""
    strength: Tensor
    """[N, steps]: pixels of ``Translate``, degrees of ``Rotate``, bits of ``Posterize``, else shares."""
    weights: Tensor | None = None
    """[N, 1 + chains]: shares of the image as it was and of each chain of AugMix, whose steps then follow one
    another in ``operation``; ``None`` where there is but one chain."""


def strengths(policy: Policy, height: int, width: int) -> dict[str, Tensor]:
    """Return the strength of each operation of a policy, from the lowest level to the highest: [levels]."""
    levels = 10 if policy == "augmix" else 31
    wide = policy == "trivialaugment"
    shear, turn, light = (0.99, 135.0, 0.99) if wide else (0.3, 30.0, 0.9)
    reach = {"trivialaugment": (32.0, 32.0), "augmix": (width / 3, height / 3)}.get(
        policy, (150 / 331 * width, 150 / 331 * height)
    )
    bits, fewer = {"trivialaugment": (8, 6), "augmix": (4, 4)}.get(policy, (8, 4))
    most = dict(zip(_MOVING, (shear, shear, *reach, turn), strict=True))
    most |= dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), light)
    table = {name: torch.linspace(0.0, value, levels) for name, value in most.items()}
    table["Posterize"] = (bits - torch.arange(levels) / ((levels - 1) / fewer)).round()
    table["Solarize"] = torch.linspace(1.0, 0.0, levels)
    nothing = torch.zeros(levels)
    table |= {"AutoContrast": nothing, "Equalize": nothing}
    return table if policy == "augmix" else {"Identity": nothing} | table


def choose(policy: Policy, count: int, height: int, width: int, generator: torch.Generator) -> Chosen | None:
    """Draw what a policy does to each of ``count`` images; ``None`` for no policy."""
    if policy == "none":
        return None
    table = strengths(policy, height, width)
    steps = {"randaugment": RANDAUGMENT_STEPS, "trivialaugment": 1}.get(
        policy, AUGMIX_CHAINS * AUGMIX_LONGEST
    )
    shape = (count, steps)
    chosen = torch.randint(len(table), shape, generator=generator)
    if policy == "randaugment":
        level = torch.full(shape, RANDAUGMENT_LEVEL)
    else:
        levels = AUGMIX_SEVERITY if policy == "augmix" else 31
        level = torch.randint(levels, shape, generator=generator)
    sign = 1 - 2.0 * torch.randint(2, shape, generator=generator)
    strength = torch.stack(list(table.values()))[chosen, level]
    operation = torch.tensor([OPERATIONS.index(name) for name in table])[chosen]
    signed = torch.tensor([name in SIGNED for name in OPERATIONS])[operation]
    strength = torch.where(signed, strength * sign, strength)
    if policy != "augmix":
        return Chosen(operation, strength)
    length = torch.randint(1, AUGMIX_LONGEST + 1, (count, AUGMIX_CHAINS), generator=generator)
    runs = (torch.arange(AUGMIX_LONGEST) < length[:, :, None]).flatten(1)
    # Dirichlet(1, ..., 1) is what exponential numbers become when their sum is made one.
    portion = (
        -torch.rand(count, AUGMIX_CHAINS, generator=generator, dtype=torch.float64).clamp_min(1e-9).log()
    )
    portion = portion / portion.sum(1, keepdim=True)
    changed = torch.rand(count, 1, generator=generator, dtype=torch.float64)  # Beta(1, 1)
    weights = torch.cat([1 - changed, changed * portion], 1).float()
    return Chosen(operation * runs, strength * runs, weights)


def apply_policy(images: Tensor, chosen: Chosen) -> Tensor:
    """Return float images [N, C, H, W] in 0..1 as a policy chose to change them; all on one device."""
    if chosen.weights is None:
        return _chain(images, chosen.operation, chosen.strength)
    mixed = images * chosen.weights[:, 0, None, None, None]
    steps = zip(
        chosen.operation.split(AUGMIX_LONGEST, 1), chosen.strength.split(AUGMIX_LONGEST, 1), strict=True
    )
    for place, (operation, strength) in enumerate(steps, 1):
        mixed += _chain(images, operation, strength) * chosen.weights[:, place, None, None, None]
    return mixed.clamp_(0, 1)


def _chain(images: Tensor, operation: Tensor, strength: Tensor) -> Tensor:
    for step in range(operation.shape[1]):
        images = operate(images, operation[:, step], strength[:, step])
    return images


def operate(images: Tensor, operation: Tensor, strength: Tensor) -> Tensor:
    """Do one operation to each image, [N] of ``OPERATIONS`` with their strengths; those alike together."""
    result = images.clone()
    first_colouring = 1 + len(_MOVING)
    own = ((operation > 0) & (operation < first_colouring)).nonzero()[:, 0]
    if len(own):
        matrix = moving_map(operation[own], strength[own], images.shape[2], images.shape[3])
        result.index_copy_(0, own, sample(images.index_select(0, own), matrix))
    for number, change in enumerate(_COLOURING.values(), first_colouring):
        own = (operation == number).nonzero()[:, 0]
        if len(own):
            result.index_copy_(0, own, change(images.index_select(0, own), strength[own]))
    return result


def moving_map(operation: Tensor, strength: Tensor, height: int, width: int) -> Tensor:
    """Return for each image the matrix [3, 3] of a movement, as ``geometry.source_map`` defines it.

    A shear keeps the first row or column, a rotation the middle; a shift is by whole pixels.
    """
    matrix = torch.eye(3, device=strength.device).repeat(len(strength), 1, 1)
    across, down = strength * (height / width), strength * (width / height)
    shear_x, shear_y, shift_x, shift_y, turn = (operation == OPERATIONS.index(name) for name in _MOVING)
    matrix[:, 0, 1:] += (shear_x * across)[:, None]
    matrix[:, 1, ::2] += (shear_y * down)[:, None]
    matrix[:, 0, 2] -= shift_x * strength.trunc() * (2 / width)
    matrix[:, 1, 2] -= shift_y * strength.trunc() * (2 / height)
    angle = turn * strength * math.pi / 180
    matrix[:, 0, 0] *= angle.cos()
    matrix[:, 1, 1] *= angle.cos()
    matrix[:, 0, 1] -= angle.sin() * (height / width)
    matrix[:, 1, 0] += angle.sin() * (width / height)
    return matrix
