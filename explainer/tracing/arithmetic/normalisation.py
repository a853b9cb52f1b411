"""Normalisation: subtract a mean, divide by a standard deviation, scale and shift.

y = (x − mean) / √(variance + eps) × weight + bias. What differs is over which numbers mean and variance are
taken. Sources: S. Ioffe and C. Szegedy, "Batch Normalization", arXiv:1502.03167, 2015; J. L. Ba, J. R. Kiros
and G. E. Hinton, "Layer Normalization", arXiv:1607.06450, 2016; D. Ulyanov, A. Vedaldi and V. Lempitsky,
"Instance Normalization", arXiv:1607.08022, 2016; Y. Wu and K. He, "Group Normalization", arXiv:1803.08494,
2018; B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467, 2019.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explainer.tracing.arithmetic.operands import Index, column, constant, entry, numbers, required, tensor_of
from explainer.tracing.arithmetic.result import Arithmetic, single
from explainer.tracing.arithmetic.rounding import SMALLEST, unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node


def batch_norm(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain batch normalisation, with the stored statistics or, in training mode, those of the batch."""
    source = required(node)
    tensor = tensor_of(source)
    channel = index[1]
    mean, variance = node.arguments.get("running_mean"), node.arguments.get("running_var")
    sample = None
    if node.arguments.get("training", False) or mean is None or variance is None:
        sample = numbers(tensor[:, channel])
    return _normalised(
        node,
        source,
        index,
        value,
        sample=sample,
        stored=None if sample is not None else (entry(mean, channel), entry(variance, channel)),
        weight=_optional(node, "weight", channel),
        bias=_optional(node, "bias", channel),
    )


def instance_norm(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain instance normalisation: statistics of one channel of one image."""
    source = required(node)
    channel = index[1]
    sample, stored = numbers(tensor_of(source)[index[0], channel]), None
    if not node.arguments.get("use_input_stats", True):
        mean, variance = node.arguments.get("running_mean"), node.arguments.get("running_var")
        stored = (entry(mean, channel), entry(variance, channel))
    return _normalised(
        node,
        source,
        index,
        value,
        sample=None if stored else sample,
        stored=stored,
        weight=_optional(node, "weight", channel),
        bias=_optional(node, "bias", channel),
    )


def group_norm(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain group normalisation: statistics of one group of channels of one image."""
    source = required(node)
    tensor = tensor_of(source)
    size = tensor.shape[1] // node.arguments["num_groups"]
    start = index[1] // size * size
    return _normalised(
        node,
        source,
        index,
        value,
        sample=numbers(tensor[index[0], start : start + size]),
        weight=_optional(node, "weight", index[1]),
        bias=_optional(node, "bias", index[1]),
    )


def layer_norm(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain layer or RMS normalisation: statistics over the last axes at one place."""
    source = required(node)
    shape = node.arguments["normalized_shape"]
    axes = 1 if isinstance(shape, int) else len(shape)
    tensor = tensor_of(source)
    eps = node.arguments.get("eps")
    return _normalised(
        node,
        source,
        index,
        value,
        sample=numbers(tensor[index[: tensor.ndim - axes]]),
        weight=_optional(node, "weight", index[tensor.ndim - axes :]),
        bias=_optional(node, "bias", index[tensor.ndim - axes :]),
        eps=float(np.finfo(np.float32).eps) if eps is None else eps,
        centred=node.kind != "rms_norm",
    )


def _optional(node: Node, name: str, at: Any) -> float | None:
    operand = node.arguments.get(name)
    return None if operand is None else entry(operand, at)


def _normalised(
    node: Node,
    source: Any,
    index: Index,
    value: float,
    *,
    sample: np.ndarray | None = None,
    stored: tuple[float, float] | None = None,
    weight: float | None,
    bias: float | None,
    eps: float | None = None,
    centred: bool = True,
) -> Arithmetic:
    """Compute y = x × scale + shift with scale = weight / √(variance + eps), shift = bias − mean × scale.

    The tolerance follows from rounding x, mean and bias, and from the error of a float32 variance, which in
    the form E[x²] − E[x]² loses the factor E[x²] / variance.
    """
    note, unit = None, unit_roundoff(node.output)
    eps = float(node.arguments.get("eps", 1e-5)) if eps is None else eps
    size_of_mean = variance_error = 0.0
    if stored is not None:
        mean, variance = stored
    else:
        assert sample is not None
        count = sample.size
        mean = float(sample.mean()) if centred else 0.0
        variance = float(((sample - mean) ** 2).mean())
        note = Phrase("Mean and variance are taken over {count} numbers.", count=count)
        if not centred:
            note = Phrase("The mean square is taken over {count} numbers.", count=count)
        size_of_mean = float(np.abs(sample).mean()) * math.sqrt(math.log2(count + 1))
        square = float((sample**2).mean())
        variance_error = unit * math.sqrt(count + 2) * square / (variance + eps)
    deviation = math.sqrt(variance + eps)
    scale = (1.0 if weight is None else weight) / deviation
    shift = (0.0 if bias is None else bias) - mean * scale
    taken = column(source, index)
    x = float(taken.values[0])
    total = x * scale + shift
    spread = (abs(x) + abs(mean) + size_of_mean) * abs(scale) + abs(bias or 0.0) + abs(total)
    tolerance = 8 * unit * spread + variance_error * abs((x - mean) * scale) + SMALLEST
    top = f"({written(x)} − {written(mean, inner=True)})" if centred else written(x)
    symbols = "(x − mean) / √(variance + eps)" if centred else "x / √(mean of squares + eps)"
    expression = f"{top} / √({written(variance)} + {written(eps)})"
    facts = {"mean": mean, "variance": variance} if centred else {"mean_square": variance}
    facts["eps"] = eps
    if weight is not None:
        symbols += " × weight"
        expression += f" × {written(weight, inner=True)}"
        facts["weight"] = weight
    if bias is not None:
        symbols += " + bias"
        expression += f" + {written(bias, inner=True)}"
        facts["bias"] = bias
    channel = None if taken.positions is None else int(taken.positions[0, 0])
    return Arithmetic(
        kind=node.kind,
        form="affine",
        groups=(single([taken, constant(scale)], Phrase("input"), channel),),
        bias=shift,
        total=total,
        value=value,
        tolerance=tolerance,
        expression=f"{expression} = {written(total)}",
        formula=symbols,
        facts=facts,
        chosen=0,
        note=note,
    )


NORMALISATION = {
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "rms_norm": layer_norm,
}
