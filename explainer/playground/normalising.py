"""Batch normalisation at work: what it does to activations layer by layer, and the statistics it keeps.

Source: S. Ioffe and C. Szegedy (2015), "Batch Normalization: Accelerating Deep Network Training by Reducing
Internal Covariate Shift", algorithms 1 and 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from explainer.models import load_model
from explainer.playground.crops import batch
from explainer.playground.gradient_flow import Network, Setting, build

DEPTH = 20
BINS = 64
REACH = 4.0
"""Histograms go from -REACH to REACH; what lies beyond is counted in the last bins."""


@dataclass(frozen=True)
class Spread:
    """The numbers that one layer hands to its ReLU."""

    mean: float
    deviation: float
    density: tuple[float, ...] = field(repr=False)
    """Shares of the numbers in BINS equal bins from -REACH to REACH."""


def spreads(initialisation: str, normed: bool, seed: int = 0, count: int = 32) -> tuple[Spread, ...]:
    """Return the spread before each ReLU of a plain network of 20 layers as it is drawn, for one batch.

    Args:
        initialisation: as of ``Setting``.
        normed: with batch norm (in training mode) or without.
        seed: of weights and batch.
        count: pictures in the batch.
    """
    model = build(Network(DEPTH, residual=False), Setting(normed, initialisation, seed=seed))
    found: list[Spread] = []

    def note(_module: nn.Module, _arguments: object, output: Tensor) -> None:
        counts = torch.histc(output.clamp(-REACH, REACH), BINS, -REACH, REACH)
        density = tuple((counts / output.numel()).tolist())
        found.append(Spread(float(output.mean()), float(output.std()), density))

    # Batch norm, or the identity in its place, is the last thing before a ReLU.
    places = [m for name, m in model.named_modules() if name.rsplit(".", 1)[-1].startswith("norm")]
    for place in places:
        place.register_forward_hook(note)
    with torch.no_grad():
        model(batch(count, seed)[0])
    return tuple(found)


@dataclass(frozen=True)
class Statistics:
    """Mean and variance of one channel, over one batch after another."""

    batch_means: tuple[float, ...]
    batch_variances: tuple[float, ...]
    """Divided by the count of numbers, as normalisation in training mode has it."""
    unbiased_variances: tuple[float, ...]
    """Divided by one less, as the running variance takes it in."""
    running_means: tuple[float, ...]
    """Before the first batch, then after each: one more than batches."""
    running_variances: tuple[float, ...]
    scale: float
    """gamma, as trained."""
    shift: float
    """beta, as trained."""
    eps: float
    values: tuple[float, ...]
    """One number of each batch: that of the first picture's middle pixel."""
    in_training: tuple[float, ...]
    """What batch norm makes of it with the batch's own statistics."""
    in_evaluation: tuple[float, ...]
    """What it makes of it with the running statistics after that batch."""


def follow(channel: int, batches: int, *, size: int = 8, momentum: float = 0.1, seed: int = 0) -> Statistics:
    """Feed batch after batch to a fresh ``nn.BatchNorm2d`` behind the first convolution of ResNet-20.

    The convolution, gamma and beta are the trained ones of this project's network; the statistics begin anew
    at mean 0 and variance 1.

    Args:
        channel: of the convolution's output, 0 to 15.
        batches: how many.
        size: pictures in a batch.
        momentum: PyTorch's: the weight of the new batch.
        seed: of the batches.
    """
    loaded = load_model("resnet20")
    conv, trained = loaded.model.conv1, loaded.model.bn1
    norm = nn.BatchNorm2d(trained.num_features, trained.eps, momentum)  # type: ignore[union-attr,arg-type]
    rows: list[Sequence[float]] = []
    kept = [(0.0, 1.0)]
    with torch.no_grad():
        norm.weight.copy_(trained.weight)  # type: ignore[union-attr,arg-type]
        norm.bias.copy_(trained.bias)  # type: ignore[union-attr,arg-type]
        for number in range(batches):
            x = conv(batch(size, seed, number)[0])  # type: ignore[operator]
            own = x[:, channel]
            middle = (0, channel, x.shape[2] // 2, x.shape[3] // 2)
            trained_now = norm.train()(x)[middle]
            evaluated = norm.eval()(x)[middle]
            kept.append((float(norm.running_mean[channel]), float(norm.running_var[channel])))  # type: ignore[index]
            rows.append(
                [
                    float(number)
                    for number in (
                        own.mean(),
                        own.var(correction=0),
                        own.var(correction=1),
                        x[middle],
                        trained_now,
                        evaluated,
                    )
                ]
            )
    means, variances, unbiased, values, training, evaluation = zip(*rows, strict=True)
    return Statistics(
        means,
        variances,
        unbiased,
        tuple(mean for mean, _ in kept),
        tuple(variance for _, variance in kept),
        norm.weight[channel].item(),
        norm.bias[channel].item(),
        norm.eps,
        values,
        training,
        evaluation,
    )
