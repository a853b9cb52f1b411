"""How one number of one tensor was computed: its terms, their sum, and the float error against the tensor."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from explainer.tracing.arithmetic.activations import ACTIVATIONS
from explainer.tracing.arithmetic.convolution import CONVOLUTION
from explainer.tracing.arithmetic.elementwise import ELEMENTWISE
from explainer.tracing.arithmetic.gather import GATHER
from explainer.tracing.arithmetic.layout import arranged, channels_last, extent, locate, maps
from explainer.tracing.arithmetic.linear import LINEAR
from explainer.tracing.arithmetic.normalisation import NORMALISATION
from explainer.tracing.arithmetic.operands import Index
from explainer.tracing.arithmetic.pooling import POOLING
from explainer.tracing.arithmetic.result import (
    Arithmetic,
    Factor,
    Factors,
    Group,
    NotTakenApartError,
    Term,
)
from explainer.tracing.arithmetic.softmax import SOFTMAX
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node

__all__ = [
    "EXPLAINED",
    "Arithmetic",
    "Factor",
    "Factors",
    "Group",
    "Phrase",
    "Term",
    "arranged",
    "channels_last",
    "explain",
    "extent",
    "maps",
]

Explainer = Callable[[Node, Index, float], Arithmetic]

EXPLAINED: dict[str, Explainer] = {
    **GATHER,
    **CONVOLUTION,
    **LINEAR,
    **POOLING,
    **NORMALISATION,
    **ACTIVATIONS,
    **ELEMENTWISE,
    **SOFTMAX,
}
"""Kinds that are taken apart. Any other kind is shown and said to be not taken apart."""


def explain(node: Node, channel: int, y: int = 0, x: int = 0, *, item: int = 0) -> Arithmetic:
    """Explain one number of a node's output.

    Args:
        node: any node of a trace.
        channel: channel of the output. For tokens [N, L, C] the feature, for a tensor of more than four axes
            all axes between batch and the last two, counted row-major.
        y: row; ignored where the output has none ([N, C], sequences, tokens).
        x: pixel in the row, or the token; ignored for [N, C].
        item: which image of the batch.

    Returns:
        The arithmetic; ``value`` is ``maps(node, item)[channel, y, x]``. If the operation is unknown, its
        form is ``"unknown"`` and its note says so.

    Raises:
        ReaderError: if the position is outside the tensor (:func:`extent` gives the bounds).
    """
    index = locate(node, channel, y, x, item)
    value = float(node.output[index].item())
    if node.kind == "input":
        return _given(node, value)
    explainer = EXPLAINED.get(node.kind)
    if explainer is None:
        reason = Phrase("The operation {kind} is shown but not taken apart.", kind=node.kind)
        return _unknown(node, value, reason)
    try:
        with np.errstate(all="ignore"):
            return explainer(node, index, value)
    except NotTakenApartError as error:
        return _unknown(node, value, error.reason)


def _given(node: Node, value: float) -> Arithmetic:
    return Arithmetic(
        kind=node.kind,
        form="given",
        groups=(),
        bias=None,
        total=value,
        value=value,
        tolerance=0.0,
        expression=written(value),
        formula="x",
        note=Phrase("This is the image as the network received it."),
    )


def _unknown(node: Node, value: float, reason: Phrase) -> Arithmetic:
    return Arithmetic(
        kind=node.kind,
        form="unknown",
        groups=(),
        bias=None,
        total=math.nan,
        value=value,
        tolerance=0.0,
        expression=written(value),
        note=reason,
    )
