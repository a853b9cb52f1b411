"""Activation functions: values and derivatives by PyTorch, and what a deep chain of each does to gradients.

Sources: Glorot and Bengio 2010 (initialisation, vanishing gradients of deep sigmoid and tanh networks),
He et al. 2015 (initialisation for ReLU), and the paper that each function names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from explainer.wording import later

LOW, HIGH, STEPS = -6.0, 6.0, 1201
"""The places at which functions are read: every hundredth."""


@dataclass(frozen=True)
class Activation:
    """One function of one number."""

    name: str
    function: Callable[[Tensor, float], Tensor]
    """Of x and the parameter."""
    source: str
    """Author and year."""
    parameter: str = ""
    """Name of its parameter, if it has one."""
    usual: float = 0.0
    """Of the parameter."""


def _step(x: Tensor, _: float) -> Tensor:
    """1 where x > 0, else 0; its derivative is 0 wherever there is one."""
    return torch.heaviside(x.detach(), torch.zeros((), dtype=x.dtype)) + 0 * x


ACTIVATIONS: Mapping[str, Activation] = {
    "step": Activation(later("Step"), _step, "McCulloch & Pitts 1943"),
    "sigmoid": Activation(
        later("Sigmoid"), lambda x, _: torch.sigmoid(x), "Rumelhart, Hinton & Williams 1986"
    ),
    "tanh": Activation("tanh", lambda x, _: torch.tanh(x), "LeCun et al. 1998"),
    "relu": Activation("ReLU", lambda x, _: F.relu(x), "Nair & Hinton 2010"),
    "leaky": Activation("Leaky ReLU", lambda x, a: F.leaky_relu(x, a), "Maas et al. 2013", "α", 0.01),
    "elu": Activation("ELU", lambda x, a: F.elu(x, a), "Clevert et al. 2016", "α", 1.0),
    "silu": Activation(
        "SiLU / Swish", lambda x, b: x * torch.sigmoid(b * x), "Elfwing et al. 2018", "β", 1.0
    ),
    "gelu": Activation("GELU", lambda x, _: F.gelu(x), "Hendrycks & Gimpel 2016"),
    "mish": Activation("Mish", lambda x, _: F.mish(x), "Misra 2020"),
}
PARAMETERS: Mapping[str, tuple[float, ...]] = {
    "leaky": (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0),
    "elu": (0.25, 0.5, 1.0, 1.5, 2.0),
    "silu": (0.0, 0.5, 1.0, 2.0, 5.0, 10.0),
}
"""What the parameter of a function may be."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A function at places x: float64 [n] each."""

    x: Tensor
    value: Tensor
    derivative: Tensor
    """By autograd."""


def places() -> Tensor:
    """Return the places at which functions are read, float64 [1201]: whole hundredths."""
    return torch.arange(STEPS, dtype=torch.float64).sub(STEPS // 2).div(100)


def curve(name: str, parameter: float | None = None, x: Tensor | None = None) -> Curve:
    """Return a function's values and derivatives.

    Args:
        name: a key of ``ACTIVATIONS``.
        parameter: alpha or beta of those that have one; the usual one without.
        x: where, float [n]; every hundredth from -6 to 6 without.
    """
    one = ACTIVATIONS[name]
    a = one.usual if parameter is None else parameter
    x = places() if x is None else x
    return Curve(x, one.function(x, a), _slope(one, a, x))


def _slope(one: Activation, a: float, x: Tensor) -> Tensor:
    """Return the derivative at each place: one backward pass through the sum, as no place feels another."""
    at = x.detach().requires_grad_()
    (slope,) = torch.autograd.grad(one.function(at, a).sum(), at)
    return slope


# --- a deep chain of one function -------------------------------------------------------------------------

INITIALISATIONS: Mapping[str, str] = {
    "xavier": later("Xavier (Glorot & Bengio 2010)"),
    "he": later("He (He et al. 2015)"),
    "small": later("Small: standard deviation 0.01"),
}
DEEPEST = 50
BATCH = 128
BINS = 48


@dataclass(frozen=True, eq=False)
class Chain:
    """What a chain of equal layers ``h = f(W h)`` does to values on the way up, and back to gradients."""

    gradient: Tensor
    """Norm of dL/dh for the input and every layer's output, mean over the examples, float64 [depth + 1]."""
    mean: Tensor
    """Of the values of every layer, float64 [depth]."""
    deviation: Tensor
    """Their standard deviation, float64 [depth]."""
    silent: Tensor
    """Share of the units of every layer whose derivative f' is below 0.01 in magnitude, float64 [depth]."""
    histogram: Tensor
    """Share of the values in each of 48 bins, float64 [depth, 48]."""
    low: float
    """Lower end of the bins."""
    high: float
    """Their upper end."""


def chain(
    name: str,
    *,
    depth: int = 20,
    width: int = 64,
    initialisation: str = "xavier",
    scale: float = 1.0,
    parameter: float | None = None,
    seed: int = 0,
) -> Chain:
    """Send normal noise through a chain of layers and a gradient of length 1 back.

    Weights are normal with the standard deviation of the initialisation times ``scale``; there are no biases.
    All in double precision: single precision would round the smallest gradients to zero. The same seed gives
    every function the same noise, weights (up to their scale) and gradient.

    Args:
        name: a key of ``ACTIVATIONS``.
        depth: number of layers, 1 to 50.
        width: units in each.
        initialisation: a key of ``INITIALISATIONS``.
        scale: factor on all weights.
        parameter: of the function, as in ``curve``.
        seed: of noise, weights and gradient.
    """
    one = ACTIVATIONS[name]
    a = one.usual if parameter is None else parameter
    size = deviation(initialisation, width) * scale
    x, direction, weights = _noise(depth, width, seed)
    values = [x.clone().requires_grad_()]
    sums = []
    for weight in weights:
        sums.append(values[-1] @ (weight * size).T)
        values.append(one.function(sums[-1], a))
    loss = (values[-1] * direction).sum()  # of every example on its own: their sum keeps the gradients apart
    gradients = torch.autograd.grad(loss, values)
    slopes = _slope(one, a, torch.stack([before.detach() for before in sums]))
    layers = torch.stack([value.detach() for value in values[1:]])
    low, high = _ends(layers)
    return Chain(
        gradient=torch.stack([gradient.norm(dim=1).mean() for gradient in gradients]),
        mean=layers.mean(dim=(1, 2)),
        deviation=layers.std(dim=(1, 2), correction=0),
        silent=(slopes.abs() < 0.01).double().mean(dim=(1, 2)),
        histogram=torch.stack([torch.histc(layer, BINS, low, high) / layer.numel() for layer in layers]),
        low=low,
        high=high,
    )


@lru_cache(maxsize=2)
def _noise(depth: int, width: int, seed: int) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """Return inputs, gradients of length 1 and weights of deviation 1, drawn once for all functions."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    x, direction = draw(BATCH, width), F.normalize(draw(BATCH, width), dim=1)
    return x, direction, tuple(draw(width, width) for _ in range(depth))


def deviation(initialisation: str, width: int) -> float:
    """Return the standard deviation of the weights of a layer with as many inputs as outputs."""
    if initialisation == "xavier":
        return math.sqrt(2 / (width + width))
    return math.sqrt(2 / width) if initialisation == "he" else 0.01


def _ends(layers: Tensor) -> tuple[float, float]:
    """Return ends that hold nearly all values of all layers, and zero."""
    ordered = layers.flatten()[:: max(1, layers.numel() // 20_000)].sort().values
    rest = len(ordered) // 1000
    low, high = min(0.0, float(ordered[rest])), max(0.0, float(ordered[-1 - rest]))
    return (low, high) if low < high else (-1.0, 1.0)


# --- softmax ----------------------------------------------------------------------------------------------


def softmax(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Return ``softmax(logits / temperature)``, float [n]."""
    return torch.softmax(logits / temperature, dim=-1)


def softmax_jacobian(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Return how each probability (row) changes with each logit (column), float [n, n], by autograd.

    It is ``p_i (1 if i = j else 0 - p_j) / T``.
    """
    return torch.autograd.functional.jacobian(lambda given: softmax(given, temperature), logits)
