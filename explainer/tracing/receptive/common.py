"""What the rules of all operations share: their form, and what is done with an operation nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explainer.tracing.arithmetic.text import Phrase
from explainer.tracing.graph import Node
from explainer.tracing.receptive.reach import BOUND, UNDEFINED, Reach, collapsed, union, without_local

Reaches = Mapping[Node, Reach | None]
Rule = Callable[[Node, Reaches], Reach | None]
"""From a node and the reaches of its inputs (``None``: does not depend on the image) to its own."""

POOLED = Phrase("A pooling over the whole map is on the way: through it every unit sees the whole image.")
ATTENDS = Phrase("Attention is on the way: through it every unit sees all that any token sees.")
NORMALISED = Phrase(
    "A normalisation over the whole map is on the way: its mean and spread see the whole image."
)
CHOSEN = Phrase("What is read here is chosen by the values themselves, so its place cannot be told.")


def inputs(node: Node, reaches: Reaches) -> list[Reach]:
    """Return the reaches of all inputs that depend on the image."""
    return [reach for source in node.inputs if (reach := reaches[source]) is not None]


def source_of(node: Node, reaches: Reaches) -> tuple[Reach | None, tuple[int, ...]]:
    """Return the reach and the shape of the data argument; ``None`` if it does not depend on the image."""
    source = node.arguments.get("input")
    if not isinstance(source, Node) and node.inputs:
        source = node.inputs[0]
    return (reaches[source], source.shape) if isinstance(source, Node) else (None, ())


def elementwise(node: Node, reaches: Reaches) -> Reach | None:
    """Each number from the numbers at the same place."""
    if len(node.inputs) == 1:
        only = reaches[node.inputs[0]]
        if only is None or only.tables[0].ndim == len(node.shape) + 1:
            return only
    found = inputs(node, reaches)
    return union(found, len(node.shape)) if found else None


def unknown(node: Node, reaches: Reaches) -> Reach | None:
    """Each number at most from everything."""
    found = inputs(node, reaches)
    if not found:
        return None
    reason = Phrase("What {kind} reads is not known: at most all that its inputs see.", kind=node.kind)
    return everything(found, len(node.shape)).because(BOUND, reason)


def chosen(node: Node, reaches: Reaches) -> Reach | None:
    """Values that are looked up at places that depend on the values."""
    found = inputs(node, reaches)
    return everything(found, len(node.shape)).because(UNDEFINED, CHOSEN) if found else None


def everything(found: list[Reach], dimensions: int) -> Reach:
    """Let every number see all that any of the inputs' numbers sees."""
    return without_local(union([collapsed(reach, dimensions) for reach in found], dimensions))
