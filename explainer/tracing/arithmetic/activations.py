"""Functions of one number: activations and elementary functions, as a table.

Definitions are those of the PyTorch documentation. Sources of the less obvious: D. Hendrycks and K. Gimpel,
"Gaussian Error Linear Units", arXiv:1606.08415, 2016; P. Ramachandran, B. Zoph and Q. V. Le, "Searching for
Activation Functions" (SiLU), arXiv:1710.05941, 2017; D. Misra, "Mish", arXiv:1908.08681, 2019; A. Howard et
al., "Searching for MobileNetV3" (the hard variants), arXiv:1905.02244, 2019; G. Klambauer et al.,
"Self-Normalizing Neural Networks" (SELU), arXiv:1706.02515, 2017; K. He et al., "Delving Deep into
Rectifiers" (PReLU), arXiv:1502.01852, 2015.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explainer.tracing.arithmetic.operands import Index, column, is_tensor, required, tensor_of
from explainer.tracing.arithmetic.result import Arithmetic, NotTakenApartError, single
from explainer.tracing.arithmetic.rounding import SMALLEST, unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


@dataclass(frozen=True)
class Activation:
    """One function: how it is written, how it is computed, what it rounds."""

    text: str
    """Formula with the field ``{x}`` and one field for each parameter."""
    compute: Callable[..., Any]
    """float64 function of x and of the parameters by name."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Field of the formula to the name of the operation's argument."""
    exact: bool = False
    """Whether the result is not rounded at all."""
    loses: Callable[[float], float] = lambda x: 0.0
    """Size of intermediate numbers that cancel; their rounding is added to that of the result."""


def _sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x))


def _softplus(x: float, beta: float = 1.0, threshold: float = 20.0) -> float:
    return x if x * beta > threshold else np.log1p(np.exp(x * beta)) / beta


def _relu6(x: float) -> float:
    return np.minimum(np.maximum(x, 0.0), 6.0)


def _gelu_tanh(x: float) -> float:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _size(x: float) -> float:
    return abs(x)


def _one(x: float) -> float:
    return 1.0


def _three(x: float) -> float:
    return abs(x) + 3.0


ACTIVATION: dict[str, Activation] = {
    "relu": Activation("max(0, {x})", lambda x: np.maximum(x, 0.0), exact=True),
    "relu6": Activation("min(max(0, {x}), 6)", _relu6, exact=True),
    "leaky_relu": Activation(
        "max(0, {x}) + {slope} × min(0, {x})",
        lambda x, slope: x if x > 0 else slope * x,
        {"slope": "negative_slope"},
    ),
    "prelu": Activation(
        "max(0, {x}) + {slope} × min(0, {x})",
        lambda x, slope: x if x > 0 else slope * x,
        {"slope": "weight"},
    ),
    "elu": Activation(
        "max(0, {x}) + min(0, {alpha} × (exp({x}) − 1))",
        lambda x, alpha: x if x > 0 else alpha * np.expm1(x),
        {"alpha": "alpha"},
        loses=_one,
    ),
    "celu": Activation(
        "max(0, {x}) + min(0, {alpha} × (exp({x} / {alpha}) − 1))",
        lambda x, alpha: x if x > 0 else alpha * np.expm1(x / alpha),
        {"alpha": "alpha"},
        loses=_one,
    ),
    "selu": Activation(
        f"{_SELU_SCALE:.4f} × (max(0, {{x}}) + min(0, {_SELU_ALPHA:.4f} × (exp({{x}}) − 1)))",
        lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * np.expm1(x)),
        loses=_one,
    ),
    "gelu": Activation(
        "{x} × Φ({x}), Φ(x) = (1 + erf(x / √2)) / 2",
        lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2)),
        loses=_size,
    ),
    "gelu_tanh": Activation(
        "{x} / 2 × (1 + tanh(√(2/π) × ({x} + 0.044715 × {x}³)))",
        _gelu_tanh,
        loses=_size,
    ),
    "silu": Activation("{x} / (1 + exp(−{x}))", lambda x: x * _sigmoid(x)),
    "mish": Activation("{x} × tanh(log(1 + exp({x})))", lambda x: x * np.tanh(_softplus(x, threshold=100.0))),
    "sigmoid": Activation("1 / (1 + exp(−{x}))", _sigmoid),
    "log_sigmoid": Activation(
        "−log(1 + exp(−{x}))", lambda x: -_softplus(-x, threshold=math.inf), loses=_one
    ),
    "tanh": Activation("tanh({x})", np.tanh),
    "hardswish": Activation(
        "{x} × min(max(0, {x} + 3), 6) / 6", lambda x: x * _relu6(x + 3) / 6, loses=_three
    ),
    "hardsigmoid": Activation("min(max(0, {x} + 3), 6) / 6", lambda x: _relu6(x + 3) / 6, loses=_three),
    "hardtanh": Activation(
        "min(max({low}, {x}), {high})",
        lambda x, low, high: np.minimum(np.maximum(x, low), high),
        {"low": "min_val", "high": "max_val"},
    ),
    "softplus": Activation(
        "log(1 + exp({beta} × {x})) / {beta}, above {threshold}: x",
        _softplus,
        {"beta": "beta", "threshold": "threshold"},
    ),
    "softsign": Activation("{x} / (1 + |{x}|)", lambda x: x / (1 + abs(x))),
    "tanhshrink": Activation("{x} − tanh({x})", lambda x: x - np.tanh(x), loses=_size),
    "softshrink": Activation(
        "sign({x}) × max(0, |{x}| − {threshold})",
        lambda x, threshold: np.sign(x) * np.maximum(abs(x) - threshold, 0.0),
        {"threshold": "lambd"},
        loses=_size,
    ),
    "hardshrink": Activation(
        "{x} if |{x}| > {threshold} else 0",
        lambda x, threshold: 0.0 if abs(x) <= threshold else x,
        {"threshold": "lambd"},
    ),
    "threshold": Activation(
        "{x} if {x} > {threshold} else {other}",
        lambda x, threshold, other: other if x <= threshold else x,
        {"threshold": "threshold", "other": "value"},
    ),
    "clamp_min": Activation("max({low}, {x})", lambda x, low: np.maximum(x, low), {"low": "min"}),
    "clamp_max": Activation("min({x}, {high})", lambda x, high: np.minimum(x, high), {"high": "max"}),
    "clamp": Activation(
        "min(max({low}, {x}), {high})",
        lambda x, low, high: np.minimum(np.maximum(x, low), high),
        {"low": "min", "high": "max"},
    ),
    "exp": Activation("exp({x})", np.exp),
    "expm1": Activation("exp({x}) − 1", np.expm1),
    "log": Activation("log({x})", np.log),
    "log1p": Activation("log(1 + {x})", np.log1p),
    "sqrt": Activation("√{x}", np.sqrt),
    "rsqrt": Activation("1 / √{x}", lambda x: 1 / np.sqrt(x)),
    "reciprocal": Activation("1 / {x}", lambda x: 1 / np.float64(x)),
    "square": Activation("{x}²", lambda x: x * x),
    "pow": Activation(
        "{x} ^ {exponent}", lambda x, exponent: np.power(x, exponent), {"exponent": "exponent"}
    ),
    "abs": Activation("|{x}|", abs, exact=True),
    "neg": Activation("−({x})", lambda x: -x, exact=True),
    "sign": Activation("sign({x})", np.sign, exact=True),
    "floor": Activation("⌊{x}⌋", np.floor, exact=True),
    "ceil": Activation("⌈{x}⌉", np.ceil, exact=True),
    "round": Activation("round({x})", np.round, exact=True),
    "erf": Activation("erf({x})", math.erf),
    "sin": Activation("sin({x})", np.sin),
    "cos": Activation("cos({x})", np.cos),
}
"""Every known function of one number by its kind; ``gelu_tanh`` is ``gelu`` with ``approximate="tanh"``."""


def activation(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain a function that is applied to each number by itself.

    Raises:
        NotTakenApartError: if a parameter is a tensor computed by the network.
    """
    source = required(node)
    key = "gelu_tanh" if node.kind == "gelu" and node.arguments.get("approximate") == "tanh" else node.kind
    function = ACTIVATION[key]
    taken = column(source, index)
    facts = {name: _parameter(node, argument, index) for name, argument in function.parameters.items()}
    x = float(taken.values[0])
    with np.errstate(all="ignore"):
        total = float(function.compute(np.float64(x), **facts))
    tolerance = 0.0
    if not function.exact:
        lost = function.loses(x) if math.isfinite(x) else 0.0
        finite = abs(total) if math.isfinite(total) else 0.0
        tolerance = 8 * unit_roundoff(node.output) * (lost + finite) + SMALLEST
    shown = {name: written(number, inner=True) for name, number in facts.items()}
    channel = None if taken.positions is None else int(taken.positions[0, 0])
    return Arithmetic(
        kind=node.kind,
        form="function",
        groups=(single([taken], Phrase("input"), channel),),
        bias=None,
        total=total,
        value=value,
        tolerance=tolerance,
        expression=f"{function.text.format(x=written(x, inner=True), **shown)} = {written(total)}",
        formula=function.text.format(x="x", **{name: name for name in facts}),
        facts=facts,
        chosen=0,
    )


def _parameter(node: Node, name: str, index: Index) -> float:
    """Return a parameter of an activation: a number, infinity for an open bound, a channel's slope."""
    given = node.arguments.get(name)
    if given is None:
        return -math.inf if name.startswith("min") else math.inf
    if isinstance(given, Node):
        raise NotTakenApartError(Phrase("The parameter {name} was computed by the network.", name=name))
    if is_tensor(given):
        tensor = tensor_of(given)
        if tensor.numel() == 1:
            return float(tensor.item())
        if node.kind == "prelu":
            return float(tensor[index[1]].item())
        raise NotTakenApartError(Phrase("The argument {name} is a tensor.", name=name))
    return float(given)


ACTIVATIONS = dict.fromkeys((kind for kind in ACTIVATION if kind != "gelu_tanh"), activation)
