"""Loss functions: values and gradients by PyTorch, over a number, a probability, a logit, or many logits.

Sources: Bishop 2006, *Pattern recognition and machine learning*, section 4.3; Goodfellow, Bengio and
Courville 2016, *Deep learning*, section 6.2; Huber 1964; label smoothing: Szegedy et al. 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from explainer.playground.activations import Curve, softmax
from explainer.wording import later


@dataclass(frozen=True)
class Loss:
    """One loss of a prediction and a target."""

    name: str
    function: Callable[[Tensor, Tensor, float], Tensor]
    """Of prediction, target and parameter, element by element."""
    parameter: str = ""


@dataclass(frozen=True)
class View:
    """What the prediction is, and the losses that go with it."""

    title: str
    axis: str
    low: float
    step: float
    count: int
    digits: int
    losses: Mapping[str, Loss]


def _huber(x: Tensor, t: Tensor, delta: float) -> Tensor:
    return F.huber_loss(x, t, reduction="none", delta=delta)


VIEWS: Mapping[str, View] = {
    "number": View(
        later("A number"),
        later("prediction ŷ"),
        -4.0,
        0.01,
        801,
        2,
        {
            "squared": Loss(later("Squared error"), lambda x, t, _: F.mse_loss(x, t, reduction="none")),
            "absolute": Loss(later("Absolute error"), lambda x, t, _: F.l1_loss(x, t, reduction="none")),
            "huber": Loss(later("Huber"), _huber, "δ"),
        },
    ),
    "probability": View(
        later("A probability"),
        later("predicted probability p"),
        0.002,
        0.002,
        499,
        3,
        {
            "entropy_p": Loss(
                later("Cross entropy"), lambda x, t, _: F.binary_cross_entropy(x, t, reduction="none")
            ),
            "squared_p": Loss(later("Squared error"), lambda x, t, _: F.mse_loss(x, t, reduction="none")),
            "absolute_p": Loss(later("Absolute error"), lambda x, t, _: F.l1_loss(x, t, reduction="none")),
        },
    ),
    "logit": View(
        later("A score before the sigmoid"),
        later("score z"),
        -8.0,
        0.01,
        1601,
        2,
        {
            "entropy_z": Loss(
                later("Cross entropy"),
                lambda x, t, _: F.binary_cross_entropy_with_logits(x, t, reduction="none"),
            ),
            "squared_z": Loss(
                later("Squared error of the sigmoid"),
                lambda x, t, _: F.mse_loss(torch.sigmoid(x), t, reduction="none"),
            ),
            "absolute_z": Loss(
                later("Absolute error of the sigmoid"),
                lambda x, t, _: F.l1_loss(torch.sigmoid(x), t, reduction="none"),
            ),
        },
    ),
}


def places(view: str) -> Tensor:
    """Return the predictions at which the losses of a view are read, float64 [count]."""
    one = VIEWS[view]
    per_unit = round(1 / one.step)
    return (torch.arange(one.count, dtype=torch.float64) + round(one.low * per_unit)) / per_unit


def curve(view: str, name: str, target: float, parameter: float = 1.0, x: Tensor | None = None) -> Curve:
    """Return a loss and its derivative with respect to the prediction, by autograd.

    Args:
        view: a key of ``VIEWS``.
        name: a key of its losses.
        target: a number; for the last two views 0 or 1.
        parameter: delta of the Huber loss.
        x: predictions, float [n]; those of ``places`` without.
    """
    loss = VIEWS[view].losses[name].function
    at = (places(view) if x is None else x).detach().requires_grad_()
    value = loss(at, torch.full_like(at, target), parameter)
    (slope,) = torch.autograd.grad(value.sum(), at)
    return Curve(at.detach(), value.detach(), slope)


def descend(
    view: str,
    name: str,
    start: float,
    target: float,
    *,
    rate: float,
    steps: int,
    parameter: float = 1.0,
) -> Tensor:
    """Return the predictions of plain gradient descent on one loss, float64 [steps + 1].

    Each is the one before minus ``rate`` times the loss's derivative there, by autograd.
    """
    loss = VIEWS[view].losses[name].function
    found = [torch.tensor(start, dtype=torch.float64)]
    for _ in range(steps):
        x = found[-1].requires_grad_()
        (slope,) = torch.autograd.grad(loss(x, torch.full_like(x, target), parameter), x)
        found.append(x.detach() - rate * slope)
    return torch.stack([one.detach() for one in found])


# --- many classes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of several classes, their softmax, and the cross entropy with one of them."""

    probabilities: Tensor
    """float64 [n]"""
    targets: Tensor
    """float64 [n]: one where the right class is; the other values with label smoothing."""
    loss: float
    gradient: Tensor
    """Of the loss with respect to the scores, float64 [n]: (probabilities - targets) / temperature."""


def scored(logits: Tensor, target: int, *, temperature: float = 1.0, smoothing: float = 0.0) -> Scored:
    """Return probabilities, loss and gradient of ``F.cross_entropy`` for one example.

    Args:
        logits: scores, float [n].
        target: number of the right class.
        temperature: by which the scores are divided.
        smoothing: share of the target that is spread evenly over all classes.
    """
    at = logits.double().detach().requires_grad_()
    wanted = torch.tensor(target)
    loss = F.cross_entropy(at / temperature, wanted, label_smoothing=smoothing)
    (gradient,) = torch.autograd.grad(loss, at)
    count = len(logits)
    targets = F.one_hot(wanted, count).double() * (1 - smoothing) + smoothing / count
    return Scored(softmax(at.detach(), temperature), targets, float(loss.detach()), gradient)
