"""Adversarial examples: a change too small to see that changes the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.attribution.baselines import scale
from explainer.attribution.scores import logits, many_logits
from explainer.progress import Progress

if TYPE_CHECKING:
    from explainer.models import Preprocessing

METHODS = ("fgsm", "pgd")


@dataclass(frozen=True, eq=False)
class Adversarial:
    """A photo changed within a given limit so as to change the answer, and what came of it."""

    images: Tensor
    """The changed photo as the network is fed it, float [1, C, H, W]."""
    pixels: Tensor
    """The changed photo, float [C, H, W] in 0..1."""
    perturbation: Tensor
    """Changed less original, float [C, H, W]; no entry is larger than epsilon."""
    picture: np.ndarray
    """The changed photo in 8 bits, uint8 [H, W, 3]: what a file of it holds."""
    before: Tensor
    """Class scores of the original, float [classes]."""
    after: Tensor
    """Class scores of the changed photo, float [classes]."""
    rounded: Tensor
    """Class scores of the changed photo in 8 bits, float [classes]."""
    noise: Tensor
    """Class scores of the original plus epsilon with random signs, float [classes]: noise to compare with."""
    losses: tuple[float, ...]
    """Cross-entropy of the class (or target) before the first step and after each one."""
    class_index: int
    """The class led away from, or the target."""
    targeted: bool
    method: str
    epsilon: float

    @cached_property
    def success(self) -> bool:
        """Whether the answer is the target, or no longer the class."""
        return (int(self.after.argmax()) == self.class_index) == self.targeted

    @cached_property
    def survives(self) -> bool:
        """Whether that is still so after rounding to 8 bits, as in a file."""
        return (int(self.rounded.argmax()) == self.class_index) == self.targeted


def adversarial(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    preprocessing: Preprocessing,
    *,
    method: str = "fgsm",
    epsilon: float = 4 / 255,
    targeted: bool = False,
    steps: int = 10,
    step_size: float | None = None,
    seed: int | None = 0,
    progress: Progress | None = None,
) -> Adversarial:
    """Change a photo by at most ``epsilon`` a pixel and colour so that the network answers otherwise.

    ``"fgsm"`` is one step along the sign of the gradient (Goodfellow, Shlens and Szegedy, 2015, Explaining
    and harnessing adversarial examples, section 4). ``"pgd"`` repeats smaller steps from a random start and
    returns to the limit after each (Madry et al., 2018, Towards deep learning models resistant to
    adversarial attacks, section 2.1). Pixels stay within 0..1.

    Args:
        model: gives [N, classes]; only read.
        images: [1, C, H, W]; the first is changed.
        class_index: the class to lead away from; with ``targeted`` the one to lead to.
        preprocessing: says which pixel an input value is.
        method: ``"fgsm"`` or ``"pgd"``.
        epsilon: the limit in pixel units, where white is 1: 4 / 255 is four steps of an 8-bit picture.
        targeted: whether ``class_index`` is to become the answer.
        steps: of PGD.
        step_size: of PGD, in pixel units; ``None`` for 2.5 epsilon / steps, with which the border can be
            reached from any start.
        seed: of PGD's start and of the noise to compare with; ``None`` to start from the photo itself.
        progress: told the steps done.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    image = images[:1].detach()
    mean, std = scale(preprocessing, image)
    original = (image * std + mean).clamp(0, 1)
    sign = -1 if targeted else 1
    lowest, highest = (original - epsilon).clamp_min(0), (original + epsilon).clamp_max(1)
    changed = original
    if method == "fgsm":
        steps, size = 1, epsilon
    else:
        size = 2.5 * epsilon / max(1, steps) if step_size is None else step_size
        if seed is not None:
            drawn = torch.rand(original.shape, generator=torch.Generator().manual_seed(seed)).to(original)
            changed = (original + epsilon * (2 * drawn - 1)).clamp(lowest, highest)
    losses = []
    if progress is not None:
        progress(0, steps)
    for step in range(steps):
        gradient, loss = _loss_gradient(model, (changed - mean) / std, class_index)
        losses.append(loss)
        changed = (changed + sign * size * gradient.sign()).clamp(lowest, highest)
        if progress is not None:
            progress(step + 1, steps)
    in_bits = (changed * 255).round() / 255
    signs = torch.randint(0, 2, original.shape, generator=torch.Generator().manual_seed(seed or 0)) * 2 - 1
    noisy = (original + epsilon * signs).clamp(0, 1)
    with torch.no_grad():
        inputs = torch.cat((image, *((pixels - mean) / std for pixels in (changed, in_bits, noisy))))
        before, after, rounded, noise = logits(model, inputs)
    losses.append(float(F.cross_entropy(after[None], torch.tensor([class_index]))))
    return Adversarial(
        images=inputs[1:2],
        pixels=changed[0],
        perturbation=(changed - original)[0],
        picture=preprocessing.as_seen(inputs[2:3]),
        before=before,
        after=after,
        rounded=rounded,
        noise=noise,
        losses=tuple(losses),
        class_index=class_index,
        targeted=targeted,
        method=method,
        epsilon=epsilon,
    )


def smallest_epsilon(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    preprocessing: Preprocessing,
    *,
    method: str = "pgd",
    targeted: bool = False,
    steps: int = 10,
    largest: int = 32,
    progress: Progress | None = None,
) -> int | None:
    """Return the smallest limit, in steps of an 8-bit picture, at which an attack works in 8 bits.

    Found by halving: right where a larger limit never hurts. FGSM is not like that, so its every limit is
    tried. ``None`` if ``largest`` is not enough. An upper bound of what is needed, since a better attack may
    do with less.

    Arguments as for ``adversarial``.
    """

    def works(epsilon: int) -> bool:
        return adversarial(
            model,
            images,
            class_index,
            preprocessing,
            method=method,
            epsilon=epsilon / 255,
            targeted=targeted,
            steps=steps,
        ).survives

    tries = largest if method == "fgsm" else largest.bit_length() + 1
    low, high = 0, largest + 1  # fails, works or is too large
    for done in range(tries):
        if progress is not None:
            progress(done, tries)
        if method == "fgsm":
            if works(done + 1):
                return done + 1
        elif high - low > 1:
            middle = largest if not done else (low + high) // 2
            low, high = (low, middle) if works(middle) else (middle, high)
    return None if method == "fgsm" or high > largest else high


def along_the_sign(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    preprocessing: Preprocessing,
    epsilons: Sequence[float],
    *,
    targeted: bool = False,
    progress: Progress | None = None,
) -> Tensor:
    """Return the class scores [len(epsilons), classes] of one FGSM step of each length.

    The picture of how linear a network is near a photo (Goodfellow et al., 2015, section 8, figure 4).
    Arguments as for ``adversarial``; the gradient is computed once.
    """
    image = images[:1].detach()
    mean, std = scale(preprocessing, image)
    original = (image * std + mean).clamp(0, 1)
    gradient, _ = _loss_gradient(model, (original - mean) / std, class_index)
    direction = -gradient.sign() if targeted else gradient.sign()

    def stepped(numbers: Sequence[int]) -> Tensor:
        lengths = original.new_tensor([epsilons[number] for number in numbers]).view(-1, 1, 1, 1)
        return ((original + lengths * direction).clamp(0, 1) - mean) / std

    return many_logits(model, len(epsilons), stepped, image, progress)


def _loss_gradient(model: nn.Module, images: Tensor, class_index: int) -> tuple[Tensor, float]:
    """Return the gradient of the cross-entropy by the input, and the cross-entropy."""
    with torch.inference_mode(False), torch.enable_grad():
        leaf = images.detach().clone().requires_grad_()
        loss = F.cross_entropy(logits(model, leaf), torch.tensor([class_index]))
        (gradient,) = torch.autograd.grad(loss, leaf)
    return gradient, float(loss.detach())
