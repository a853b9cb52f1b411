"""Arithmetic of two operands: residual additions, gates, scalings, with broadcasting."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from explainer.tracing.arithmetic.operands import Index, broadcast_column, constant
from explainer.tracing.arithmetic.result import (
    Arithmetic,
    Factors,
    Group,
    NotTakenApartError,
    single,
    total_of_sum,
)
from explainer.tracing.arithmetic.rounding import SMALLEST, unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node


def addition(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain ``input ± alpha × other``: one group for each operand."""
    first, second = _pair(node)
    alpha = float(node.arguments.get("alpha", 1))
    if node.kind == "sub":
        alpha = -alpha
    added = broadcast_column(second, index)
    factors = (added,) if alpha == 1 else (constant(alpha), added)
    groups = (
        _labelled(first, (broadcast_column(first, index),)),
        _labelled(second, factors),
    )
    symbols = {1.0: "a + b", -1.0: "a − b"}.get(alpha, "a + alpha × b")
    result = total_of_sum(node.kind, node.output, value, groups, formula=symbols)
    if alpha == -1:
        a, b = groups[0].subtotal, float(added.values[0])
        expression = f"{written(a)} − {written(b, inner=True)} = {written(result.total)}"
        return replace(result, expression=expression)
    return result


def multiplication(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain ``input × other``, such as the gate of squeeze-and-excitation."""
    first, second = _pair(node)
    columns = (broadcast_column(first, index), broadcast_column(second, index))
    group = single(columns, Phrase("product"), _channel(columns))
    return _of_two(node, value, "product", group, group.subtotal, "×")


def division(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain ``input / other``."""
    if node.arguments.get("rounding_mode") is not None:
        raise NotTakenApartError(Phrase("A division that rounds to whole numbers."))
    first, second = _pair(node)
    columns = (broadcast_column(first, index), broadcast_column(second, index))
    with np.errstate(all="ignore"):
        quotients = columns[0].values / columns[1].values
    group = Group(Phrase("quotient"), _channel(columns), columns, quotients, float(quotients[0]))
    return _of_two(node, value, "quotient", group, group.subtotal, "/")


def extreme_of_two(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain ``maximum(input, other)`` or ``minimum``: a group for each operand, ``chosen`` says which."""
    first, second = _pair(node)
    columns = [broadcast_column(operand, index) for operand in (first, second)]
    numbers = np.concatenate([column.values for column in columns])
    largest = node.kind == "maximum"
    chosen = int(numbers.argmax() if largest else numbers.argmin())
    total = float(numbers[chosen])
    name = "max" if largest else "min"
    return Arithmetic(
        kind=node.kind,
        form="max" if largest else "min",
        groups=tuple(_labelled(o, (c,)) for o, c in zip((first, second), columns, strict=True)),
        bias=None,
        total=total,
        value=value,
        tolerance=0.0,
        expression=f"{name}({written(numbers[0])}, {written(numbers[1])}) = {written(total)}",
        formula=f"{name}(a, b)",
        chosen=chosen,
    )


def _pair(node: Node) -> tuple[Any, Any]:
    first, second = node.arguments.get("input"), node.arguments.get("other")
    if first is None or second is None:
        raise NotTakenApartError(Phrase("It does not have two operands."))
    return first, second


def _labelled(operand: Any, factors: tuple[Factors, ...]) -> Group:
    label = Phrase("{name}", name=operand.name) if isinstance(operand, Node) else Phrase("constant")
    return single(factors, label, _channel(factors))


def _channel(columns: tuple[Factors, ...]) -> int | None:
    return next((int(c.positions[0, 0]) for c in columns if c.positions is not None), None)


def _of_two(node: Node, value: float, form: Any, group: Group, total: float, sign: str) -> Arithmetic:
    a, b = (float(column.values[0]) for column in group.factors)
    unit = unit_roundoff(node.output)
    finite = abs(total) if math.isfinite(total) else 0.0
    return Arithmetic(
        kind=node.kind,
        form=form,
        groups=(group,),
        bias=None,
        total=total,
        value=value,
        tolerance=4 * unit * finite + (SMALLEST if unit else 0.0),
        expression=f"{written(a)} {sign} {written(b, inner=True)} = {written(total)}",
        formula=f"a {sign} b",
        chosen=0,
    )


ELEMENTWISE = {
    "add": addition,
    "sub": addition,
    "mul": multiplication,
    "div": division,
    "maximum": extreme_of_two,
    "minimum": extreme_of_two,
}
