"""Integrated gradients: the change of a score, shared out among the pixels without remainder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explainer.attribution.scores import class_gradients, in_batches, logits
from explainer.progress import Progress


@dataclass(frozen=True, eq=False)
class IntegratedGradients:
    """What each input value adds to a score on the way from the baseline to the image."""

    attribution: Tensor
    """Float [C, H, W], signed."""
    score: float
    """Score of the image."""
    baseline_score: float
    """Score of the baseline."""
    total: float
    """Sum of the attributions."""

    @property
    def difference(self) -> float:
        """What the attributions ought to add up to: score of the image less score of the baseline."""
        return self.score - self.baseline_score

    @property
    def error(self) -> float:
        """How far the sum is off, in units of the score: what more steps would mend."""
        return abs(self.total - self.difference)

    @property
    def relative_error(self) -> float:
        """The error as a share of the difference; infinite where there is none."""
        return self.error / abs(self.difference) if self.difference else float("inf") if self.error else 0.0


def integrated_gradients(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    *,
    baseline: Tensor | None = None,
    steps: int = 50,
    progress: Progress | None = None,
) -> IntegratedGradients:
    """Integrate the gradient along the straight line from a baseline to the image.

    Sundararajan, Taly and Yan, 2017, Axiomatic attribution for deep networks, section 3. The integral is
    taken by Gauss-Legendre quadrature. The attributions add up to the difference of the scores
    (completeness, proposition 1) as far as the quadrature is exact; the result says how far.

    Args:
        model: gives [N, classes]; only read.
        images: [1, C, H, W]; the first is explained.
        class_index: the class.
        baseline: where the line begins, [1, C, H, W] or broadcastable to it; ``None`` for zeros as the
            network is fed them.
        steps: points on the line.
        progress: told the points done.
    """
    image = images[:1].detach()
    start = torch.zeros_like(image) if baseline is None else baseline.detach().to(image).expand_as(image)
    way = image - start
    points, weights = np.polynomial.legendre.leggauss(steps)
    places, shares = (
        torch.tensor(values / 2 + offset, dtype=image.dtype).view(-1, 1, 1, 1)
        for values, offset in ((points, 0.5), (weights, 0.0))
    )
    mean = torch.zeros_like(image[0])
    for part in in_batches(steps, image, progress):
        rows = slice(part.start, part.stop)
        gradients, _ = class_gradients(model, start + places[rows] * way, class_index)
        mean += (gradients * shares[rows]).sum(0)
    attribution = mean * way[0]
    with torch.no_grad():
        ends = logits(model, torch.cat((image, start)))[:, class_index].tolist()
    return IntegratedGradients(attribution, ends[0], ends[1], float(attribution.double().sum()))
