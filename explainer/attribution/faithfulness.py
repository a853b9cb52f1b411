"""Does a heat map name the pixels that matter? Take them away, or show nothing else, and ask the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.attribution.scores import many_logits
from explainer.progress import Progress


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """Probability of a class while pixels disappear, or appear, in the order of a heat map."""

    fractions: Tensor
    """Share of the pixels deleted or inserted so far, float [steps + 1], from 0 to 1."""
    insertion: Tensor
    """Probability with only the hottest pixels on the empty picture, float [steps + 1]."""
    deletion: Tensor
    """Probability without the hottest pixels, float [steps + 1]."""

    @property
    def insertion_auc(self) -> float:
        """Area under the insertion curve: high where few pixels are enough."""
        return float(torch.trapezoid(self.insertion, self.fractions))

    @property
    def deletion_auc(self) -> float:
        """Area under the deletion curve: low where the class is gone after few pixels."""
        return float(torch.trapezoid(self.deletion, self.fractions))


def ranking(heat: Tensor, size: tuple[int, int], *, seed: int = 0) -> Tensor:
    """Return the place of every pixel in the order of a heat map, int64 [H, W]: 0 is the hottest.

    Args:
        heat: any resolution, float [h, w]; enlarged bilinearly.
        size: height and width of the input.
        seed: of the order among pixels of equal heat, which a map must not gain or lose by.
    """
    heat = heat.detach().to(torch.float32)
    if tuple(heat.shape) != tuple(size):
        heat = F.interpolate(heat[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    shuffled = torch.randperm(heat.numel(), generator=torch.Generator().manual_seed(seed))
    order = shuffled[heat.flatten()[shuffled].argsort(descending=True, stable=True)]
    ranks = torch.empty_like(order)
    ranks[order] = torch.arange(order.numel())
    return ranks.view(size)


def exchanged(images: Tensor, other: Tensor, ranks: Tensor, counts: Sequence[int]) -> Tensor:
    """Return the image with its ``count`` hottest pixels taken from another one, for each of ``counts``.

    Args:
        images: [1, C, H, W].
        other: [1, C, H, W] or broadcastable to it.
        ranks: as ``ranking`` gives them.
        counts: numbers of pixels.

    Returns:
        [len(counts), C, H, W].
    """
    limits = torch.tensor(list(counts)).view(-1, 1, 1, 1)
    return torch.where(ranks[None, None] < limits, other.to(images), images[:1])


def deletion_insertion(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    heat: Tensor,
    *,
    steps: int = 32,
    deleted: Tensor | None = None,
    empty: Tensor | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Faithfulness:
    """Follow the probability of a class along a heat map's order of pixels, both ways.

    Petsiuk, Das and Saenko, 2018, RISE: randomized input sampling for explanation of black-box models,
    section 4.2. A picture with holes is unlike anything the network was trained on, so the areas rank maps
    of one photo against each other and against a random order; alone they mean little.

    Args:
        model: gives [N, classes]; only read.
        images: [1, C, H, W]; the first is judged.
        class_index: the class.
        heat: the map, [h, w] of any resolution; the largest value first.
        steps: intervals between no pixel and all of them.
        deleted: what takes the place of deleted pixels, [1, C, H, W] or broadcastable to it; ``None`` for
            zeros as the network is fed them.
        empty: on what pixels are inserted, likewise; ``None`` for the same as ``deleted``.
        seed: of the order among pixels of equal heat.
        progress: told the forward passes done.
    """
    image = images[:1].detach()
    hole = torch.zeros_like(image) if deleted is None else deleted.detach().to(image).expand_as(image)
    ground = hole if empty is None else empty.detach().to(image).expand_as(image)
    ranks = ranking(heat, (image.shape[2], image.shape[3]), seed=seed)
    pixels = ranks.numel()
    counts = _counts(pixels, steps)

    def made(numbers: Sequence[int]) -> Tensor:
        first = [counts[number] for number in numbers if number <= steps]
        second = [counts[number - steps - 1] for number in numbers if number > steps]
        return torch.cat([exchanged(image, hole, ranks, first), exchanged(ground, image, ranks, second)])

    scores = many_logits(model, 2 * len(counts), made, image, progress)
    found = scores.softmax(1)[:, class_index]
    fractions = torch.tensor(counts, dtype=torch.float32) / pixels
    return Faithfulness(fractions, found[steps + 1 :], found[: steps + 1])


def steps_of(heat: Tensor, size: tuple[int, int], steps: int, *, seed: int = 0) -> Tensor:
    """Return at which step of ``deletion_insertion`` each pixel changes, uint8 [H, W], 1 to ``steps``."""
    ranks = ranking(heat, size, seed=seed)
    counts = torch.tensor(_counts(ranks.numel(), steps))
    return torch.searchsorted(counts, ranks, right=True).to(torch.uint8)


def mean_curves(found: Sequence[Faithfulness]) -> Faithfulness:
    """Return the mean over several orders with the same steps."""
    return Faithfulness(
        found[0].fractions,
        torch.stack([one.insertion for one in found]).mean(0),
        torch.stack([one.deletion for one in found]).mean(0),
    )


def random_heat(size: tuple[int, int], grain: int = 1, *, seed: int = 0) -> Tensor:
    """Return a heat map that knows nothing, float [H, W]: squares of ``grain`` pixels in random order.

    The reference for ``deletion_insertion``. Compare smooth maps with a coarse grain: single pixels strewn
    over a photo disturb a network more than a hole of the same size.
    """
    height, width = size
    generator = torch.Generator().manual_seed(seed)
    squares = torch.rand(-(-height // grain), -(-width // grain), generator=generator)
    return squares.repeat_interleave(grain, 0).repeat_interleave(grain, 1)[:height, :width].contiguous()


def _counts(pixels: int, steps: int) -> list[int]:
    return [round(step * pixels / steps) for step in range(steps + 1)]
