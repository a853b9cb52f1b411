"""Softmax: every logit's exponential, divided by their sum.

pᵢ = exp(zᵢ − m) / Σⱼ exp(zⱼ − m) with m = max z, which cancels and keeps the exponentials finite.
"""

from __future__ import annotations

import math

import numpy as np

from explainer.tracing.arithmetic.operands import Index, column, required, tensor_of
from explainer.tracing.arithmetic.result import Arithmetic, Group
from explainer.tracing.arithmetic.rounding import SMALLEST, unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node


def softmax(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain softmax, softmin or log-softmax; the terms are all logits, their products exp(z − max z)."""
    source = required(node)
    shape = tensor_of(source).shape
    dim = node.arguments.get("dim")
    if dim is None:  # the old implicit axis of torch.nn.functional
        dim = 0 if len(shape) in (0, 1, 3) else 1
    dim %= len(shape)
    chosen = index[dim]
    spots: list[np.ndarray | int] = list(index)
    spots[dim] = np.arange(shape[dim])
    logits = column(source, spots)
    z = -logits.values if node.kind == "softmin" else logits.values
    largest = float(z.max())
    exponentials = np.exp(z - largest)
    sum_of = float(exponentials.sum())
    unit = unit_roundoff(node.output)
    distance = abs(float(z[chosen])) + abs(largest)
    if node.kind == "log_softmax":
        total = float(z[chosen]) - largest - math.log(sum_of)
        symbols = "log(exp(z) / Σ exp(z))"
        text = f"{written(float(z[chosen]))} − log({_sum(z)})"
        tolerance = 8 * unit * (distance + math.log(sum_of) + abs(total) + 1)
    else:
        total = float(exponentials[chosen]) / sum_of
        symbols = "exp(z) / Σ exp(z)" if node.kind == "softmax" else "exp(−z) / Σ exp(−z)"
        text = f"exp({written(float(z[chosen]))}) / ({_sum(z)})"
        size = float((np.abs(z - largest) * exponentials).sum()) / sum_of
        tolerance = 8 * unit * total * (distance + size + abs(largest) + math.sqrt(len(z))) + SMALLEST
    note = Phrase("Over {count} numbers.", count=len(z))
    group = Group(Phrase("logits"), None, (logits,), exponentials, float(exponentials[chosen]))
    return Arithmetic(
        kind=node.kind,
        form="softmax",
        groups=(group,),
        bias=None,
        total=total,
        value=value,
        tolerance=tolerance,
        expression=f"{text} = {written(total)}",
        formula=symbols,
        facts={"max": largest, "sum": sum_of},
        chosen=chosen,
        note=note,
    )


def _sum(exponents: np.ndarray) -> str:
    """Return ``exp(2.1) + exp(1.3) + … (8 more)``, largest first when there are many."""
    count = len(exponents)
    order = range(count) if count <= 6 else np.argsort(-exponents, kind="stable")[:3].tolist()
    parts = [f"exp({written(float(exponents[i]))})" for i in order]
    if count > 6:
        parts.append(f"… ({count - 3:,} more)")
    return " + ".join(parts)


SOFTMAX = dict.fromkeys(("softmax", "log_softmax", "softmin"), softmax)
