"""Gradient descent on a surface over two parameters, walked by PyTorch's own optimisers, in float64."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.playground.surfaces import POINTS, Loss, Surface, loss_of
from explainer.wording import later

KINDS: Mapping[str, str] = {
    "sgd": later("SGD"),
    "momentum": later("Momentum"),
    "nesterov": later("Nesterov"),
    "rmsprop": later("RMSprop"),
    "adam": later("Adam"),
}
"""Titles of the optimisers by what the link calls them."""
FARTHEST = 1e6
"""Where a coordinate has got beyond this, the path has diverged and ends."""
MEMORY = ("momentum_buffer", "square_avg", "exp_avg", "exp_avg_sq")
"""Names in the state of ``torch.optim``'s optimisers."""
EPSILON = 1e-8
"""What ``torch.optim`` adds to the denominators of RMSprop and Adam."""


@dataclass(frozen=True)
class Run:
    """An optimiser with its settings."""

    kind: str
    """A key of ``KINDS``."""
    rate: float
    """Learning rate."""
    momentum: float = 0.9
    """Of momentum and Nesterov."""
    beta1: float = 0.9
    """Of Adam: how much of the mean gradient is kept."""
    beta2: float = 0.999
    """Of Adam, and the ``alpha`` of RMSprop: how much of the mean squared gradient is kept."""

    @property
    def adaptive(self) -> bool:
        """Whether the step is scaled by the size of past gradients."""
        return self.kind in ("rmsprop", "adam")

    def optimiser(self, parameters: Sequence[Tensor]) -> torch.optim.Optimizer:
        """Return PyTorch's optimiser for these parameters."""
        if self.kind == "rmsprop":
            return torch.optim.RMSprop(parameters, lr=self.rate, alpha=self.beta2, eps=EPSILON, foreach=False)
        if self.kind == "adam":
            betas = (self.beta1, self.beta2)
            return torch.optim.Adam(parameters, lr=self.rate, betas=betas, eps=EPSILON, foreach=False)
        momentum = 0.0 if self.kind == "sgd" else self.momentum
        nesterov = self.kind == "nesterov" and momentum > 0
        return torch.optim.SGD(parameters, lr=self.rate, momentum=momentum, nesterov=nesterov, foreach=False)


@dataclass(frozen=True, eq=False)
class Path:
    """Where an optimiser went."""

    points: Tensor
    """float64 [T + 1, 2]: the start and the point after every step."""
    losses: Tensor
    """float64 [T + 1]: the whole loss there, also where steps saw a mini-batch only."""
    gradients: Tensor
    """float64 [T, 2]: the gradient that each step was given."""
    memory: Mapping[str, Tensor]
    """What the optimiser kept after each step, float64 [T, 2] by the names of ``torch.optim``'s state."""
    diverged: bool
    """Whether it ended because a coordinate grew without bound."""


def batches(size: int, steps: int, seed: int) -> Tensor:
    """Return which points each step sees, int64 [steps, size].

    Every epoch is shuffled anew and sees each point once.
    """
    generator = torch.Generator().manual_seed(seed)
    epochs = math.ceil(steps * size / POINTS)
    order = torch.cat([torch.randperm(POINTS, generator=generator) for _ in range(epochs)])
    return order[: steps * size].view(steps, size)


def descend(
    surface: Surface,
    start: tuple[float, float],
    runs: Sequence[Run],
    steps: int,
    chosen: Tensor | None = None,
) -> list[Path]:
    """Walk down with every optimiser from the same start.

    Args:
        surface: the loss.
        start: x and y.
        runs: the optimisers.
        steps: how many at most; a path that diverges ends earlier.
        chosen: the mini-batches of ``batches``; all points without.
    """
    loss = loss_of(surface)
    weights = [torch.tensor(start, dtype=torch.float64) for _ in runs]
    optimisers = [run.optimiser([weight]) for run, weight in zip(runs, weights, strict=True)]
    walked = [[weight.clone()] for weight in weights]
    given: list[list[Tensor]] = [[] for _ in runs]
    kept: list[list[dict[str, Tensor]]] = [[] for _ in runs]
    alive = list(range(len(runs)))
    for step in range(steps):
        if not alive:
            break
        # One graph for all: the losses are independent, so the gradient of their sum is every one's own.
        here = torch.stack([weights[i] for i in alive]).requires_grad_()
        batch = None if chosen is None else chosen[step]
        (gradients,) = torch.autograd.grad(loss(here[:, 0], here[:, 1], batch).sum(), here)
        for i, gradient in zip(list(alive), gradients, strict=True):
            weight = weights[i]
            weight.grad = gradient
            optimisers[i].step()
            state = optimisers[i].state[weight]
            given[i].append(gradient)
            kept[i].append(
                {name: value.clone() for name, value in state.items() if name in MEMORY and value is not None}
            )
            walked[i].append(weight.clone())
            if not bool((weight.abs() <= FARTHEST).all()):
                alive.remove(i)
    with torch.no_grad():
        return [_path(loss, walked[i], given[i], kept[i], diverged=i not in alive) for i in range(len(runs))]


def _path(
    loss: Loss,
    walked: Sequence[Tensor],
    given: Sequence[Tensor],
    kept: Sequence[Mapping[str, Tensor]],
    *,
    diverged: bool,
) -> Path:
    points = torch.stack(list(walked))
    memory = {name: torch.stack([one[name] for one in kept]) for name in (kept[0] if kept else {})}
    return Path(points, loss(points[:, 0], points[:, 1], None), torch.stack(list(given)), memory, diverged)


def hessians(surface: Surface, points: Tensor) -> Tensor:
    """Return the Hessian of the whole loss at each of some points.

    Args:
        surface: the loss.
        points: float64 [P, 2].

    Returns:
        float64 [P, 2, 2].
    """
    loss = loss_of(surface)
    here = points.detach().clone().requires_grad_()
    # The losses are independent of each other: the gradient of their sum holds every one's own.
    (slopes,) = torch.autograd.grad(loss(here[:, 0], here[:, 1], None).sum(), here, create_graph=True)
    rows = [
        torch.autograd.grad(slopes[:, i].sum(), here, retain_graph=True, materialize_grads=True)[0]
        if slopes.requires_grad
        else torch.zeros_like(points)
        for i in range(2)
    ]
    return torch.stack(rows, 1).detach()


def eigenvalues(matrices: Tensor) -> Tensor:
    """Return the eigenvalues of symmetric matrices [P, 2, 2] as [P, 2], the largest first; NaN for NaN."""
    known = matrices.isfinite().flatten(1).all(1)
    found = torch.linalg.eigvalsh(torch.where(known[:, None, None], matrices, 0.0)).flip(1)
    return torch.where(known[:, None], found, math.nan)


def largest_rate(run: Run, steepest: float) -> float | None:
    """Return the learning rate above which a quadratic surface makes an optimiser diverge.

    For gradient descent 2 / λ, for momentum 2 (1 + μ) / λ (Polyak, 1964), for Nesterov's
    2 (1 + μ) / ((1 + 2 μ) λ), all from the roots of the recurrence along one eigenvector of the Hessian.

    Args:
        run: the optimiser.
        steepest: λ, the largest eigenvalue of the Hessian.

    Returns:
        ``None`` where there is no such rate: for RMSprop and Adam, whose step does not grow with the
        gradient, and where the surface curves down.
    """
    if run.adaptive or not steepest > 0:
        return None
    mu = 0.0 if run.kind == "sgd" else run.momentum
    limit = 2 * (1 + mu) / steepest
    return limit / (1 + 2 * mu) if run.kind == "nesterov" else limit
